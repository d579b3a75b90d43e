"""Prediction from SMILES against what RDKit alone takes to parse and fingerprint them.

    python benchmarks/screening.py [--molecules 20000] [--out benchmarks/results/screening.json]

Runs with the champions of the registry, in one process, on the project's own library repeated.
"""

import argparse
import json
import platform
import time
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator

from organode.model import predict
from organode.register.registry import champions


def main() -> None:
    """Measure and write the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--molecules", type=int, default=20_000)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/screening.json"))
    options = parser.parse_args()

    table = pd.read_csv("data/embedded/library.csv")["smiles"]
    smiles = table.sample(options.molecules, replace=True, random_state=20).tolist()
    models = [loaded.model for loaded in champions(("IE", "EA"))]
    radii = sorted({model.ensemble.settings.radius for model in models})

    start = time.perf_counter()
    generators = [rdFingerprintGenerator.GetMorganGenerator(radius=radius) for radius in radii]
    for one in smiles:
        molecule = Chem.MolFromSmiles(one)
        for generator in generators:
            generator.GetSparseCountFingerprint(molecule)
    rdkit = time.perf_counter() - start

    start = time.perf_counter()
    predict(models, smiles)
    whole = time.perf_counter() - start
    result = {
        "machine": platform.processor() or platform.machine(),
        "versions": {name: version(name) for name in ("rdkit", "numpy", "scipy")},
        "molecules": len(smiles),
        "radii": radii,
        "networks": sum(len(model.ensemble.members) for model in models),
        "rdkit_alone_molecules_per_s": round(len(smiles) / rdkit),
        "prediction_molecules_per_s": round(len(smiles) / whole),
        "share_of_rdkit_rate": round(rdkit / whole, 3),
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
