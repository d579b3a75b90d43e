"""Second waves against measurement: families left out, and five-fold by molecule.

    python benchmarks/waves.py [--measured FILE] [--out FILE]

Run where `dvc repro` has been run. A second wave is predicted from the first as it is predicted,
not as it was measured, with neither wave of the molecule, or of its family, in any fit. Beside it:
the same from the first wave as measured, and the mean separation of all others.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from measured import Measurements, fold, molecules_of

from organode.electrochemistry.measured import read_measured, second_waves
from organode.electrochemistry.scale.second_wave import WaveSplitting
from organode.electrochemistry.types import CHARGE_CHANGE
from organode.models.uncertainty.error_bars import LEVEL

BAR, FEWEST = 0.20, 40  # V, mean absolute error by five-fold; second waves


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--measured", type=Path, default=Path("data/measured/potentials.csv"))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/waves.json"))
    options = parser.parse_args()
    table = read_measured(options.measured)
    second = second_waves(table)
    ways = {
        "families": (second["family"], "family"),
        "five-fold": (second["flat"].map(fold), "flat"),
    }
    firsts = {target: Measurements.of(target, table) for target in CHARGE_CHANGE}
    seconds = [
        Measurements.of_rows(target, second[second["target"] == target].reset_index(drop=True))
        for target in CHARGE_CHANGE
    ]
    found = {
        way: measures(predicted(firsts, seconds, second, *group)) for way, group in ways.items()
    }
    result = {"n": len(second), "bar_V": BAR, "fewest": FEWEST, "ways": found}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    from tables import waves as document

    print(document(result))


def predicted(
    firsts: dict[str, Measurements],
    seconds: list[Measurements],
    second: pd.DataFrame,
    group: pd.Series,
    by: str,
) -> pd.DataFrame:
    """Predict the second waves of each group by all rows of the others.

    Parameters
    ----------
    firsts : dict of str to Measurements
        First waves, by target.
    seconds : list of Measurements
        The species of `second`, those that the models know, beside what is computed of them.
    second : pandas.DataFrame
        As `second_waves` returns it.
    group : pandas.Series
        What is left out together.
    by : str
        The column by which first waves are left out with it.

    Returns
    -------
    pandas.DataFrame
        Rows of species that the models know, with `ours`, `lower`, `upper`, `from_measured` and
        `by_mean`, V vs Fc/Fc⁺ in the row's solvent.
    """
    parts = []
    for name in dict.fromkeys(group):
        out = (group == name).to_numpy()
        known = second[~out].reset_index(drop=True)
        apart = WaveSplitting.fit(known, molecules_of(known))
        if apart is None:
            raise SystemExit("too few second waves to leave any out")
        for each in seconds:
            mine = each[each.rows["row"].isin(second.loc[out, "row"]).to_numpy()]
            if mine.rows.empty:
                continue
            part = _answers(firsts[mine.target], apart, mine, by)
            mean = CHARGE_CHANGE[mine.target] * known["splitting"].mean()
            parts.append(part.assign(by_mean=part["first"] + mean))
    return pd.concat(parts, ignore_index=True)


def _answers(
    known: Measurements, apart: WaveSplitting, left_out: Measurements, by: str
) -> pd.DataFrame:
    rows, target = left_out.rows, left_out.target
    columns = ["ours", "lower", "upper", "from_measured"]
    molecules = molecules_of(rows)
    out = known.rows[by].isin(rows[by]).to_numpy()
    scale = replace(known[~out].scale(), splitting=apart)
    first = scale.answer(molecules, left_out.energy, left_out.error)
    wave = apart.answer(target, molecules, first)
    for solvent, part in rows.groupby("solvent"):
        there = first.moved(*scale.effect(str(solvent)))
        moved = wave.moved(*scale.effect(str(solvent), second=True))
        from_measured = rows["first"] + moved.volts - there.volts
        values = np.array([moved.volts, *moved.interval(LEVEL), from_measured]).T
        rows.loc[part.index, columns] = values[part.index]
    return rows


def measures(table: pd.DataFrame) -> dict[str, Any]:
    """Return errors, coverage and, by kind and family, bias."""
    error = table["ours"] - table["E_Fc"]
    inside = table["E_Fc"].between(table["lower"], table["upper"])
    return {
        "n": len(table),
        "of": table["target"].value_counts().to_dict(),
        "mae_V": {
            name: round(float((table[name] - table["E_Fc"]).abs().mean()), 4)
            for name in ("ours", "from_measured", "by_mean")
        },
        "covered": round(float(inside.mean()), 4),
        "half_width_V": round(float(((table["upper"] - table["lower"]) / 2).median()), 4),
        "below_first": round(float((table["ours"] < table["first"]).mean()), 4),
        "bias_V": {
            f"{target} {family}": [len(part), round(float(part.median()), 3)]
            for (target, family), part in error.groupby([table["target"], table["family"]])
        },
    }


if __name__ == "__main__":
    main()
