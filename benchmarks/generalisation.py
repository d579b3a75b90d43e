"""How well energies are predicted of molecules unlike those that were learned.

    python benchmarks/generalisation.py TABLE [--alone | --start MODEL] [--epochs NUMBER]
        [--pretrain-epochs NUMBER] [--work FOLDER] [--out FILE]

TABLE has SMILES, IE and EA, such as the Materials Project's. The chain is run on it four times, in
folders of their own: with a random test set; with a test set of scaffolds that no fold has; and
with six families left out of all folds, and of the labels that networks learn first (`FAMILIES`),
once with random folds and once with folds that share no scaffold, from which the error bars learn
how far off new scaffolds are. Networks have the fixed setting, and learn labels by other protocols
first (unless `--alone`), or go on from an earlier model (`--start`; it must not have learned these
molecules). Stages that are finished are not run again, so that the benchmark can be interrupted and
goes on.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import yaml
from rdkit import Chem

from organode.artifacts import CURATED, SPLITS, TARGETS, best_path, predictions_path
from organode.chem.motifs import family
from organode.models.metrics import errors
from organode.models.splits import scaffold
from organode.search.space import STRONG
from organode.settings import Settings
from organode.utils.tables import read_csv, write_csv, write_table

ROOT = Path(__file__).resolve().parent.parent
FAMILIES = ("quinone", "phenothiazine", "imide", "nitroxide", "alloxazine", "azo")
SPLIT = {  # the setting `split.method`, by which folds are made as well
    "random": "random",
    "scaffold": "scaffold",
    "families": "random",
    "families, folds of scaffolds": "scaffold",
}


def main() -> None:
    """Measure what is not in the file yet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("--alone", action="store_true", help="learn no other labels first")
    parser.add_argument("--start", help="a model from whose networks the training goes on")
    parser.add_argument("--epochs", type=int, help="of each fold; that of params.yaml if omitted")
    parser.add_argument("--pretrain-epochs", type=int, help="on labels by other protocols")
    parser.add_argument("--work", type=Path, default=Path(".organode/generalisation"))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/generalisation.json"))
    options = parser.parse_args()
    result = json.loads(options.out.read_text()) if options.out.exists() else {}
    result["machine"] = platform.processor() or platform.machine()
    kind = "alone" if options.alone else "pre-trained"
    kind = f"from {options.start}" if options.start else kind
    kind += f", {options.epochs} epochs" if options.epochs else ""
    kind += f" after {options.pretrain_epochs}" if options.pretrain_epochs is not None else ""
    for split in SPLIT:
        work = options.work.resolve() / kind.replace("/", "_") / split
        run(split, options, work)
        result.setdefault(kind, {})[split] = measured(split, work)
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(result, indent=2) + "\n")
        print(kind, split, json.dumps(result[kind][split]), flush=True)


def run(split: str, options: argparse.Namespace, work: Path) -> None:
    """Run the stages up to the evaluation in a folder, without those that are finished."""
    work.mkdir(parents=True, exist_ok=True)
    for name in ("data/measured", "data/embedded", "data/pretraining"):
        if not (work / name).exists():
            shutil.copytree(ROOT / name, work / name)
    before = 0 if options.alone or options.start else options.pretrain_epochs
    content = {
        "fetch": {"source": "file", "file": {"path": str(options.table.resolve())}},
        "split": {"method": SPLIT[split]},
        "pretrain": {} if before is None else {"epochs": before},
        "train": {"start": options.start, **({"epochs": options.epochs} if options.epochs else {})},
    }
    (work / "params.yaml").write_text(yaml.safe_dump(content))
    stage(work, CURATED, "fetch", "curate")
    if not (work / SPLITS).exists():
        stage(work, SPLITS, "split")
        if split.startswith("families"):
            leave_families_out(work)
    stage(work, Path("data/features/orbitals.parquet"), "featurize")
    for target in TARGETS:
        best = work / best_path(target)
        best.parent.mkdir(parents=True, exist_ok=True)
        best.write_text(yaml.safe_dump({"settings": STRONG.as_dict()}))
        if split.startswith("families"):
            leave_families_out_of_tables(work)
        names = ("pretrain", "train", "calibrate", "evaluate")
        stage(work, predictions_path(target), *(f"{name} {target}" for name in names))


def stage(work: Path, made: Path, *commands: str) -> None:
    """Run commands in a folder, unless the file that the last one makes is there."""
    alone = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    program = Path(sys.executable).parent / "organode"
    for command in commands if not (work / made).exists() else ():
        subprocess.run([program, *command.split()], cwd=work, env=alone, check=True)


def leave_families_out(work: Path) -> None:
    """Add all members of `FAMILIES` to the test set, so that no fold has any."""
    table = pd.read_parquet(work / CURATED, columns=["row", "smiles"])
    splits = pd.read_parquet(work / SPLITS)
    left_out = [family(Chem.MolFromSmiles(smiles)) in FAMILIES for smiles in table["smiles"]]
    splits["split"] = splits["split"].where([not each for each in left_out], "outer")
    splits["fold"] = splits["fold"].where(splits["split"] == "fold")
    write_table(splits, work / SPLITS)


def leave_families_out_of_tables(work: Path) -> None:
    """Remove all members of `FAMILIES` from the tables that networks learn first."""
    for table in Settings().pretrain.tables:
        path = work / table.path
        is_parquet = path.suffix == ".parquet"
        known = pd.read_parquet(path) if is_parquet else read_csv(path)
        kept = [family(Chem.MolFromSmiles(smiles)) not in FAMILIES for smiles in known["smiles"]]
        if not all(kept):
            (write_table if is_parquet else write_csv)(known[kept], path)


def measured(split: str, work: Path) -> dict[str, object]:
    """Return error, coverage and width of the 95 % error bars, share in the domain, of each target.

    Of the scaffolds also without that of most test molecules, a series of one kind.
    """
    found: dict[str, object] = {}
    for target in TARGETS:
        table = pd.read_parquet(work / predictions_path(target))
        outer = table[table["outer"].notna()]
        if split.startswith("families"):
            by_family = {name: outer[outer["family"] == name] for name in FAMILIES}
            found[target] = {name: summary(rows) for name, rows in by_family.items() if len(rows)}
            found[target]["all six"] = summary(outer[outer["family"].isin(FAMILIES)])
            continue
        found[target] = summary(outer)
        if split == "scaffold":
            curated = pd.read_parquet(work / CURATED, columns=["row", "smiles"]).set_index("row")
            scaffolds = outer["row"].map(curated["smiles"]).map(scaffold)
            most = scaffolds.mode()[0]
            found[target]["without"] = {"scaffold": most, **summary(outer[scaffolds != most])}
    return found


def summary(rows: pd.DataFrame) -> dict[str, float]:
    """Return what `measured` says of some molecules of a test set."""
    inside = rows["label"].between(rows["lower"], rows["upper"])
    of_all = errors(rows["label"].to_numpy(), rows["outer"].to_numpy())
    in_domain = rows["in_domain"].astype(bool)
    return {
        "n": len(rows),
        "mae": of_all["mae"],
        "covered": round(float(inside.mean()), 3),
        "half_width": round(float((rows["upper"] - rows["lower"]).median() / 2), 3),
        "in_domain": round(float(in_domain.mean()), 3),
        "covered_in_domain": round(float(inside[in_domain].mean()), 3) if in_domain.any() else None,
    }


if __name__ == "__main__":
    main()
