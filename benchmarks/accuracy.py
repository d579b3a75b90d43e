"""organode against what a user would pick instead, on the same outer test rows.

    python benchmarks/accuracy.py PEERS_PYTHON [--models ...] [--out FILE] [--work FOLDER]

Run where `dvc repro` has been run: the rows, folds and organode's predictions are that chain's.
PEERS_PYTHON is the interpreter of an environment with the dependency group `peers` (chemprop needs
an older rdkit). Peers learn every row that is not an outer test row; what they predicted is kept in
the work folder, so that the benchmark can be interrupted and goes on. One file holds the random
and the scaffold split.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from peers import MODELS, TARGETS

from organode.artifacts import CURATED, SPLITS, predictions_path
from organode.models.metrics import errors
from organode.models.splits import Splits
from organode.settings import load_settings
from organode.tracking.registry.comparison import mean_interval


def main() -> None:
    """Measure the peers that are not measured yet, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peers_python", type=Path)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/accuracy.json"))
    parser.add_argument("--work", type=Path, default=Path(".organode/peers"))
    options = parser.parse_args()
    method = load_settings().split.method
    work = options.work / method
    work.mkdir(parents=True, exist_ok=True)
    rows = pd.read_parquet(CURATED)[["row", "smiles", *TARGETS]]
    rows["fold"] = Splits.read(SPLITS).fold
    rows.to_parquet(work / "rows.parquet")
    subprocess.run(
        [options.peers_python, Path(__file__).with_name("peers.py"), work / "rows.parquet", work,
         "--models", *options.models],
        check=True,
    )  # fmt: skip

    answers = {"organode": organode()}
    for name in options.models:
        answers[name] = pd.read_parquet(work / f"{name}.parquet").set_index("row")
    outer = rows[rows["fold"] < 0].set_index("row")[TARGETS]
    table = {name: {**answer.attrs} for name, answer in answers.items()}
    for target in TARGETS:
        label = outer[target].dropna()
        off = {name: (answer[target][label.index] - label) for name, answer in answers.items()}
        for name, residual in off.items():
            table[name][target] = errors(label.to_numpy(), (label + residual).to_numpy())
            if name != "organode":
                gain = residual.abs() - off["organode"].abs()
                interval = [round(one, 4) for one in mean_interval(gain.to_numpy())]
                table[name][target]["mae_minus_organode"] = interval
    result = json.loads(options.out.read_text()) if options.out.exists() else {}
    result[method] = {
        "machine": platform.processor() or platform.machine(),
        "versions": versions(options.peers_python),
        "rows": {"learned": int((rows["fold"] >= 0).sum()), "outer": len(outer)},
        "models": table,
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n")
    for name, measures in table.items():
        print(name, {target: measures[target]["mae"] for target in TARGETS})


def organode() -> pd.DataFrame:
    """Return what the chain's ensembles predicted, by row."""
    columns = [
        pd.read_parquet(predictions_path(target)).set_index("row")["outer"].rename(target)
        for target in TARGETS
    ]
    return pd.concat(columns, axis=1)


def versions(peers_python: Path) -> dict[str, str]:
    """Return the versions of what was compared."""
    names = ["chemprop", "lightgbm", "scikit-learn", "torch", "rdkit"]
    code = (
        "import importlib.metadata as m, json; "
        f"print(json.dumps({{name: m.version(name) for name in {names}}}))"
    )
    found = subprocess.run([peers_python, "-c", code], check=True, capture_output=True, text=True)
    own = {f"organode's {name}": version(name) for name in ("tensorflow", "rdkit")}
    return {"organode": version("organode"), **own, **json.loads(found.stdout)}


if __name__ == "__main__":
    main()
