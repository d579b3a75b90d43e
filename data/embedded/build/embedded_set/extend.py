"""Build the embedded data set anew from itself and from new labels, of its or of new species."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from embedded_set.dataset import (
    COLUMNS,
    DFT,
    IONS,
    LABELLED,
    NUMBERS,
    SIGNS,
    Embedded,
    build_embedded,
    read_columns,
)
from embedded_set.experiment import read_labelled_experiment
from organode.chem import flat_smiles, parse_smiles
from organode.errors import OrganodeError
from organode.label.ions.table import ions_path, read_ions, write_ions
from organode.utils.tables import write_csv

FAILURES = ("smiles", "source", "family", "reason")
RELAXED = [f"{target}_relaxation_b3lyp" for target in SIGNS]


def extend_embedded(
    folder: Path,
    labels: Sequence[Path],
    out: Path,
    dft: Sequence[Path] = (),
    joining: pd.DataFrame | None = None,
) -> Embedded:
    """Build the data set again, with new labels in place of earlier ones, or of new species.

    Parameters
    ----------
    folder : Path
        An embedded data set, written by `build_embedded`.
    labels : sequence of Path
        Tables by `organode.label.engine.label_table`, with relaxed ions, of species of the set. A
        species whose new label failed keeps the earlier one.
    out : Path
        Folder for the new set; may be `folder`.
    dft : sequence of Path
        Tables by the same at level ``b3lyp`` of species of the set. A species that B3LYP failed for
        keeps the earlier values by B3LYP, if it has any.
    joining : pandas.DataFrame, optional
        A pool, as `embedded_set.dataset.read_pool` gives it: those of its species that are not yet
        in the set join it, and have to be in `labels`.

    Returns
    -------
    Embedded
        As from `build_embedded`. Without `labels` and `dft` the same tables come out.

    Raises
    ------
    OrganodeError
        If a table cannot be read, or holds a species that is neither in the set nor joins it, or
        a table of `labels` has no relaxed ions.
    """
    molecules = read_columns(folder / "molecules.csv", COLUMNS, "that of the embedded set")
    failures = read_columns(folder / "failures.csv", FAILURES, "that of the embedded set")
    experiment = read_labelled_experiment(folder / "experiment.csv")
    ions = read_ions(folder / IONS)
    pool = pd.concat([molecules, failures], ignore_index=True)[["smiles", "source", "family"]]
    new = [_successful(path, pool["smiles"]) for path in labels]
    if joining is not None:
        others = joining[~joining["smiles"].isin(pool["smiles"])]
        pool = pd.concat([pool, others], ignore_index=True)
    replaced = [smiles for table in new for smiles in table["smiles"]]
    new_dft = [_computed(path, pool) for path in dft]
    with TemporaryDirectory() as scratch:
        parts = [Path(scratch) / f"new-{number}.csv" for number in range(len(new))]
        for path, table, part in zip(labels, new, parts, strict=True):
            of_part = read_ions(ions_path(path))
            write_csv(table, part)
            write_ions(of_part[of_part["smiles"].isin(table["smiles"])], ions_path(part))
        kept = _labels(molecules, failures)
        kept = kept[~kept["smiles"].isin(replaced)]
        has_ions = kept["smiles"].isin(ions["smiles"])
        for name, rows in (("relaxed", kept[has_ions]), ("vertical", kept[~has_ions])):
            parts.append(Path(scratch) / f"{name}.csv")
            write_csv(rows, parts[-1])
        write_ions(ions[ions["smiles"].isin(kept["smiles"])], ions_path(parts[-2]))
        again = [smiles for table in new_dft for smiles in table["smiles"]]
        earlier = [rows[~rows["smiles"].isin(again)] for rows in _dft(molecules, experiment)]
        exact = []
        for number, rows in enumerate([*earlier, *new_dft]):
            exact.append(Path(scratch) / f"b3lyp-{number}.csv")
            write_csv(rows, exact[-1])
        return build_embedded(pool, parts, exact, out, experiment=experiment)


def _successful(path: Path, earlier: pd.Series[str]) -> pd.DataFrame:
    """Return the rows of a table of labels without earlier species for which no label was found."""
    table = read_columns(path, LABELLED, "a table of labels")
    if not ions_path(path).exists():
        raise OrganodeError(f"no table of ions is beside {path}: label with --adiabatic")
    wanted = (table["status"] == "ok") | ~table["smiles"].isin(earlier)
    return table.loc[wanted, list(LABELLED)]


def _computed(path: Path, pool: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a table by B3LYP that have energies, all of species of the pool."""
    table = read_columns(path, ("smiles", "status", "IE", "EA"), "a table by B3LYP")
    strange = table.loc[~table["smiles"].isin(pool["smiles"]), "smiles"]
    if len(strange):
        raise OrganodeError(
            f"{path}: {strange.iloc[0]} is not in the set: to let it join, give its pool (--pool)"
        )
    return table[table["status"] == "ok"]


def _labels(molecules: pd.DataFrame, failures: pd.DataFrame) -> pd.DataFrame:
    """Return the labels that the set was built from: xTB's, in place of those corrected to B3LYP.

    Energies in solution are the gas phase's plus solvation, see `dataset._calibrate`.
    """
    table = molecules[["smiles", *NUMBERS, "unbound"]].assign(status="ok")
    for target in SIGNS:
        by_b3lyp = molecules["level"] == "b3lyp"
        gas = molecules[f"{target}_b3lyp"].where(by_b3lyp, molecules[f"{target}_calibrated"])
        solvation = molecules[f"{target}_vertical"] - gas
        table[f"{target}_vertical"] = (molecules[f"{target}_ipea1"] + solvation).round(4)
    failed = pd.DataFrame({"smiles": failures["smiles"], "status": failures["reason"]})
    return pd.concat([table, failed], ignore_index=True)[list(LABELLED)]


def _dft(molecules: pd.DataFrame, experiment: pd.DataFrame) -> list[pd.DataFrame]:
    """Return the tables by B3LYP that the set was built from: with relaxed ions, and without."""
    known = molecules[molecules[DFT].notna().any(axis=1)]
    table = known[["smiles"]].copy()
    for target, sign in SIGNS.items():
        table[f"{target}_vertical"] = known[f"{target}_b3lyp"]
        relaxation = known[f"{target}_relaxation_b3lyp"]
        table[target] = (known[f"{target}_b3lyp"] - sign * relaxation).round(4)
    relaxed = known[RELAXED].notna().any(axis=1)
    vertical = known.loc[~relaxed, ["smiles", *DFT]]
    measured = experiment[["smiles", *DFT]].copy()
    measured = measured[measured[DFT].notna().any(axis=1)]
    measured["smiles"] = [flat_smiles(parse_smiles(smiles)) for smiles in measured["smiles"]]
    measured = measured[~measured["smiles"].isin(known["smiles"])]
    vertical = pd.concat([vertical, measured], ignore_index=True)
    renamed = {f"{target}_b3lyp": target for target in SIGNS}
    return [table[relaxed], vertical.rename(columns=renamed)]
