"""Corrections of xTB energies to density functional theory, and their errors.

A quantity is an energy of the gas phase in the columns ``<quantity>_ipea1``, ``<quantity>_gfn2``
and ``<quantity>_b3lyp``, eV: the vertical `IE` and `EA`, and the relaxation energies of the ions,
`IE_relaxation` and `EA_relaxation`, which are positive (vertical minus adiabatic IE, adiabatic
minus vertical EA).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from rdkit import Chem

from organode.chem.molecule import kind
from organode.chem.orbitals.huckel import NAMES, orbitals
from organode.chem.similarity import packed_bits
from organode.errors import OrganodeError
from organode.label.process import Inputs, Process

VERTICAL = ("IE", "EA")
RELAXATION = ("IE_relaxation", "EA_relaxation")
FRONTIER = {"IE": "HOMO", "EA": "LUMO"}  # the orbital that an electron leaves or enters
FOLDS = 5
MIN_MOLECULES = 50  # with both levels, needed to fit a correction
# GFN2-xTB has no diffuse functions: its affinity for an unbound electron falls without limit, and
# values below this mean no more than that.
MIN_GFN2 = -2.0  # eV
# Limits of a relaxation energy. Larger values are cleavages, on which the methods do not agree.
RELAXATION_LIMITS = (0.0, 1.5)  # eV
# What the line of a correction is linear in.
LINE = ("constant", "IPEA1-xTB", "GFN2-xTB", "charge", "unpaired electrons")


@dataclass(frozen=True)
class Correction:
    """Correction of a quantity: a line, and a Gaussian process on what it leaves.

    Attributes
    ----------
    quantity : str
        One of `VERTICAL` or `RELAXATION`.
    n : int
        Number of species in the fit.
    process : Process
        Line and process. The line is linear in `LINE`; xTB's values are limited by `MIN_GFN2` and
        `RELAXATION_LIMITS`.
    """

    quantity: str
    n: int
    process: Process

    def apply(self, table: pd.DataFrame) -> np.ndarray:
        """Return the calibrated energies, eV; shape (rows,).

        Parameters
        ----------
        table : pandas.DataFrame
            `smiles`, and xTB's values of both targets' vertical energies and of the quantity, eV;
            where the quantity is missing, the result is NaN.
        """
        known = table[[f"{self.quantity}_ipea1", f"{self.quantity}_gfn2"]].notna().all(axis=1)
        calibrated = np.full(len(table), np.nan)
        if known.any():
            inputs = _inputs(table[known], self.quantity)
            calibrated[known.to_numpy()] = self.process.predict(inputs)
        return calibrated


def fit(table: pd.DataFrame, quantity: str) -> Correction:
    """Fit the correction of a quantity.

    The descriptors of the process are xTB's energies of both targets and of the quantity, charge
    and spin, and the frontier orbital of the Hückel model (`organode.chem.orbitals.huckel`).

    Parameters
    ----------
    table : pandas.DataFrame
        `smiles`; xTB's values of both targets' vertical energies and of the quantity, and the
        quantity by B3LYP, eV; rows without the latter are left out.
    quantity : str
        One of `VERTICAL` or `RELAXATION`.

    Raises
    ------
    OrganodeError
        If fewer than `MIN_MOLECULES` rows have both levels.
    """
    both = table[_has_both(table, quantity)]
    if len(both) < MIN_MOLECULES:
        raise OrganodeError(
            f"only {len(both)} molecules have {quantity} by B3LYP and by xTB, {MIN_MOLECULES} are "
            "needed: label more of them with --level b3lyp"
        )
    exact = both[f"{quantity}_b3lyp"].to_numpy(float)
    return Correction(quantity, len(both), Process.fit(_inputs(both, quantity), exact))


def _has_both(table: pd.DataFrame, quantity: str) -> pd.Series:
    """Return which rows have a quantity by B3LYP and by xTB."""
    return table[[f"{quantity}_{end}" for end in ("b3lyp", "ipea1", "gfn2")]].notna().all(axis=1)


def out_of_fold(
    table: pd.DataFrame, quantity: str, families: Sequence[str] | None = None
) -> pd.Series:
    """Return each row's energy calibrated by a fit without the row, eV.

    Parameters
    ----------
    table : pandas.DataFrame
        As for `fit`; the result's index is that of its rows with both levels.
    quantity : str
        One of `VERTICAL` or `RELAXATION`.
    families : sequence of str, optional
        Family of each row: the whole family of a row is left out of its fit. If there is only one
        family, its rows have no value. When omitted, every fifth row is left out.
    """
    chosen = _has_both(table, quantity).to_numpy()
    both = table[chosen]
    fold = np.arange(len(both)) % FOLDS if families is None else np.asarray(families)[chosen]
    inputs, exact = _inputs(both, quantity), both[f"{quantity}_b3lyp"].to_numpy(float)
    hyperparameters = Process.fit(inputs, exact).hyperparameters
    calibrated = np.full(len(both), np.nan)
    for number in np.unique(fold):
        out = fold == number
        if out.all():  # the only family: no rows are left for the fit
            break
        process = Process.fit(inputs.of(~out), exact[~out], hyperparameters)
        calibrated[out] = process.predict(inputs.of(out))
    return pd.Series(calibrated, index=both.index)


def errors(table: pd.DataFrame, families: Sequence[str] | pd.Series) -> pd.DataFrame:
    """Compare xTB, raw and calibrated out of fold, with B3LYP.

    Parameters
    ----------
    table : pandas.DataFrame
        As for `fit`, with one or more quantities by B3LYP.
    families : sequence of str
        Family of each row.

    Returns
    -------
    pandas.DataFrame
        `quantity`, `family` (``all``, ``all, bound`` for affinities above 0, then each family),
        `n`, `raw_mae`, `raw_mean_error`, `mae`, `mean_error` (value minus B3LYP, eV),
        `left_out_mae` (calibrated by a fit without the family) and `r` (Pearson, of the calibrated
        values).
    """
    family = pd.Series(list(families), index=table.index)
    rows = []
    for quantity in (*VERTICAL, *RELAXATION):
        if f"{quantity}_b3lyp" not in table:
            continue
        calibrated = out_of_fold(table, quantity)
        exact = table.loc[calibrated.index, f"{quantity}_b3lyp"]
        frame = pd.DataFrame(
            {
                "raw": table.loc[calibrated.index, f"{quantity}_ipea1"] - exact,
                "calibrated": calibrated - exact,
                "exact": exact,
                "value": calibrated,
                "left_out": out_of_fold(table, quantity, family.tolist()) - exact,
                "family": family[calibrated.index],
            }
        )
        parts = [("all", frame)]
        if quantity == "EA":
            parts.append(("all, bound", frame[frame["exact"] > 0]))
        parts += [(str(name), part) for name, part in frame.groupby("family")]
        rows += [{"quantity": quantity, "family": name, **_measures(part)} for name, part in parts]
    return pd.DataFrame(rows)


def _measures(part: pd.DataFrame) -> dict[str, float]:
    """Return the error measures of some rows."""
    has_correlation = len(part) > 2
    return {
        "n": len(part),
        "raw_mae": float(part["raw"].abs().mean()),
        "raw_mean_error": float(part["raw"].mean()),
        "mae": float(part["calibrated"].abs().mean()),
        "mean_error": float(part["calibrated"].mean()),
        "left_out_mae": float(part["left_out"].abs().mean()),
        "r": float(part["value"].corr(part["exact"])) if has_correlation else float("nan"),
    }


def _inputs(table: pd.DataFrame, quantity: str) -> Inputs:
    """Return the inputs of the process for each row."""
    molecules = [Chem.MolFromSmiles(smiles) for smiles in table["smiles"]]
    kinds = np.array([kind(molecule) for molecule in molecules], float)
    line = np.column_stack([np.ones(len(table)), _energies(table, quantity), kinds])
    chosen = [
        column
        for column, name in enumerate(NAMES)
        if name == "centres" or (name.startswith(FRONTIER[quantity[:2]]) and "textbook" not in name)
    ]
    of_orbitals = orbitals(molecules).descriptors[:, chosen].astype(float)
    quantities = dict.fromkeys((*VERTICAL, quantity))
    energies = [_energies(table, name) for name in quantities]
    return Inputs(line, np.hstack([*energies, of_orbitals, kinds]), packed_bits(molecules))


def _energies(table: pd.DataFrame, quantity: str) -> np.ndarray:
    """Return a quantity by IPEA1-xTB and by GFN2-xTB, shape (rows, 2), within the limits."""
    ipea1, gfn2 = (table[f"{quantity}_{end}"].to_numpy(float) for end in ("ipea1", "gfn2"))
    both = np.column_stack([ipea1, np.maximum(gfn2, MIN_GFN2)])
    return np.clip(both, *RELAXATION_LIMITS) if quantity in RELAXATION else both
