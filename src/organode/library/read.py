"""The rows of a chunk as molecules that a model can judge."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from typing import Protocol

import numpy as np
from rdkit import Chem, rdBase
from rdkit.Chem import rdMolDescriptors

from organode import __version__
from organode.inputs import Described, Molecules
from organode.model import read_molecules


def describing() -> str:
    """Return the SHA-256 of all that decides how a molecule is described: code and RDKit."""
    return _code("organode.chem", rdBase.rdkitVersion)


def answering() -> str:
    """Return the SHA-256 of the code that decides what a model answers about a described one."""
    return "".join(_code(f"organode{part}") for part in ("", ".network", ".uncertainty"))


def _code(package: str, more: str = "") -> str:
    total = hashlib.sha256(f"{__version__} {more}".encode())
    folder = files(package)
    for name in sorted(one.name for one in folder.iterdir() if one.name.endswith((".py", ".json"))):
        total.update((folder / name).read_bytes())
    return total.hexdigest()


class Piece(Protocol):
    """Some rows of a library, wherever they come from."""

    @property
    def number(self) -> int:
        """From 0."""

    @property
    def n(self) -> int:
        """How many rows."""

    def read(self) -> Read:
        """Return the rows."""


class Source(Protocol):
    """Anything that can be screened."""

    @property
    def name(self) -> str:
        """What a report calls it."""

    def digest(self) -> str:
        """Return what is equal for equal rows."""

    def about(self) -> int:
        """Return about how many rows there are."""

    def pieces(self) -> Iterator[Piece]:
        """Go through the rows, a piece at a time."""


@dataclass(frozen=True)
class Read:
    """What became of n rows.

    Attributes
    ----------
    first : int
        Row number of the first.
    ids, smiles : sequence of str
        As given.
    status : sequence of str
        ``ok``, or why a row is no molecule that can be judged.
    place : numpy.ndarray
        Shape (m,): which rows are good.
    described : Described
        The m good ones.
    key : numpy.ndarray
        Shape (m,), uint64: equal for equal structures.
    molar_mass : numpy.ndarray
        Shape (m,), g/mol.
    memory : Path or None
        A folder that keeps what models say of these rows.
    """

    first: int
    ids: Sequence[str]
    smiles: Sequence[str]
    status: Sequence[str]
    place: np.ndarray
    described: Described
    key: np.ndarray
    molar_mass: np.ndarray
    memory: Path | None = None


def read(first: int, ids: Sequence[str], smiles: Sequence[str]) -> tuple[Read, Molecules]:
    """Parse n rows, the first of which has the row number `first`."""
    molecules, status = read_molecules(smiles)
    good = Molecules([molecule for molecule in molecules if molecule is not None])
    place = np.flatnonzero([molecule is not None for molecule in molecules])
    key = np.array([_key(molecule) for molecule in good.molecules], np.uint64)
    mass = np.array([rdMolDescriptors._CalcMolWt(one) for one in good.molecules], np.float64)
    return Read(first, ids, smiles, status, place, good, key, mass), good


def _key(molecule: Chem.Mol) -> int:
    """Return 64 bits of a flat molecule's canonical SMILES.

    Among 100 million structures two would share them with a probability of 3 in 10,000.
    """
    return int.from_bytes(blake2b(Chem.MolToSmiles(molecule).encode(), digest_size=8).digest())
