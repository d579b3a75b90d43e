"""Energies that people bring: measured, or computed by themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from rdkit import Chem

from organode.artifacts import TARGETS
from organode.chem.reading.column import read_molecules
from organode.errors import UsageError
from organode.fetch.local import file
from organode.improve.levels import GIVEN
from organode.settings import Curate, FileColumns, FileSource
from organode.utils.progress import say

FAR = 1.5  # eV from the prediction: rather another reference or sign than a surprise
OFFSET = 0.2  # eV; a median difference from which on the user is warned
BOUNDS = {"IE": Curate().IE_bounds, "EA": Curate().EA_bounds}  # eV vs vacuum


def read_given(path: Path) -> pd.DataFrame:
    """Read a table of energies: SMILES, and IE or EA or both, in eV vs vacuum.

    Returns
    -------
    pandas.DataFrame
        A row for each row of the file: `given`, the structure as written; `smiles`, canonical and
        without stereo, empty if there is no molecule; `level`, ``given``; `IE`, `EA`, NaN where
        they are missing or cannot be used; `status`, ``ok`` or what is wrong with the row;
        `seconds`, NaN. Of several rows with the same structure the first is used.

    Raises
    ------
    UsageError
        If the file cannot be read, or has no column of structures or of energies.
    """
    raw = _read(path)
    parsed, status, _ = read_molecules(raw["smiles"].fillna("").tolist(), raw["problem"].fillna(""))
    smiles = ["" if molecule is None else Chem.MolToSmiles(molecule) for molecule in parsed]
    found = pd.DataFrame(
        {"given": raw["smiles"].fillna("").astype(str), "smiles": smiles, "level": GIVEN}
    )
    reasons = [
        [why] if why != "ok" else [text] if text else []
        for why, text in zip(status, raw["unread"].fillna(""), strict=True)
    ]
    for target in TARGETS:
        values = raw[target].to_numpy(float).copy()
        low, high = BOUNDS[target]
        for row in np.flatnonzero(
            np.isfinite(values) & ((values < low) | (values > high))
        ).tolist():
            reasons[row].append(
                f"{target} of {values[row]:g} eV is not between {low:g} and {high:g} eV"
            )
            values[row] = np.nan
        found[target] = np.where(found["smiles"] == "", np.nan, values)
    repeated = found["smiles"].duplicated() & (found["smiles"] != "")
    for row in range(len(found)):
        if repeated[row]:
            reasons[row].append("the structure of an earlier row")
        elif not reasons[row] and found.loc[row, list(TARGETS)].isna().all():
            reasons[row].append("neither IE nor EA")
    found.loc[repeated, list(TARGETS)] = np.nan
    found["status"] = ["; ".join(why) or "ok" for why in reasons]
    return found.assign(seconds=np.nan)


def _read(path: Path) -> pd.DataFrame:
    """Read the columns of a file: a file may lack one of the two energies."""
    for columns in (FileColumns(), FileColumns(EA=None), FileColumns(IE=None)):
        try:
            with file(FileSource(path=path, columns=columns), None) as raw:
                return raw.table
        except UsageError as error:
            problem = error
            if "column" not in str(error):
                break
    raise problem


def compare_with_predictions(given: pd.DataFrame, predicted: pd.DataFrame) -> pd.DataFrame:
    """Refuse energies that are far from all that the model predicts, and warn of an offset.

    `predicted` has the columns `IE` and `EA` for each row of `given`. The rows are returned, with
    refused energies missing and the reason in `status`.
    """
    checked, status = given.copy(), given["status"].astype(str).tolist()
    for target in TARGETS:
        error = (checked[target] - predicted[target]).to_numpy(float)
        far = np.abs(error) > FAR
        for row in np.flatnonzero(far).tolist():
            why = f"{target} is {error[row]:+.2f} eV off the prediction: another scale or sign?"
            status[row] = why if status[row] == "ok" else f"{status[row]}; {why}"
        checked.loc[far, target] = np.nan
        kept = error[np.abs(error) <= FAR]
        if len(kept) and abs(float(np.median(kept))) > OFFSET:
            say(
                f"the given {target} are {np.median(kept):+.2f} eV off the predictions (median of "
                f"{len(kept)}): are they vertical energies in acetonitrile, vs vacuum?"
            )
    return checked.assign(status=status)
