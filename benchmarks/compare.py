"""Differences to a measured molecule: how well they are predicted, and whether error bars hold.

    python benchmarks/compare.py [--project FOLDER ...] [--out FILE]

Run where `dvc repro` has been run; `--project` names such folders. Each family of measured
molecules is left out of the laboratory scale in turn. Three kinds of pairs of its molecules with
another one that was measured in the same solvent:

- `family`: the other one is of the same family, and is the only one of it in the fit;
- `other family`: the other one is of another family, and in the fit;
- `not measured`: both are left out, so that there is a difference of predictions only.

`single` is the molecule's potential as `predict` answers it by the same fit; `difference` what
`organode compare` answers for the pair. Error bars (95 %) come from other families. Each molecule
counts once, whatever the number of its pairs.
"""

from __future__ import annotations

import argparse
import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from measured import TARGETS, _name
from threadpoolctl import threadpool_limits

from organode.artifacts import calibration_folder
from organode.chem.similarity import tanimoto
from organode.compare.differences import EDGES, Differences
from organode.electrochemistry.scale.gaussian_process import HOME, GaussianProcess
from organode.electrochemistry.scale.laboratory import Scale
from organode.models.uncertainty.error_bars import LEVEL
from organode.utils.predictive import Predictive

BINS = (0.0, *EDGES, 0.5, 0.6, 0.8, 1.01)  # similarity
SAME, OTHER, UNMEASURED = "family", "other family", "not measured"


@dataclass(frozen=True)
class Fitted:
    """Potentials and spreads of all rows by a fit to some, V, as reversible waves in `HOME`."""

    volts: np.ndarray
    spread: np.ndarray


def pairs(scale: Scale) -> pd.DataFrame:
    """Return each left-out molecule with each other one that it may be compared with.

    Returns
    -------
    pandas.DataFrame
        `kind`, `family`, `smiles` (of the molecule), `similarity`; of `single` and `difference` the
        error in V, the half width of the error bar (`_half`), and whether it holds (`_inside`).
    """
    families = scale.rows["family"].to_numpy(str)
    similarity = tanimoto(scale.bits, scale.bits).astype(float)
    score = (scale.measured - scale.left_out) / scale.spread
    parts = []
    for family in sorted(set(families)):
        out, rest = np.flatnonzero(families == family), np.flatnonzero(families != family)
        bars = Differences.of(scale, families != family)
        single = Predictive([np.sort(score[rest])])
        for kind, other, fitted in _fits(scale, similarity, out, rest):
            rows = _comparable(scale, out, other)
            off, own = scale.measured - fitted.volts, fitted.spread[rows]
            its = np.repeat(fitted.spread[other], len(rows))
            its = its if kind == UNMEASURED else np.maximum(own, its)
            half = bars.half_width(own, its, similarity[rows, other], LEVEL)
            low, high = single.interval(np.zeros((1, len(rows))), own, LEVEL)
            error = off[rows] - off[other]
            parts.append(pd.DataFrame({
                "kind": kind, "family": family, "smiles": scale.rows["smiles"].to_numpy()[rows],
                "similarity": similarity[rows, other],
                "single": off[rows], "single_half": (high - low) / 2,
                "single_inside": (off[rows] >= low) & (off[rows] <= high),
                "difference": error, "difference_half": half,
                "difference_inside": np.abs(error) <= half,
            }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _fits(
    scale: Scale, similarity: np.ndarray, out: np.ndarray, rest: np.ndarray
) -> Iterator[tuple[str, int, Fitted]]:
    """Yield the kind of a pair, the other molecule's row, and the fit that answers."""
    without = _fitted(scale, similarity, rest)
    yield from ((OTHER, int(other), without) for other in rest)
    for other in out.tolist():
        yield UNMEASURED, other, without
        yield SAME, other, _fitted(scale, similarity, np.append(rest, other))


def _comparable(scale: Scale, out: np.ndarray, other: int) -> np.ndarray:
    smiles, solvent = (scale.rows[name].to_numpy(str) for name in ("smiles", "solvent"))
    return out[(solvent[out] == solvent[other]) & (smiles[out] != smiles[other])]


def _fitted(scale: Scale, similarity: np.ndarray, known: np.ndarray) -> Fitted:
    inputs, n = scale.process.training, len(scale.rows)
    with threadpool_limits(1):
        process = GaussianProcess.fit(
            inputs[known],
            similarity[np.ix_(known, known)],
            scale.measured[known],
            scale.process.hyperparameters,
        )
        # Spreads are those of answers: without what is not known of a solvent's effect.
        new = replace(inputs, irreversible=np.zeros(n), solvent=np.repeat(HOME, n))
        volts, spread = process.predict(new, similarity[:, known])
        effect = {code: process.solvent_effect(code)[0] for code in set(inputs.solvent.tolist())}
    return Fitted(volts + [effect[code] for code in inputs.solvent.tolist()], spread)


def measures(table: pd.DataFrame) -> dict[str, Any]:
    """Return mean absolute errors, coverage and half widths, each molecule counting once."""
    weight = 1 / table.groupby("smiles")["smiles"].transform("size")
    found: dict[str, Any] = {
        "molecules": int(table["smiles"].nunique()),
        "families": int(table["family"].nunique()),
    }
    for what in ("single", "difference"):
        inside = table[f"{what}_inside"]
        by_family = pd.DataFrame({"inside": inside * weight, "weight": weight})
        by_family = by_family.groupby(table["family"]).sum()
        found[what] = {
            "mae_V": round(float(np.average(table[what].abs(), weights=weight)), 4),
            "covered": round(float(np.average(inside, weights=weight)), 4),
            "covered_of_families": round(
                float((by_family["inside"] / by_family["weight"]).mean()), 4
            ),
            "half_width_V": round(float(np.average(table[f"{what}_half"], weights=weight)), 4),
        }
    return found


def summary(table: pd.DataFrame) -> dict[str, Any]:
    """Return `measures` of each kind of pair: in bins of similarity, of alike ones and others."""
    found = {}
    for kind, part in table.groupby("kind"):
        bins = pd.cut(part["similarity"], BINS, right=False)
        alike = part["similarity"] >= EDGES[-1]
        named = {f"{one.left:g}-{min(one.right, 1):g}": bins == one for one in bins.cat.categories}
        named |= {f"{EDGES[-1]:g}-1": alike, f"0-{EDGES[-1]:g}": ~alike}
        found[str(kind)] = {
            name: measures(part[chosen]) for name, chosen in named.items() if chosen.any()
        }
    return found


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--project", type=Path, nargs="+", default=[Path()])
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/compare.json"))
    options = parser.parse_args()
    models = {}
    for folder in options.project:
        with contextlib.chdir(folder):
            models[_name()] = {
                target: summary(pairs(Scale.load(calibration_folder(target)))) for target in TARGETS
            }
    result = {"level": LEVEL, "models": models}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    from tables import compare as document

    print(document(result))


if __name__ == "__main__":
    main()
