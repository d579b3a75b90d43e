"""Peers on the rows that organode was measured on: what a user would pick instead.

    python benchmarks/peers.py ROWS OUT [--models ridge forest lightgbm chemprop]

ROWS is a Parquet file with the columns `row`, `smiles`, `IE`, `EA` (eV) and `fold` (−1: outer test
rows). Each model learns all other rows and predicts the outer ones; OUT gets one Parquet file a
model, with its seconds in the file's metadata. A model whose file exists is not measured again.
Runs in an environment of its own, since chemprop needs an older rdkit: see `peers` in
`pyproject.toml`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator
from scipy.sparse import csr_matrix

TARGETS = ["IE", "EA"]
SEED = 20
Answer = Callable[[pd.DataFrame, pd.DataFrame], np.ndarray]


def counts(smiles: list[str], radius: int, n_bits: int = 4096) -> csr_matrix:
    """Return folded Morgan counts, shape (n, n_bits)."""
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=radius, fpSize=n_bits)
    rows = [generator.GetCountFingerprintAsNumPy(Chem.MolFromSmiles(one)) for one in smiles]
    return csr_matrix(np.array(rows, np.float32))


def each_target(
    train: pd.DataFrame, test: pd.DataFrame, radius: int, build: Callable[[], object]
) -> np.ndarray:
    """Fit one model a target on the rows that have its label."""
    x_train, x_test = (
        counts(train["smiles"].tolist(), radius),
        counts(test["smiles"].tolist(), radius),
    )
    answers = []
    for target in TARGETS:
        known = train[target].notna().to_numpy()
        model = build()
        model.fit(x_train[known], train[target].to_numpy()[known])
        answers.append(model.predict(x_test))
    return np.column_stack(answers)


def ridge(train: pd.DataFrame, test: pd.DataFrame) -> np.ndarray:
    """Ridge regression on log counts of radius 2."""
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    return each_target(
        train, test, 2, lambda: make_pipeline(FunctionTransformer(np.log1p), Ridge(alpha=3.0))
    )


def forest(train: pd.DataFrame, test: pd.DataFrame) -> np.ndarray:
    """Random forest of 300 trees on counts of radius 2."""
    from sklearn.ensemble import RandomForestRegressor

    return each_target(
        train,
        test,
        2,
        lambda: RandomForestRegressor(300, max_features=0.1, n_jobs=-1, random_state=SEED),
    )


def lightgbm(train: pd.DataFrame, test: pd.DataFrame) -> np.ndarray:
    """LightGBM, 600 trees, on counts of radius 2."""
    from lightgbm import LGBMRegressor

    return each_target(
        train,
        test,
        2,
        lambda: LGBMRegressor(
            n_estimators=600, learning_rate=0.05, num_leaves=63, random_state=SEED, verbose=-1
        ),
    )


def chemprop(train: pd.DataFrame, test: pd.DataFrame) -> np.ndarray:
    """Chemprop with its defaults, 30 epochs, both targets at once."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        random = np.random.default_rng(SEED)
        split = np.where(random.random(len(train)) < 0.1, "val", "train")
        table = train[["smiles", *TARGETS]].assign(split=split)
        pd.concat([table, test[["smiles", *TARGETS]].assign(split="test")]).to_csv(
            work / "all.csv", index=False
        )
        subprocess.run(
            [
                Path(sys.executable).parent / "chemprop", "train", "--data-path", work / "all.csv",
                "--smiles-columns", "smiles", "--target-columns", *TARGETS,
                "--task-type", "regression", "--splits-column", "split", "--epochs", "30",
                "--pytorch-seed", str(SEED), "--output-dir", work / "model",
            ],
            check=True,
        )  # fmt: skip
        test[["smiles"]].to_csv(work / "test.csv", index=False)
        subprocess.run(
            [
                Path(sys.executable).parent / "chemprop", "predict",
                "--test-path", work / "test.csv", "--smiles-columns", "smiles",
                "--model-paths", work / "model", "--preds-path", work / "answer.csv",
            ],
            check=True,
        )  # fmt: skip
        return pd.read_csv(work / "answer.csv")[TARGETS].to_numpy()


MODELS: dict[str, Answer] = {
    "ridge": ridge,
    "forest": forest,
    "lightgbm": lightgbm,
    "chemprop": chemprop,
}


def main() -> None:
    """Measure each model that has no file yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    options = parser.parse_args()
    rows = pd.read_parquet(options.rows)
    train, test = rows[rows["fold"] >= 0], rows[rows["fold"] < 0]
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.models:
        path = options.out / f"{name}.parquet"
        if path.exists():
            continue
        started = time.perf_counter()
        answer = MODELS[name](train, test)
        table = pd.DataFrame(answer, columns=TARGETS).assign(row=test["row"].to_numpy())
        table.attrs["seconds"] = round(time.perf_counter() - started, 1)
        table.to_parquet(path)
        print(name, table.attrs["seconds"], "s", flush=True)


if __name__ == "__main__":
    main()
