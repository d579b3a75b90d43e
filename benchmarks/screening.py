"""What a screening costs: a whole one, its rate beside RDKit's alone, memory, and who should do it.

    python benchmarks/screening.py LIBRARY [--million FILE] [--out FILE]

LIBRARY is screened from SMILES to all reports by the packaged model, then from a built library: by
models that are new to it, and again for another electrolyte. With a long list of SMILES
(`--million`; one a line), the same is measured on its first 100,000 and 1,000,000 lines. The first
100,000 are scored in full and by way of an estimate, which shows how much of the best the latter
finds. Every screening is a process of its own. Writes after each line and goes on from what is
there: delete the result to measure another version.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from itertools import islice
from pathlib import Path

import pandas as pd

GIB = 2**20  # KiB
SIZES = (100_000, 1_000_000)
BEST = 100  # candidates in each role that an estimate has to find
CROSSING = (2_000, 4_000, 8_000, 16_000)  # rows


def command(*arguments: object) -> tuple[float, float]:
    """Run organode; return seconds and the most memory of all its processes in GiB."""
    before = time.perf_counter()
    # In an empty folder and without a server there is no registry: the packaged model answers.
    alone = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    with tempfile.TemporaryDirectory() as empty:
        process = subprocess.Popen(
            [Path(sys.executable).parent / "organode", "--quiet", *map(str, arguments)],
            cwd=empty,
            env=alone,
        )
        peak = _peak(process)
    if process.returncode:
        raise SystemExit(f"organode {arguments} failed")
    return time.perf_counter() - before, peak


def _peak(process: subprocess.Popen[bytes]) -> float:
    """Wait for a process; return the most memory that it and its children held, in GiB."""
    peak = last = 0.0
    while process.poll() is None:
        held = _memory(process.pid)
        # A page that one process comes to share while others are read is counted twice, once.
        peak, last = max(peak, min(held, last)), held
        time.sleep(0.1)
    return peak


def _memory(pid: int) -> float:
    """Return what a process and its children hold in GiB, shared pages counted once."""
    total = 0.0
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total = int(line.split()[1]) / GIB
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:  # it has just ended
        return total
    return total + sum(_memory(int(child)) for child in children)


def rdkit(lines: list[str]) -> float:
    """Return how many molecules a second RDKit parses and fingerprints, on all cores."""
    cores = len(os.sched_getaffinity(0))
    started = time.perf_counter()
    with ProcessPoolExecutor(cores) as pool:
        list(pool.map(_parse, [lines[at : at + 2_000] for at in range(0, len(lines), 2_000)]))
    return len(lines) / (time.perf_counter() - started)


def _parse(smiles: list[str]) -> None:
    from rdkit import Chem, rdBase
    from rdkit.Chem import rdFingerprintGenerator

    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2)
    with rdBase.BlockLogs():
        for one in smiles:
            molecule = Chem.MolFromSmiles(one)
            if molecule is not None:
                generator.GetSparseCountFingerprint(molecule)


def main() -> None:
    """Measure what is not in the file yet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("library", type=Path)
    parser.add_argument("--million", type=Path)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/screening.json"))
    options = parser.parse_args()
    options.library = options.library.resolve()
    result = json.loads(options.out.read_text()) if options.out.exists() else {}
    result |= {
        "machine": platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "versions": {name: version(name) for name in ("rdkit", "numpy", "scipy")},
    }

    def keep(name: str, content: object) -> None:
        result[name] = content
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(result, indent=2) + "\n")
        print(name, json.dumps(content), flush=True)

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if "whole" not in result:
            keep("whole", whole(options.library, folder))
        if "crossing" not in result:
            keep("crossing", crossing(options.library, folder))
        for size in SIZES if options.million else ():
            if f"lines_{size}" not in result:
                keep(f"lines_{size}", many(options.million, size, folder))


def whole(library: Path, folder: Path) -> dict[str, float]:
    """Screen a library from SMILES to all reports, and again from a built one."""
    smiles = pd.read_csv(library)["smiles"].astype(str).tolist()
    return rates(library, smiles, folder) | built(library, len(smiles), folder)


def rates(library: Path, smiles: list[str], folder: Path) -> dict[str, float]:
    """Screen a library from SMILES; beside it, RDKit alone."""
    alone = rdkit(smiles[:100_000])
    seconds, peak = command("screen", library, "--out", folder / "smiles")
    return {
        "rows": len(smiles),
        "seconds": round(seconds, 1),
        "molecules_a_second": round(len(smiles) / seconds),
        "peak_GiB": round(peak, 2),
        "rdkit_molecules_a_second": round(alone),
        "share_of_rdkits_rate": round(len(smiles) / seconds / alone, 3),
    }


def built(library: Path, rows: int, folder: Path) -> dict[str, float]:
    """Build a library; screen it by models new to it, and again for another electrolyte."""
    folder = Path(tempfile.mkdtemp(dir=folder))
    building, peak = command("library", "build", library, "--out", folder / "built")
    first, _ = command("screen", folder / "built", "--out", folder / "a")
    again, _ = command("screen", folder / "built", "--out", folder / "b", "--solvent", "DMC")
    size = sum(file.stat().st_size for file in folder.glob("built/**/*") if file.is_file())
    return {
        "build_seconds": round(building, 1),
        "build_peak_GiB": round(peak, 2),
        "built_bytes_a_row": round(size / rows),
        "built_new_model_seconds": round(first, 1),
        "built_other_electrolyte_seconds": round(again, 1),
    }


def crossing(library: Path, folder: Path) -> dict[str, dict[str, float]]:
    """Screen more and more rows serially and in processes."""
    table = pd.read_csv(library)
    found = {}
    for rows in CROSSING:
        table.head(rows).to_csv(folder / "part.csv", index=False)
        path, out = folder / "part.csv", folder / "c"
        found[str(rows)] = {
            engine: round(command("screen", path, "--out", out, "--engine", engine)[0], 1)
            for engine in ("serial", "processes")
        }
    return found


def many(million: Path, size: int, folder: Path) -> dict[str, float]:
    """Screen the first lines of a long list."""
    with open(million, encoding="utf-8") as stream:
        lines = [line.split()[0] for line in islice(stream, size) if line.strip()]
    part = folder / "part.smi"
    part.write_text("\n".join(lines) + "\n")
    found = rates(part, lines, folder) | built(part, len(lines), folder)
    if size == min(SIZES):
        found |= recall(part, folder)
    return found


def recall(part: Path, folder: Path) -> dict[str, float]:
    """Say how many of the best of a library scored in full are found by way of an estimate."""
    command("screen", part, "--out", folder / "found", "--set", "screen.in_full=0",
            "--set", f"screen.keep={BEST}")  # fmt: skip
    summary = json.loads((folder / "found/summary.json").read_text())
    result: dict[str, float] = {"scored_of_estimated": summary["scored"]}
    whole, found = (
        pd.read_parquet(folder / name / "candidates.parquet") for name in ("smiles", "found")
    )
    for role in ("p", "n"):
        best = whole[(whole["role"] == role) & (whole["rank"] <= BEST)]["row"]
        listed = found[found["role"] == role]["row"]
        result[f"best_found_{role}"] = round(float(best.isin(listed).mean()), 3)
        result[f"best_promised_{role}"] = summary["estimate"]["share_listed"][role]
    return result


if __name__ == "__main__":
    main()
