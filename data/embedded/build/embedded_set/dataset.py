"""Write the embedded data set from tables of labels: molecules, ions, failures, data card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from embedded_set.card import card
from embedded_set.experiment import (
    accuracy,
    label_experiment,
    read_labelled_experiment,
    with_dft,
)
from organode.errors import OrganodeError
from organode.label.correction import RELAXATION, VERTICAL, Correction, errors, fit
from organode.label.ions.relaxed import MAX_FURTHER
from organode.label.ions.table import KINDS, ions_path, read_ions, write_ions
from organode.label.xtb import SHIFT
from organode.utils.files import replacing
from organode.utils.resources import explained
from organode.utils.tables import read_csv, write_csv

SIGNS = {"IE": 1, "EA": -1}  # label = sign × (E(ion) − E(species))
IONS = "ions.parquet"
WRITTEN = ("molecules.csv", IONS, "failures.csv", "experiment.csv", "README.md")
# Energies in a table of labels: in solution, and in the gas phase.
NUMBERS = ["IE_vertical", "EA_vertical", "IE_ipea1", "EA_ipea1", "IE_gfn2", "EA_gfn2"]
LABELLED = ("smiles", "status", *NUMBERS, "unbound")
DFT = ["IE_b3lyp", "EA_b3lyp"]
QUANTITIES = (*VERTICAL, *RELAXATION)
METHODS = ("ipea1", "gfn2", "calibrated", "b3lyp")
# Labels are vertical or adiabatic energies: those whose models better predict measured potentials
# of families left out of the fit (docs/decisions.md).
DEFAULT = "vertical"
COLUMNS = [
    "smiles", "IE", "EA", "level", "IE_vertical", "EA_vertical", "IE_adiabatic", "EA_adiabatic",
    *(f"{quantity}_{method}" for method in METHODS for quantity in VERTICAL),
    *(f"{quantity}_{method}" for method in METHODS for quantity in RELAXATION),
    "unbound", "source", "family",
]  # fmt: skip


@dataclass(frozen=True)
class Embedded:
    """The tables written by `build_embedded`, and the data for its card."""

    molecules: pd.DataFrame
    ions: pd.DataFrame
    failures: pd.DataFrame
    experiment: pd.DataFrame
    accuracy: pd.DataFrame
    corrections: tuple[Correction, ...]
    correction_errors: pd.DataFrame


def build_embedded(
    pool: pd.DataFrame,
    labels: Sequence[Path],
    dft: Sequence[Path],
    out: Path,
    *,
    experiment: Path | pd.DataFrame | None = None,
    solvent: str = "acetonitrile",
    jobs: int | None = None,
) -> Embedded:
    """Join labelled tables with the pool and write the data set with its card.

    The same inputs and package versions give the same bytes.

    Parameters
    ----------
    pool : pandas.DataFrame
        `smiles`, `source` and `family`, a molecule in each row; sets the order.
    labels : sequence of Path
        Tables by `organode.label.engine.label_table`, where ions were relaxed with their table
        beside it; together they hold each molecule of the pool once.
    dft : sequence of Path
        Tables by the same at level ``b3lyp`` in the gas phase, with or without relaxed ions, of
        some of these molecules and of molecules with measured energies. xTB is corrected to them,
        and their values replace xTB's.
    out : Path
        Folder for ``molecules.csv``, ``ions.parquet``, ``failures.csv``, ``experiment.csv`` and
        ``README.md``.
    experiment : Path or pandas.DataFrame, optional
        The table returned or written by `embedded_set.experiment.label_experiment`; when omitted,
        the molecules with measured energies are labelled (about half a minute).
    solvent : str
        The solvent of the labels, for the card.
    jobs : int, optional
        Processes for that labelling; all cores when omitted.

    Returns
    -------
    Embedded
        The molecules (eV, absolute), the failures with their reasons, the accuracy against
        measured values, and the corrections of xTB to B3LYP with their errors.

    Raises
    ------
    OrganodeError
        If a molecule of the pool has no label row or two, a label row is not in the pool, or
        a file cannot be read or written.
    """
    exact = _exact(dft)
    joined = _join(pool, [read_columns(path, LABELLED, "a table of labels") for path in labels])
    joined = joined.merge(exact, on="smiles", how="left")
    labelled = joined["status"] == "ok"
    if not labelled.any():
        raise OrganodeError("no molecule has a label: is this the right table?")
    ions = _ions(joined.loc[labelled, "smiles"], labels)
    molecules = _with_relaxation(joined[labelled].reset_index(drop=True), ions)
    molecules, corrections = _calibrate(molecules)
    correction_errors = errors(molecules, molecules["family"].replace("", "(random)"))
    molecules = molecules[COLUMNS]
    molecules["unbound"] = molecules["unbound"].map(_is_true).astype(bool)
    failures = joined.loc[~labelled, ["smiles", "source", "family", "status"]]
    failures = failures.rename(columns={"status": "reason"}).reset_index(drop=True)
    if experiment is None:
        measured = label_experiment(out / "experiment.csv", jobs=jobs)
    elif isinstance(experiment, pd.DataFrame):
        measured = experiment
    else:
        measured = read_labelled_experiment(experiment)
    measured = with_dft(measured, exact)
    made = Embedded(
        molecules, ions, failures, measured, accuracy(measured), corrections, correction_errors
    )
    write_csv(measured, out / "experiment.csv")
    write_csv(molecules, out / "molecules.csv", decimals=4)
    write_ions(ions, out / IONS)
    write_csv(failures, out / "failures.csv")
    with replacing(out / "README.md") as temporary:
        temporary.write_text(card(made, DEFAULT, solvent), encoding="utf-8", newline="\n")
    return made


def read_columns(path: Path, columns: Sequence[str], name: str) -> pd.DataFrame:
    """Read a table that must have these columns; `name` says what it should be, for messages.

    Raises
    ------
    OrganodeError
        If it cannot be read, or lacks a column.
    """
    try:
        table = read_csv(path)
    except (OSError, ValueError) as error:
        raise explained(error, path) or OrganodeError(f"cannot read {path}: {error}") from error
    missing = [column for column in columns if column not in table]
    if missing:
        raise OrganodeError(f"{path} has no column {', '.join(missing)}: is it {name}?")
    return table


def _exact(paths: Sequence[Path]) -> pd.DataFrame:
    """Return `smiles` and the quantities by B3LYP of the molecules that have any."""
    exact = pd.concat([_read_dft(path) for path in paths], ignore_index=True)
    repeated = exact.loc[exact["smiles"].duplicated(), "smiles"]
    if len(repeated):
        raise OrganodeError(f"{repeated.iloc[0]} is twice in the B3LYP tables: give it once")
    return exact.dropna(subset=DFT, how="all")


def _read_dft(path: Path) -> pd.DataFrame:
    """Read a table of labels by B3LYP as `smiles` and quantities."""
    table = read_columns(path, ("smiles", "IE", "EA"), "a table by B3LYP")
    exact = table[["smiles"]].copy()
    for target, sign in SIGNS.items():
        final = table[target].astype(float)
        vertical = table.get(f"{target}_vertical", final).astype(float)
        exact[f"{target}_b3lyp"] = vertical.round(4)
        relaxation = (sign * (vertical - final)).round(4)
        # Both columns are equal if no ion was relaxed.
        exact[f"{target}_relaxation_b3lyp"] = relaxation if relaxation.any() else np.nan
    return exact


def _ions(smiles: pd.Series[str], labels: Sequence[Path]) -> pd.DataFrame:
    """Return the relaxed ions of the molecules, in the same order, two rows for each that has any.

    `row` is the molecule's.
    """
    relaxed = [path for path in labels if ions_path(path).exists()]
    if not relaxed:
        raise OrganodeError("no table of ions is beside a table of labels: label with --adiabatic")
    ions = pd.concat([read_ions(ions_path(path)) for path in relaxed], ignore_index=True)
    row = pd.Series(range(len(smiles)), index=smiles)
    ions = ions[ions["smiles"].isin(row.index)]
    labelled = pd.concat(
        [read_columns(path, LABELLED, "a table of labels")["smiles"] for path in relaxed]
    )
    expected = 2 * int(labelled.isin(row.index).sum())
    if len(ions) != expected:
        raise OrganodeError(
            f"the tables of ions hold {len(ions):,} of {expected:,} ions: label these parts of the "
            "pool again with --adiabatic"
        )
    ions["row"] = ions["smiles"].map(row)
    ions["further"] = ions["further"].where(ions["further"].abs() <= MAX_FURTHER)
    return ions.sort_values(["row", "ion"], ignore_index=True)  # oxidised comes first


def _with_relaxation(molecules: pd.DataFrame, ions: pd.DataFrame) -> pd.DataFrame:
    """Add the relaxation energy of each ion and the solvation energy of its relaxed form.

    Both are NaN for an ion that was not or could not be relaxed, or whose bonds changed.
    """
    for (target, sign), kind in zip(SIGNS.items(), KINDS, strict=True):
        intact = (ions["ion"] == kind) & (ions["status"] == "ok") & (ions["changes"].map(len) == 0)
        of_kind = ions[intact].set_index("row").reindex(range(len(molecules)))
        for method in ("ipea1", "gfn2"):
            adiabatic = sign * of_kind[f"adiabatic_{method}"].astype(float) - SHIFT
            relaxation = sign * (molecules[f"{target}_{method}"] - adiabatic)
            molecules[f"{target}_relaxation_{method}"] = relaxation.round(4)
        solvation = of_kind["adiabatic"].astype(float) - of_kind["adiabatic_ipea1"].astype(float)
        molecules[f"{target}_solvation"] = sign * solvation
    return molecules


def _calibrate(molecules: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Correction, ...]]:
    """Put every label on B3LYP's scale: values by B3LYP, or xTB's corrected to them.

    Solvation energies remain those by xTB.
    """
    corrections = tuple(fit(molecules, quantity) for quantity in QUANTITIES)
    exact = molecules[DFT].notna().all(axis=1)
    molecules["level"] = np.where(exact, "b3lyp", "xtb")
    gas = {}
    for correction in corrections:
        quantity = correction.quantity
        calibrated = pd.Series(correction.apply(molecules).round(4))
        molecules[f"{quantity}_calibrated"] = calibrated
        gas[quantity] = molecules[f"{quantity}_b3lyp"].where(exact).fillna(calibrated)
    for target, sign in SIGNS.items():
        vertical, relaxation = gas[target], gas[f"{target}_relaxation"]
        solvation = molecules[f"{target}_vertical"] - molecules[f"{target}_ipea1"]
        molecules[f"{target}_vertical"] = (vertical + solvation).round(4)
        adiabatic = vertical - sign * relaxation + molecules[f"{target}_solvation"]
        molecules[f"{target}_adiabatic"] = adiabatic.round(4)
        molecules[target] = molecules[f"{target}_{DEFAULT}"]
    return molecules, corrections


def _join(pool: pd.DataFrame, tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the pool with its labels; raise for missing, repeated or foreign rows."""
    labels = pd.concat(tables, ignore_index=True)[[*LABELLED]]
    faults = {
        "are twice in the pool": pool.loc[pool["smiles"].duplicated(), "smiles"],
        "are labelled twice": labels.loc[labels["smiles"].duplicated(), "smiles"],
        "of the pool have no label": pool.loc[~pool["smiles"].isin(labels["smiles"]), "smiles"],
        "are labelled but not in the pool": labels.loc[
            ~labels["smiles"].isin(pool["smiles"]), "smiles"
        ],
    }
    for fault, affected in faults.items():
        if len(affected):
            raise OrganodeError(
                f"{len(affected)} molecules {fault}, the first is {affected.iloc[0]}: "
                "give each part of the labelled pool once"
            )
    joined = pool[["smiles", "source", "family"]].merge(labels, on="smiles", how="left")
    for column in ("source", "family"):
        joined[column] = joined[column].astype(object).fillna("")
    joined[NUMBERS] = joined[NUMBERS].astype(float).round(4)
    return joined


def _is_true(cell: object) -> bool:
    """Read a cell of the column `unbound`, which is text if failed rows left empty cells."""
    return str(cell) == "True"


def read_pool(path: Path) -> pd.DataFrame:
    """Read a pool: columns `smiles`, `source`, `family`.

    Raises
    ------
    OrganodeError
        If it cannot be read, or lacks a column.
    """
    try:
        return read_csv(path, usecols=["smiles", "source", "family"])
    except (OSError, ValueError) as error:
        raise explained(error, path) or OrganodeError(
            f"cannot read the pool {path}: {error}"
        ) from error
