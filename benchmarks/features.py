"""What each feature is worth: the same network with one thing changed at a time.

    python benchmarks/features.py [--folds 2] [--epochs 12] [--only NAME ...] [--out FILE]

Runs in a project folder whose data are curated, split and featurized, on as many of its folds as
asked for; the outer test rows are never read. Both targets are learned together, unless a line says
otherwise. Writes after each line, and goes on from what is there.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator, rdMolDescriptors
from scipy.sparse import csr_matrix, hstack

from organode.artifacts import TARGETS
from organode.chem.orbitals.huckel import NAMES
from organode.models.network.training import fit
from organode.models.training_data import Labelled
from organode.search.space import STRONG

SEED = 20
BASE = replace(STRONG, joint=True)
PLAIN = replace(BASE, orbitals=False)


def sparse(generator: object, molecules: list[Chem.Mol], learned: np.ndarray) -> csr_matrix:
    """Return log counts of what at least two learnable molecules have, shape (n, c)."""
    found = [generator.GetSparseCountFingerprint(one).GetNonzeroElements() for one in molecules]
    keys = np.fromiter((key for one in found for key in one), np.int64)
    values = np.fromiter((value for one in found for value in one.values()), np.float32)
    rows = np.repeat(np.arange(len(found)), [len(one) for one in found])
    identifiers, column = np.unique(keys, return_inverse=True)
    matrix = csr_matrix((np.log1p(values), (rows, column)), (len(found), len(identifiers)))
    return matrix[:, np.diff(matrix[learned].tocsc().indptr) >= 2]


def scaled(columns: np.ndarray, learned: np.ndarray) -> csr_matrix:
    """Return dense columns with mean 0 and variance 1 over the learnable rows."""
    columns = np.nan_to_num(np.sign(columns) * np.log1p(np.abs(columns)))
    spread = columns[learned].std(axis=0)
    kept = spread > 1e-6
    z = (columns[:, kept] - columns[learned][:, kept].mean(axis=0)) / spread[kept]
    return csr_matrix(np.clip(z, -6, 6).astype(np.float32))


def descriptors(molecules: list[Chem.Mol]) -> np.ndarray:
    """Return RDKit's MQN, SlogP, SMR and PEOE VSA descriptors and the TPSA."""
    return np.array([
        [*rdMolDescriptors.MQNs_(one), *rdMolDescriptors.SlogP_VSA_(one),
         *rdMolDescriptors.SMR_VSA_(one), *rdMolDescriptors.PEOE_VSA_(one),
         rdMolDescriptors.CalcTPSA(one)]
        for one in molecules
    ], float)  # fmt: skip


def ion(molecule: Chem.Mol, charge: int) -> Chem.Mol:
    """Return the ion in its usual formula: the charge on a carbonyl's oxygen, or on a lone pair."""
    patterns = {-1: ["[O]=[#6]", "[N]=[#6]", "[N]#[C]"], 1: ["[NX3]", "[#16X2]", "[OX2]", "[n]"]}
    for pattern in patterns[charge]:
        hits = molecule.GetSubstructMatches(Chem.MolFromSmarts(pattern))
        if hits:
            changed = Chem.RWMol(molecule)
            for hit in hits:
                changed.GetAtomWithIdx(hit[0]).SetFormalCharge(charge)
                changed.GetAtomWithIdx(hit[0]).SetNoImplicit(True)
            return changed.GetMol()
    return molecule


def main() -> None:
    """Measure each line that is not in the file yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folds", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/features.json"))
    options = parser.parse_args()
    targets = {target: Labelled.read(target) for target in TARGETS}
    data = targets["IE"]
    if not np.array_equal(data.row, targets["EA"].row):
        raise SystemExit("not every row has both labels")
    molecules = [Chem.MolFromSmiles(one) for one in data.smiles]
    learned = np.flatnonzero(data.fold >= 0)

    def stored(**changed: object) -> Callable[[], csr_matrix]:
        return lambda: data.matrix(data.inputs(replace(PLAIN, **changed)))

    def beside(*more: Callable[[], csr_matrix]) -> Callable[[], csr_matrix]:
        return lambda: hstack([stored()(), *(one() for one in more)], format="csr")

    def morgan(radius: int, **options: object) -> Callable[[], csr_matrix]:
        return lambda: sparse(
            rdFingerprintGenerator.GetMorganGenerator(radius, **options), molecules, learned
        )

    def of_ions(charge: int) -> Callable[[], csr_matrix]:
        return lambda: sparse(
            rdFingerprintGenerator.GetMorganGenerator(1),
            [ion(one, charge) for one in molecules],
            learned,
        )

    pharmacophores = rdFingerprintGenerator.GetMorganFeatureAtomInvGen()
    inputs: dict[str, Callable[[], csr_matrix]] = {
        "counts of radius 1, not folded": stored(),
        "bits instead of counts": stored(counts=False),
        "folded to 1,024": stored(n_bits=1024),
        "folded to 2,048": stored(n_bits=2048),
        "folded to 4,096": stored(n_bits=4096),
        "radius 0": stored(radius=0),
        "radius 2": stored(radius=2),
        "radius 3": stored(radius=3),
        "with pharmacophoric environments of radius 2": beside(
            morgan(2, atomInvariantsGenerator=pharmacophores)
        ),
        "with atom pairs": beside(
            lambda: sparse(
                rdFingerprintGenerator.GetAtomPairGenerator(maxDistance=8), molecules, learned
            )
        ),
        "with torsions": beside(
            lambda: sparse(
                rdFingerprintGenerator.GetTopologicalTorsionGenerator(), molecules, learned
            )
        ),
        "with RDKit descriptors": beside(lambda: scaled(descriptors(molecules), learned)),
        "with the reduced form": beside(of_ions(-1)),
        "with the oxidised form": beside(of_ions(1)),
        "with Hückel orbitals": stored(orbitals=True),
        "with Hückel orbitals, radius 2": stored(orbitals=True, radius=2),
        "with Hückel orbitals, folded to 2,048": stored(orbitals=True, n_bits=2048),
    }
    best = inputs["with Hückel orbitals"]

    def densities() -> csr_matrix:
        chosen = data.inputs(BASE)
        return data.matrix(chosen)[:, len(chosen.identifiers) : -len(NAMES)]

    inputs["with Hückel orbitals' descriptors alone"] = beside(
        lambda: scaled(data.features.descriptors[data.positions], learned)
    )
    inputs["with Hückel orbitals' densities alone"] = beside(densities)

    def fitted_alone() -> csr_matrix:
        kept = [column for column, name in enumerate(NAMES) if "textbook" not in name]
        whole = best()
        first = whole.shape[1] - len(NAMES)
        return whole[:, [*range(first), *(first + column for column in kept)]]

    inputs["with Hückel orbitals of the fitted model alone"] = fitted_alone
    networks = {
        "squared error instead of Huber's": {"loss": "mse"},
        "each target alone": {"joint": False},
        "three layers": {"widths": (1024, 512, 256)},
        "one layer": {"widths": (1024,)},
        "wider": {"widths": (2048, 1024)},
        "dropout 0": {"dropout": 0.0},
        "dropout 0.2": {"dropout": 0.2},
        "L2 1e-5": {"l2": 1e-5},
        "batches of 128": {"batch_size": 128, "learning_rate": 8e-4},
    }
    lines = [(name, build, {}) for name, build in inputs.items()]
    lines += [
        (f"with Hückel orbitals, {name}", best, changed) for name, changed in networks.items()
    ]
    measured_with = {
        "folds": options.folds,
        "epochs": options.epochs,
        "network": BASE.as_dict(),
    }
    result = {"measured_with": measured_with, "lines": {}}
    if options.out.exists():
        result = json.loads(options.out.read_text())
        if result["measured_with"] != json.loads(json.dumps(measured_with)):
            raise SystemExit(f"{options.out} was measured with {result['measured_with']}")
    for name, build, changed in lines:
        if name in result["lines"] or (options.only and name not in options.only):
            continue
        settings = replace(BASE, **changed)
        matrix = build()
        started = time.perf_counter()
        errors = {
            target: [
                fit(
                    settings,
                    *labels.parts(matrix, fold, joint=settings.joint),
                    epochs=options.epochs,
                    seed=SEED,
                    fold=fold,
                ).mae
                for fold in range(options.folds)
            ]
            for target, labels in targets.items()
        }
        result["lines"][name] = {
            "columns": matrix.shape[1],
            **{target: round(float(np.mean(maes)), 4) for target, maes in errors.items()},
            "seconds": round(time.perf_counter() - started, 1),
        }
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
        print(name, result["lines"][name], flush=True)


if __name__ == "__main__":
    main()
