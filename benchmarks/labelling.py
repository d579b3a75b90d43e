"""How many molecules an hour get xTB labels, all cores in use.

    python benchmarks/labelling.py [--molecules 200] [--out benchmarks/results/labelling.json]

The molecules are evenly spaced rows of the embedded set; labels in acetonitrile, as it holds them.
The target is 5,000 an hour on two idle cores, with at most 1 % failures.
"""

import argparse
import json
import os
import platform
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from organode.label.engine import label_table


def main() -> None:
    """Measure and write the rate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--molecules", type=int, default=200)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/labelling.json"))
    options = parser.parse_args()
    table = pd.read_csv("data/embedded/molecules.csv")
    rows = np.linspace(0, len(table) - 1, options.molecules).astype(int)
    chosen = table.iloc[rows]
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        labels = label_table(
            chosen["smiles"].tolist(), Path(folder) / "labels.csv", solvent="acetonitrile"
        )
        seconds = time.perf_counter() - started
    gas = ["IE_ipea1", "EA_ipea1"]
    moved = np.abs(labels[gas].to_numpy(float) - chosen[gas].to_numpy(float))
    result = {
        "machine": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "versions": {name: version(name) for name in ("tblite", "ase", "rdkit")},
        "molecules": len(labels),
        "failed": int((labels["status"] != "ok").sum()),
        "seconds": round(seconds, 1),
        "molecules_per_hour": round(3600 * len(labels) / seconds),
        "median_change_against_embedded_eV": round(float(np.nanmedian(moved)), 5),
        "largest_change_against_embedded_eV": round(float(np.nanmax(moved)), 4),
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":  # the workers import this file
    main()
