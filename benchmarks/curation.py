"""What curation is worth: the 5-fold error of one fixed model before and after, and the time.

    python benchmarks/curation.py [--molecules FILE] [--out FILE]

The model is `organode.curate.crossfit.CrossFit`, the same for every line, with folds by the
fingerprint groups that `organode split` uses. Repeat rows of a structure share a fold.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from pathlib import Path

import numpy as np
import pandas as pd
from rdkit import Chem, rdBase

from organode.artifacts import OK_QUALITY
from organode.curate.crossfit import N_FOLDS, CrossFit, environment_counts
from organode.curate.report import summary
from organode.curate.table import curate_table
from organode.pipeline.split import group
from organode.settings import Curate, FileSource

TARGETS = ["IE", "EA"]


def five_fold(table: pd.DataFrame) -> pd.DataFrame:
    """Return |error| of IE and EA out of fold, indexed by source row."""
    molecules = [Chem.MolFromSmiles(one) for one in table["smiles"]]
    names = pd.Series(group(table["smiles"].tolist(), "random"))
    fold = names.map(lambda name: int(name[:8], 16) % N_FOLDS).to_numpy()
    energies = table[TARGETS].to_numpy(float)
    model = CrossFit(environment_counts(molecules), fold, np.ones(len(table), bool))
    error = np.abs(energies - model.predict(energies))
    return pd.DataFrame(error, columns=TARGETS, index=table["row"].to_numpy())


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--molecules", type=Path, default=FileSource().path)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/curation.json"))
    arguments = parser.parse_args()
    raw = pd.read_csv(arguments.molecules)[["smiles", *TARGETS]].reset_index(names="row")
    started = time.perf_counter()
    curated = curate_table(raw, Curate())
    seconds = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    rows = curated.rows
    with rdBase.BlockLogs():
        readable = rows["input"].map(
            lambda text: isinstance(text, str) and Chem.MolFromSmiles(text) is not None
        )
    labelled = rows[["raw_IE", "raw_EA"]].notna().all(axis=1)
    came = rows[readable & labelled]
    kept = rows[(rows["reason"] == "") & labelled]
    as_read = came.rename(columns={"input": "smiles", "smiles": "flat"})
    stored = {"raw_IE": "IE", "raw_EA": "EA"}
    tables = {
        "as it came": as_read.drop(columns=TARGETS).rename(columns=stored),
        "harmonised only": as_read,
        "repaired only": kept.drop(columns=TARGETS).rename(columns=stored),
        "both": kept,
        "clean table": curated.clean.dropna(subset=TARGETS),
    }
    errors = {name: five_fold(table) for name, table in tables.items()}
    flagged = curated.clean.loc[curated.clean["quality"] != OK_QUALITY, "row"]
    errors["clean table, without flagged rows"] = errors["clean table"].drop(
        flagged, errors="ignore"
    )
    common = curated.clean["row"]
    result = {
        "molecules": arguments.molecules.name,
        "seconds": round(seconds, 1),
        "peak_memory_GiB": round(memory, 2),
        "summary": summary(curated),
        "five_fold": {},
    }
    first = errors["as it came"].mean()
    for name, error in errors.items():
        mean, same = error.mean(), error.reindex(common).dropna().mean()
        result["five_fold"][name] = {
            "rows": len(error),
            **{f"{t}_mae": round(float(mean[t]), 4) for t in TARGETS},
            **{f"{t}_against_as_it_came": round(float(mean[t] / first[t]), 3) for t in TARGETS},
            **{f"{t}_mae_on_clean_rows": round(float(same[t]), 4) for t in TARGETS},
        }
        print(name, result["five_fold"][name], flush=True)
    print(f"curated {len(rows):,} rows in {seconds:.1f} s, peak {memory:.2f} GiB")
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
