"""Potentials against measurement: families left out, five-fold by molecule, all quinones left out.

    python benchmarks/measured.py [--measured FILE] [--project FOLDER ...] [--out FILE]
    python benchmarks/measured.py --flags [--measured FILE] [--project FOLDER ...]

Run where `dvc repro` has been run; `--project` names such folders, one for each training table,
this one if omitted. Energies of measured molecules that a model learned from are those out of fold.
Each way of leaving out fits anew what it compares: nothing, one line, and the laboratory scale. Of
the latter, families that are left out are predicted with hyperparameters found with them, as
`calibrate` does; the other two ways fit everything without the rows that they judge.

`--flags` lists rows of the table that are off from others of the same molecule, or from the fit.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rdkit import Chem
from scipy.linalg import cho_solve

from organode.artifacts import PROVENANCE, calibration_folder, ensemble_folder
from organode.chem.features import Molecules
from organode.chem.molecule import kind
from organode.electrochemistry import LI, against_fc
from organode.electrochemistry.conventions import on_computed_scale
from organode.electrochemistry.measured import CELL, first_waves, read_measured
from organode.electrochemistry.scale.gaussian_process import HOME
from organode.electrochemistry.scale.laboratory import Scale
from organode.electrochemistry.stability.breakage import Breakage
from organode.models.ensemble import Ensemble
from organode.models.training_data import Labelled
from organode.models.uncertainty.error_bars import LEVEL, Uncertainty
from organode.models.unseen import UnseenPredictions
from organode.utils.checksums import read_json

TARGETS = ("EA", "IE")
QUINONES = ("benzoquinone", "naphthoquinone", "anthraquinone", "o-quinone")
FOLDS = 5
ABSOLUTE_LI = 1.40  # V, the thesis's rule
SPECIES = ("molecules", "radicals", "cations")
SHUTTLES = "alkoxybenzene"  # family of the redox shuttles that are measured in lithium cells
FEWEST_BIAS, FEWEST_COVERED = 3, 5  # rows of a family
LEAST_COVERED, MOST_BIAS = 0.80, 0.10
OFF = 0.25  # V; further off than this, a row is flagged
BARS = {
    "families": {"EA": (0.13, 0.13), "IE": (0.18, 0.15)},
    "five-fold": {"EA": (0.13, 0.10), "IE": (0.13, 0.10)},
}  # V: MAE of the embedded set's model, of another table's
PUBLISHED = {"12 solvents": 0.137, "acetonitrile": 0.152}  # V, learned from 900 measured potentials
# The same material in a cell (a model of the polymer's repeat unit) and in solution.
MATERIALS = {
    "TEMPO": ("CC(C)C(=O)OC1CC(C)(C)N([O])C(C)(C)C1", "CC1(C)CCCC(C)(C)N1[O]"),
    "phenothiazine, pendant": ("CN1c2ccccc2Sc2ccccc21", "CN1c2ccccc2Sc2ccccc21"),
    "phenothiazine, in the chain": ("Cc1ccc2c(c1)Sc1ccccc1N2C", "CN1c2ccccc2Sc2ccccc21"),
    "thianthrene": ("Cc1ccc2c(c1)Sc1ccccc1S2", "c1ccc2c(c1)Sc1ccccc1S2"),
}
IN_CELL = "EC"  # solvent of the conversion of a cell's potential: carbonate mixtures


@dataclass(frozen=True)
class Measurements:
    """First waves beside what a model computes of them.

    Attributes
    ----------
    target : str
        ``IE`` or ``EA``.
    rows : pandas.DataFrame
        m rows as `first_waves` returns them.
    energy, error : numpy.ndarray
        Shape (m,), eV: computed by networks that had not seen the molecule; error expected of it.
    breakage : Breakage
        Of the ions, as the stage `calibrate` fitted it.
    """

    target: str
    rows: pd.DataFrame
    energy: np.ndarray
    error: np.ndarray
    breakage: Breakage

    @classmethod
    def of(cls, target: str, table: pd.DataFrame) -> Measurements:
        """Predict the first waves of a table with the model of the working folder."""
        return cls.of_rows(target, first_waves(table, target))

    @classmethod
    def of_rows(cls, target: str, rows: pd.DataFrame) -> Measurements:
        """Predict rows with `flat`, those of species that the model covers."""
        ensemble = Ensemble.load(ensemble_folder(target))
        bars = Uncertainty.load(calibration_folder(target))
        known = UnseenPredictions.of(rows, ensemble, bars, Labelled.read(target))
        breakage = Scale.load(calibration_folder(target)).breakage
        return cls(target, known.rows, known.energy, known.error, breakage)

    def __getitem__(self, chosen: np.ndarray) -> Measurements:
        rows = self.rows[chosen].reset_index(drop=True)
        return replace(self, rows=rows, energy=self.energy[chosen], error=self.error[chosen])

    def scale(self) -> Scale:
        """Fit the laboratory scale to all rows."""
        of_rows = (self.rows, molecules_of(self.rows), self.energy, self.error)
        return Scale.fit(self.target, *of_rows, self.breakage)

    def answers(self, scale: Scale) -> pd.DataFrame:
        """Return columns `ours`, `lower`, `upper` (V vs Fc/Fc⁺), each row in its own solvent."""
        potential = scale.answer(molecules_of(self.rows), self.energy, self.error)
        found = pd.DataFrame(index=self.rows.index, columns=["ours", "lower", "upper"], dtype=float)
        for solvent, part in self.rows.groupby("solvent"):
            moved = potential.moved(*scale.effect(solvent))
            columns = np.array([moved.volts, *moved.interval(LEVEL)]).T
            found.loc[part.index] = columns[part.index]
        return found


def molecules_of(rows: pd.DataFrame) -> Molecules:
    """Return the molecules of rows with `flat`."""
    return Molecules([Chem.MolFromSmiles(flat) for flat in rows["flat"]])


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--measured", type=Path, default=Path("data/measured/potentials.csv"))
    parser.add_argument("--project", type=Path, nargs="+", default=[Path()])
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/measured.json"))
    parser.add_argument("--flags", action="store_true", help="list doubtful rows instead")
    options = parser.parse_args()
    table = read_measured(options.measured)
    models, batteries = {}, {}
    for folder in options.project:
        with contextlib.chdir(folder):
            name = _name()
            models[name] = [Measurements.of(target, table) for target in TARGETS]
            batteries[name] = Measurements.of("IE", in_cells(table))
    if options.flags:
        print(flags(table, models).to_string(index=False))
        return
    of_cells = cells_predicted(models, batteries)
    result = {
        "rows": len(table),
        "published_V": PUBLISHED,
        "models": {name: {each.target: splits(each) for each in of} for name, of in models.items()},
        "bars_V": {
            split: {
                target: dict(zip(("embedded", "other"), bar, strict=True))
                for target, bar in of.items()
            }
            for split, of in BARS.items()
        },
        "cells": cells(table),
        "cells_predicted": of_cells,
        "shuttles_V": shuttles(of_cells),
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    from tables import measured as document

    print(document(result))


def _name() -> str:
    """Return what the model of the working folder learned from."""
    source = read_json(PROVENANCE, "run `organode fetch`")
    if source["source"] != "file":
        return str(source["source"])
    return Path(source["query"]["path"]).name.split(".")[0]


def splits(known: Measurements) -> dict[str, Any]:
    """Return what `measures` gives for each way of leaving rows out."""
    family = known.rows["family"]
    number = known.rows["flat"].map(fold)
    ways = {"families": family, "five-fold": number}
    if family.isin(QUINONES).any():
        ways["quinones"] = pd.Series(np.where(family.isin(QUINONES), "out", None), dtype=object)
    found = {}
    for name, group in ways.items():
        table = predicted(known, group.to_numpy(object), as_product=name == "families")
        found[name] = measures(table)
    return found


def fold(flat: str) -> int:
    """Return which of `FOLDS` a molecule is in."""
    return hashlib.sha256(flat.encode()).digest()[0] % FOLDS


def predicted(known: Measurements, group: np.ndarray, *, as_product: bool) -> pd.DataFrame:
    """Predict the rows of each group by the others; those of group None are learned from only.

    Returns
    -------
    pandas.DataFrame
        The predicted rows with `none`, `line_old`, `line`, `ours`, `lower` and `upper`, V vs
        Fc/Fc⁺.
    """
    rows = known.rows.copy()
    rows["none"] = known.energy - ABSOLUTE_LI - _vs_li(0.0, "Fc/Fc+")
    as_before = np.array(
        [
            _vs_li(value, reference) - _vs_li(0.0, "Fc/Fc+")
            for value, reference in zip(rows["value"], rows["reference"], strict=True)
        ]
    )
    if as_product:
        scale = known.scale().table(LEVEL).rename(columns={"left_out": "ours"})
        rows[["ours", "lower", "upper"]] = scale[["ours", "lower", "upper"]].to_numpy()
    for name in dict.fromkeys(each for each in group if each is not None):
        out = group == name
        for line, volts in (("line_old", as_before), ("line", rows["E_Fc"].to_numpy())):
            fitted = np.polyfit(known.energy[~out], volts[~out], 1)
            rows.loc[out, line] = np.polyval(fitted, known.energy[out])
        if not as_product:
            answers = known[out].answers(known[~out].scale())
            rows.loc[out, ["ours", "lower", "upper"]] = answers.to_numpy()
    return rows[[each is not None for each in group]]


def _vs_li(volts: float, reference: str) -> float:
    """Convert as long as lithium was taken to stand at −3.04 V vs SHE in every solvent."""
    return on_computed_scale(volts, reference)


def measures(table: pd.DataFrame) -> dict[str, Any]:
    """Return errors of each method, and coverage and bias of the laboratory scale."""
    error = table["ours"] - table["E_Fc"]
    inside = table["E_Fc"].between(table["lower"], table["upper"])
    group = table["family"]
    size = group.groupby(group).size()
    species = table["flat"].map(species_of)
    bias = error.groupby(group).median()[size >= FEWEST_BIAS].sort_values()
    covered = inside.groupby(group).mean()[size >= FEWEST_COVERED]
    parts = {
        "all": table["E_Fc"].notna(),
        "reversible": table["reversible"] == "yes",
        "irreversible": table["reversible"] == "no",
        HOME: table["solvent"] == HOME,
        **{name: species == name for name in SPECIES},
    }
    return {
        "families": int(group.nunique()),
        "n": {name: int(chosen.sum()) for name, chosen in parts.items()},
        "mae_V": {
            method: {
                name: round(float((table[method] - table["E_Fc"])[chosen].abs().mean()), 4)
                for name, chosen in parts.items()
                if chosen.any()
            }
            for method in ("none", "line_old", "line", "ours")
        },
        "median_abs_V": round(float(error.abs().median()), 4),
        "covered": {
            name: round(float(inside[chosen].mean()), 4)
            for name, chosen in parts.items()
            if chosen.any()
        },
        "half_width_V": round(float(((table["upper"] - table["lower"]) / 2).median()), 4),
        "covered_less": {
            name: round(float(share), 3)
            for name, share in covered.sort_values().items()
            if share < LEAST_COVERED
        },
        "bias_V": {str(name): round(float(volts), 3) for name, volts in bias.items()},
        "of_family": {
            str(name): {
                "n": len(rows),
                "mae_V": round(float(error[rows.index].abs().mean()), 4),
                "covered": round(float(inside[rows.index].mean()), 4),
            }
            for name, rows in table.groupby(group)
            if len(rows) >= FEWEST_BIAS
        },
    }


def species_of(flat: str) -> str:
    """Return which of `SPECIES` a species is."""
    charge, unpaired = kind(Chem.MolFromSmiles(flat))
    return "cations" if charge else "radicals" if unpaired else "molecules"


def cells(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Compare potentials in lithium cells with voltammograms of the same materials."""
    canonical = table["smiles"].map(Chem.CanonSmiles)
    first = (table["couple"] == "+1/0").to_numpy()
    in_cell = (table["kind"] == CELL).to_numpy() & (table["reference"] == LI).to_numpy()
    found = []
    for material, (unit, molecule) in MATERIALS.items():
        battery = table[first & in_cell & (canonical == Chem.CanonSmiles(unit))]
        solution = table[first & (canonical == Chem.CanonSmiles(molecule)) & table["E_Fc"].notna()]
        solution = solution[solution["solvent"] != "water"]
        if battery.empty or solution.empty:
            continue
        wave = float(solution["E_Fc"].median())
        volts = float(battery["value"].median())
        found.append(
            {
                "material": material,
                "cells": len(battery),
                "cell_V_vs_Li": round(volts, 3),
                "waves": len(solution),
                "wave_V_vs_Fc": round(wave, 3),
                "wave_V_vs_Li": round(wave - against_fc(LI, IN_CELL).volts, 3),
                "difference_V": round(volts + against_fc(LI, IN_CELL).volts - wave, 3),
                "difference_as_before_V": round(volts - wave - _vs_li(0.0, "Fc/Fc+"), 3),
            }
        )
    return found


def in_cells(table: pd.DataFrame) -> pd.DataFrame:
    """Return first oxidations in lithium cells as if they were waves in the electrolyte."""
    chosen = (table["kind"] == CELL) & (table["reference"] == LI) & (table["couple"] == "+1/0")
    batteries = table[chosen].reset_index(drop=True)
    volts = batteries["value"] + against_fc(LI, IN_CELL).volts
    return batteries.assign(solvent=IN_CELL, E_Fc=volts, seen=batteries["evidence"], evidence="")


def cells_predicted(
    models: dict[str, list[Measurements]], batteries: dict[str, Measurements]
) -> list[dict[str, Any]]:
    """Return potentials in lithium cells, which no fit knows, beside those predicted; V vs Li."""
    zero = against_fc(LI, IN_CELL).volts
    found = {}
    for name, of in models.items():
        scale = next(known for known in of if known.target == "IE").scale()
        answers = batteries[name].answers(scale) - zero
        for row, answer in zip(
            batteries[name].rows.to_dict("records"), answers.to_dict("records"), strict=True
        ):
            entry = found.setdefault(
                (row["name"], row["citation"]),
                {"material": row["name"], "family": row["family"], "evidence": row["seen"],
                 "cell_V": row["value"], "predicted_V": {}},
            )  # fmt: skip
            columns = ("ours", "lower", "upper")
            entry["predicted_V"][name] = [round(answer[column], 3) for column in columns]
    return list(found.values())


def shuttles(predicted: list[dict[str, Any]]) -> dict[str, float]:
    """Return each model's median deviation of redox shuttles from their potential in cells, V."""
    deviations: dict[str, list[float]] = {}
    for row in predicted:
        if row["family"] == SHUTTLES:
            for name, (volts, *_) in row["predicted_V"].items():
                deviations.setdefault(name, []).append(volts - row["cell_V"])
    return {name: round(float(np.median(off)), 3) for name, off in deviations.items()}


def flags(table: pd.DataFrame, models: dict[str, list[Measurements]]) -> pd.DataFrame:
    """Return rows that are off from others of the same molecule and couple, or from every fit.

    Returns
    -------
    pandas.DataFrame
        `row` (of the file, from 0), `name`, `family`, `couple`, `solvent`, `reversible`, `E_Fc`,
        `others` (how far it lies above the median of the same molecule's others, V) and, for each
        model, how far it lies above what the fit without this row expects, V.
    """
    shown = table[["name", "family", "couple", "solvent", "reversible", "E_Fc"]].copy()
    same = [table["smiles"].map(Chem.CanonSmiles), table["couple"]]
    shown["others"] = np.nan
    for _, part in shown[shown["E_Fc"].notna()].groupby(same):
        for row in part.index[: len(part) if len(part) > 1 else 0]:
            shown.loc[row, "others"] = part.loc[row, "E_Fc"] - part["E_Fc"].drop(row).median()
    for name, of in models.items():
        shown[name] = np.nan
        for known in of:
            process = known.scale().process
            inverse = cho_solve((process.factor, True), np.eye(len(process.solved)))
            # Each row left out: Rasmussen and Williams, equation 5.12.
            shown.loc[known.rows["row"].astype(int), name] = process.solved / np.diag(inverse)
    off = shown["others"].abs() > OFF
    off |= shown[list(models)].abs().min(axis=1, skipna=False) > OFF
    chosen = shown[off].round(3).rename_axis("row").reset_index()
    largest = chosen[["others", *models]].abs().max(axis=1)
    return chosen.iloc[np.argsort(-largest.to_numpy(), kind="stable")]


if __name__ == "__main__":
    main()
