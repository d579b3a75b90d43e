"""Small tables from which an embedded set can be built."""

from pathlib import Path

import pandas as pd
import pytest

from embedded_set import card, dataset
from embedded_set.experiment import read_experiment
from organode.label import correction
from organode.label.ions import table as ion_table
from organode.label.ions.table import ions_path, write_ions
from organode.label.xtb import SHIFT

NAN = float("nan")


@pytest.fixture
def pool() -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("O=C1C=CC(=O)C=C1", "enumerated", "benzoquinone"),
            ("CCO", "chemicals", ""),
            ("CCCl", "chemicals", ""),
            ("CC#N", "chemicals", "nitrile"),
            ("CCBr", "chemicals", ""),
        ],
        columns=["smiles", "source", "family"],
    )


def ion(smiles, kind, adiabatic, solvation, changes=(), status="ok") -> dict[str, object]:
    """A row of the table of ions; energies in eV, equal by both methods."""
    return {
        "row": 0, "smiles": smiles, "ion": kind, "charge": 1 if kind == "oxidised" else -1,
        "unpaired": 1, "status": status, "adiabatic": adiabatic + solvation,
        "adiabatic_ipea1": adiabatic, "adiabatic_gfn2": adiabatic, "settled": 0.0, "energy": -100.0,
        "energy_own": -101.0, "reorganisation": 0.4, "rmsd": 0.1, "changes": changes,
        "loosest": "", "fragmentation": None, "cleaved": "", "charges": (1.0,), "spins": (1.0,),
    }  # fmt: skip


def written(folder: Path, name: str, rows, ions) -> Path:
    path = folder / name
    pd.DataFrame(rows, columns=["row", *dataset.LABELLED]).round(4).to_csv(path, index=False)
    write_ions(pd.DataFrame(ions, columns=ion_table.COLUMNS), ions_path(path))
    return path


@pytest.fixture
def labels(tmp_path) -> list[Path]:
    """Two parts of the pool.

    Quinone's relaxation energies are 0.2 and 0.5 eV; ethanol's anion breaks.
    """
    broke = "a bond broke during relaxation (C–Cl)"
    folder = tmp_path / "labels"
    folder.mkdir()
    return [
        written(folder, "one.csv", [
            (0, "CC#N", "ok", 10.9, 1.0, 12.4, -0.9, 11.27, -3.1, True),
            (1, "CCCl", broke, *[NAN] * 6, NAN),
            (2, "CCO", "ok", 8.12345, -0.5, 10.4, -1.1, 10.0, -5.0, True),
        ], [
            ion("CC#N", "oxidised", 12.0 + SHIFT, -1.5), ion("CC#N", "reduced", 0.5 - SHIFT, -1.9),
            ion("CCO", "oxidised", 10.1 + SHIFT, -2.2),
            ion("CCO", "reduced", -SHIFT, -2.0, changes=("broke 1-2",)),
        ]),
        written(folder, "two.csv", [
            (0, "CCBr", "a bond broke during relaxation (C–Br)", *[NAN] * 6, NAN),
            (1, "O=C1C=CC(=O)C=C1", "ok", 7.7, 4.0, 9.54, 2.22, 9.36, 1.99, False),
        ], [
            ion("O=C1C=CC(=O)C=C1", "oxidised", 9.34 + SHIFT, -1.8),
            ion("O=C1C=CC(=O)C=C1", "reduced", -2.72 - SHIFT, -1.7),
        ]),
    ]  # fmt: skip


@pytest.fixture
def dft(monkeypatch, tmp_path) -> list[Path]:
    """B3LYP values of some molecules, some of them with relaxed ions; xTB's IE is 0.5 too high.

    Three molecules determine both corrections: IE = IPEA1-xTB's − 0.5, EA = GFN2-xTB's.
    """
    monkeypatch.setattr(correction, "MIN_MOLECULES", 2)
    monkeypatch.setattr(correction, "FOLDS", 3)
    monkeypatch.setattr(card, "FOLDS", 3)
    vertical = pd.DataFrame({"smiles": ["C"], "status": "ok", "IE": [14.0], "EA": [-1.0]})
    relaxed = pd.DataFrame({
        "smiles": ["O=C1C=CC(=O)C=C1", "CCO", "CC#N"], "status": "ok",
        "IE": [8.94, 9.7, 11.7], "EA": [2.52, NAN, -0.7],
        "IE_vertical": [9.04, 9.9, 11.9], "EA_vertical": [2.22, NAN, -0.9],
    })  # fmt: skip
    paths = [tmp_path / "vertical.csv", tmp_path / "relaxed.csv"]
    for path, table in zip(paths, (vertical, relaxed), strict=True):
        table.to_csv(path, index=False)
    return paths


@pytest.fixture
def experiment() -> pd.DataFrame:
    measured = read_experiment().head(12)
    table = pd.DataFrame({"name": measured["name"], "smiles": measured["smiles"], "status": "ok"})
    for target in ("IE", "EA"):
        table[f"{target}_measured"] = measured[target]
        table[f"{target}_source"] = measured[f"{target}_source"]
        table[f"{target}_ipea1"] = measured[target] + 0.25
        table[f"{target}_gfn2"] = measured[target] - 0.5
    return table
