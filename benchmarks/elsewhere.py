"""Energies and their error bars for random molecules of a library of somebody else.

    python benchmarks/elsewhere.py LABELS [--model MODEL] [--out FILE]

LABELS are xTB labels of such molecules, made with `organode label LIBRARY --solvent acetonitrile`
and corrected here to B3LYP, like those of the embedded set. Molecules that the embedded set or the
pre-training set holds are left out. MODEL is a name for `organode.load`; by default the model in
use, which has to be trained on the embedded set. `factor` says how many times as wide the 95 %
error bars would have to be, to hold 95 % of these molecules.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
from rdkit import Chem

import organode
from organode.artifacts import TARGETS
from organode.label.correction import fit
from organode.models.uncertainty.error_bars import LEVEL
from organode.utils.tables import read_csv

EMBEDDED = Path("data/embedded/molecules.csv")
PRETRAINING = Path("data/pretraining/molecules.parquet")
# xTB puts their IE too low against B3LYP; of several groups the correction knows small acids only.
SULFONIC_ACID = Chem.MolFromSmarts("S(=O)(=O)[OH]")


def main() -> None:
    """Compare predictions with labels, inside and outside the domain."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("labels", type=Path)
    parser.add_argument("--model", help="default: the model in use")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/elsewhere.json"))
    options = parser.parse_args()
    embedded = read_csv(EMBEDDED)
    model = organode.load(options.model)
    labels = read_csv(options.labels)
    labels = labels[labels["status"] == "ok"].reset_index(drop=True)
    predicted = model.predict(labels["smiles"].tolist(), level=LEVEL)
    learned = {*embedded["smiles"], *pd.read_parquet(PRETRAINING, columns=["smiles"])["smiles"]}
    new = ~predicted["smiles"].isin(learned).to_numpy() & (predicted["status"] == "ok").to_numpy()
    acid = np.array(
        [Chem.MolFromSmiles(each).HasSubstructMatch(SULFONIC_ACID) for each in labels["smiles"]]
    )
    result: dict[str, object] = {"labels": options.labels.name, "molecules": int(new.sum())}
    for target in TARGETS:
        label = fit(embedded, target).in_solvent(labels)
        inside = predicted[f"{target}_in_domain"].to_numpy(bool)
        places = {
            "in domain": new & inside,
            "in domain, no sulfonic acid": new & inside & ~acid,
            "outside": new & ~inside,
            "all": new,
        }
        result[target] = {
            name: summary(predicted[rows], target, label[rows]) for name, rows in places.items()
        }
    options.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


def summary(predicted: pd.DataFrame, target: str, label: np.ndarray) -> dict[str, float]:
    """Return number, errors in eV, and what the error bars hold, of some molecules."""
    value, lower, upper = (
        predicted[f"{target}{end}"].to_numpy(float) for end in ("", "_lower", "_upper")
    )
    if not len(label):
        return {"n": 0}
    end = np.where(label > value, upper - value, value - lower)
    return {
        "n": len(label),
        "mae": round(float(np.abs(value - label).mean()), 4),
        "mean_error": round(float((value - label).mean()), 4),
        "covered": round(float(((lower <= label) & (label <= upper)).mean()), 3),
        "half_width": round(float((upper - lower).mean() / 2), 3),
        "factor": round(float(np.quantile(np.abs(label - value) / end, LEVEL)), 2),
    }


if __name__ == "__main__":
    main()
