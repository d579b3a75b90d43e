"""The k-fold ensemble: the one object that predicts. Plain arrays, no TensorFlow needed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
from rdkit import Chem
from scipy.sparse import csr_matrix

from organode.chem import MoleculeError, check_organic, flatten, parse_smiles
from organode.errors import OrganodeError
from organode.files import write_json
from organode.inputs import Inputs, Molecules
from organode.network import NetworkSettings, forward

DESCRIPTION = "ensemble.json"
INPUTS = "inputs.npz"
CHUNK = 2_000


@dataclass(frozen=True)
class Member:
    """One trained network: the network of fold `fold` has not seen that fold's rows."""

    fold: int
    mean: float
    scale: float
    weights: list[np.ndarray]

    def outputs(self, matrix: csr_matrix) -> np.ndarray:
        """Return predictions in eV, shape (n,)."""
        return forward(self.weights, matrix) * self.scale + self.mean


@dataclass(frozen=True)
class Ensemble:
    """All members of one target and the input that they read."""

    target: str
    inputs: Inputs
    members: list[Member]

    @property
    def settings(self) -> NetworkSettings:
        """Features and network of every member."""
        return self.inputs.settings

    def outputs(self, matrix: csr_matrix) -> np.ndarray:
        """Return every member's prediction in eV, shape (k, n), for inputs (n, n_columns)."""
        return np.stack([member.outputs(matrix) for member in self.members])

    def predict_molecules(self, molecules: Molecules) -> np.ndarray:
        """Return the mean of the members in eV, shape (n,), for checked molecules."""
        if not molecules.n:
            return np.empty(0)
        return np.asarray(self.outputs(self.inputs.matrix(molecules)).mean(axis=0))

    def save(self, folder: Path) -> None:
        """Write description, inputs and a `fold-K.npz` a member: same ensemble, same bytes."""
        folder.mkdir(parents=True, exist_ok=True)
        chosen = self.inputs
        save_weights(folder / INPUTS, [chosen.identifiers, chosen.sites, chosen.mean, chosen.scale])
        for member in self.members:
            save_weights(folder / f"fold-{member.fold}.npz", member.weights)
        write_json(
            folder / DESCRIPTION,
            {
                "target": self.target,
                "unit": "eV",
                "settings": self.settings.as_dict(),
                "members": [
                    {"fold": member.fold, "mean": member.mean, "scale": member.scale}
                    for member in self.members
                ],
            },
        )

    @classmethod
    def load(cls, folder: Path) -> Ensemble:
        """Read what `save` wrote.

        Raises
        ------
        OrganodeError
            If the folder holds no whole ensemble.
        """
        try:
            content = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
            settings = NetworkSettings.from_dict(content["settings"])
            inputs = Inputs(settings, *load_weights(folder / INPUTS))
            members = [
                Member(**one, weights=load_weights(folder / f"fold-{one['fold']}.npz"))
                for one in content["members"]
            ]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise OrganodeError(
                f"{folder} holds no trained ensemble: run `organode train` or `dvc repro` first"
            ) from error
        return cls(content["target"], inputs, members)


def predict(
    ensembles: Sequence[Ensemble],
    smiles: Sequence[object],
    on_chunk: Callable[[int], None] = lambda _rows: None,
) -> pd.DataFrame:
    """Predict from structure, one row for each cell.

    Parameters
    ----------
    ensembles : sequence of Ensemble
        One a target; each molecule is parsed once for all of them.
    smiles : sequence of object
        n cells; what is no neutral organic molecule gets a reason, not an exception.
    on_chunk : callable
        Called with the number of rows just done.

    Returns
    -------
    pandas.DataFrame
        n rows in the same order: `smiles` as given, `status` (``ok`` or the reason), and one
        column a target in eV (mean of the members; NaN where there is none).
    """
    parts = []
    for at in range(0, max(len(smiles), 1), CHUNK):
        cells = smiles[at : at + CHUNK]
        molecules, status = _read_molecules(cells)
        good = Molecules([molecule for molecule in molecules if molecule is not None])
        texts = [cell if isinstance(cell, str) else "" for cell in cells]
        part = pd.DataFrame({"smiles": texts, "status": status}, dtype="str")
        for ensemble in ensembles:
            values = np.full(len(cells), np.nan)
            values[[molecule is not None for molecule in molecules]] = ensemble.predict_molecules(
                good
            )
            part[ensemble.target] = values
        parts.append(part)
        on_chunk(len(cells))
    return pd.concat(parts, ignore_index=True)


def _read_molecules(smiles: Sequence[object]) -> tuple[list[Chem.Mol | None], list[str]]:
    molecules: list[Chem.Mol | None] = []
    status = []
    for cell in smiles:
        try:
            molecule = parse_smiles(cell)
            check_organic(molecule)
            molecules.append(flatten(molecule))
            status.append("ok")
        except MoleculeError as reason:
            molecules.append(None)
            status.append(str(reason))
    return molecules, status


def save_weights(target: Path | IO[bytes], weights: list[np.ndarray]) -> None:
    """Write a network's weights; the same weights give the same bytes."""
    np.savez(target, **{f"{index:02d}": array for index, array in enumerate(weights)})  # type: ignore[arg-type]


def load_weights(path: Path) -> list[np.ndarray]:
    """Read a network's weights; refuses anything pickled."""
    with np.load(path, allow_pickle=False) as arrays:
        return [arrays[name] for name in sorted(arrays.files)]


def digest(folder: Path) -> str:
    """Return the SHA-256 of a saved ensemble: what it predicts with, nothing else."""
    content: dict[str, Any] = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    total = hashlib.sha256(json.dumps(content, sort_keys=True).encode())
    for name in (INPUTS, *(f"fold-{member['fold']}.npz" for member in content["members"])):
        total.update((folder / name).read_bytes())
    return total.hexdigest()
