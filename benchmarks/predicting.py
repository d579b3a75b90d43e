"""What a prediction costs: molecules a second and core, from SMILES and from a built library.

    python benchmarks/predicting.py LIBRARY [--out FILE]

Of LIBRARY, `ROWS` rows are drawn at random and predicted by the packaged model: energies,
potentials and stability with all intervals and reasons. Beside it, RDKit alone parses the same
SMILES. From a built library, the rows are scored as a screening does, by models that are new to it
and once more, for another electrolyte. Times are of the processor, the best of `REPEATS`; models
can be new to a library only once.
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
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import pandas as pd  # noqa: E402
from rdkit import Chem  # noqa: E402

import organode  # noqa: E402
from organode.electrochemistry.cells import ROLES  # noqa: E402
from organode.library.built import BuiltLibrary  # noqa: E402
from organode.screening.criteria.criteria import Criteria  # noqa: E402
from organode.screening.engine.answer_cache import CachedModel  # noqa: E402
from organode.screening.engine.scoring import score_chunk  # noqa: E402
from organode.settings import Screen  # noqa: E402

ROWS, REPEATS = 2_000, 5


def rate(work: Callable[[], object], repeats: int = REPEATS) -> int:
    """Return how many rows a second of one core `work` gets through."""
    seconds = []
    for _ in range(repeats):
        before = time.process_time()
        work()
        seconds.append(time.process_time() - before)
    return round(ROWS / min(seconds))


def main() -> None:
    """Measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("library", type=Path)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/predicting.json"))
    options = parser.parse_args()
    out = options.out.resolve()
    rows = pd.read_csv(options.library)["smiles"].sample(2 * ROWS, random_state=1)
    smiles, others = rows[:ROWS].tolist(), rows[ROWS:].tolist()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        os.chdir(folder)  # without a registry, so that the packaged model answers
        model = organode.load()
        model.predict(others)  # what is read and found out once
        pd.DataFrame({"smiles": smiles}).to_csv("rows.csv", index=False)
        command = [Path(sys.executable).parent / "organode", "library", "build", "rows.csv"]
        subprocess.run([*command, "--out", "built"], check=True)
        chunks = [*BuiltLibrary.open(folder / "built").chunks()]
        first, second = map(CachedModel.of, model.energies)

        def score(**cell: str) -> None:
            criteria = Criteria.from_settings(Screen(**cell))
            margins = dict.fromkeys(ROLES, 0.3)
            criteria = replace(criteria, stability=model.stability, thesis_margins=margins)
            for chunk in chunks:
                score_chunk(chunk, (first, second), criteria)

        result = {
            "machine": platform.processor() or platform.machine(),
            "versions": {name: version(name) for name in ("rdkit", "numpy", "scipy")},
            "molecules_a_second": {
                "RDKit, parsing alone": rate(lambda: [*map(Chem.MolFromSmiles, smiles)]),
                "from SMILES to the whole answer": rate(lambda: model.predict(smiles)),
                "built library, models new to it": rate(score, 1),
                "built library, another electrolyte": rate(lambda: score(solvent="DMF")),
            },
        }
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result["molecules_a_second"]))


if __name__ == "__main__":
    main()
