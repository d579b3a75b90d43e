"""Known electrode materials: the predicted order of their potentials against the measured one.

    python benchmarks/known.py [--out FILE]

Predicts `organode/screen/known.csv` with the champions and compares, within each family, the order
of potentials that were measured in one series. What cannot be predicted is listed with the reason.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from organode.model import predict
from organode.register.registry import champions
from organode.screen.known import read_known

ABSOLUTE_LI = 1.40  # V
FEWEST = 4  # members of a family in one series
MISS = 0.4  # V; further off than this, once its series' own shift is taken off, is a miss


def main() -> None:
    """Compare and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/known.json"))
    options = parser.parse_args()
    known = read_known()
    models = champions(("IE", "EA"))
    found = predict([one.model for one in models], known["smiles"].tolist())
    oxidised = known["process"] == "oxidation"
    known["predicted"] = np.where(oxidised, found["IE"], found["EA"]) - ABSOLUTE_LI
    known["in_domain"] = np.where(oxidised, found["IE_in_domain"], found["EA_in_domain"])
    known["status"] = found["status"]
    good = known[known["status"] == "ok"].copy()
    shift = (good["predicted"] - good["volts_vs_Li"]).groupby(
        [good["process"], good["series"]]
    ).transform("median")  # fmt: skip
    good["off"] = good["predicted"] - good["volts_vs_Li"] - shift
    result = {
        "models": [f"{one.registered.name} {one.registered.version}" for one in models],
        "materials": len(known),
        "predicted": len(good),
        "families": [*_orders(good)],
        "within_a_process": {
            process: {
                "n": len(part),
                "spearman": round(float(spearmanr(part["volts_vs_Li"], part["predicted"])[0]), 3),
            }
            for process, part in good.groupby("process")
        },
        "misses": [
            {"name": row.name_, "family": row.family, "measured_V": row.volts_vs_Li,
             "predicted_V": round(row.predicted, 2), "off_V": round(row.off, 2),
             "in_domain": bool(row.in_domain)}
            for row in good.rename(columns={"name": "name_"}).itertuples()
            if abs(row.off) > MISS
        ],
        "not_predicted": {
            status: part["name"].tolist()
            for status, part in known[known["status"] != "ok"].groupby("status")
        },
    }  # fmt: skip
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    print(json.dumps(result, indent=2, ensure_ascii=False))


def _orders(good: pd.DataFrame):
    for (process, family, series), part in good.groupby(["process", "family", "series"]):
        if len(part) >= FEWEST:
            order = spearmanr(part["volts_vs_Li"], part["predicted"])[0]
            shift = (part["predicted"] - part["volts_vs_Li"]).median()
            yield {
                "family": family, "process": process, "series": series, "n": len(part),
                "spearman": round(float(order), 3), "shift_V": round(float(shift), 2),
            }  # fmt: skip


if __name__ == "__main__":
    main()
