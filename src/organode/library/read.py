"""The rows of a chunk as molecules: described for the models, or sketched for an estimate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa
from rdkit import Chem, rdBase
from rdkit.Chem import rdMolDescriptors
from scipy.sparse import csr_matrix

from organode.chem.count_fingerprint import folded_counts, structure_hash
from organode.chem.features import ModelFeatures, Molecules
from organode.chem.reading.column import each_molecule, read_molecules
from organode.utils.code import code_digest

if TYPE_CHECKING:
    from organode.library.chunk import Chunk


def describing() -> str:
    """Return the SHA-256 of all that decides how a molecule is described: code and RDKit."""
    return code_digest(__name__, more=rdBase.rdkitVersion)


class Piece(Protocol):
    """Some rows of a library, wherever they come from."""

    @property
    def number(self) -> int:
        """From 0."""

    @property
    def n(self) -> int:
        """How many rows."""

    @property
    def rows(self) -> Sequence[int]:
        """Their numbers in the library, rising."""

    @property
    def cap(self) -> str:
        """What ends their repeat units."""

    def given(self) -> Chunk:
        """Return the rows as given, without the other columns."""

    def read(self) -> FeaturizedChunk:
        """Return the rows as models read them."""

    def fingerprint(self) -> FingerprintedChunk:
        """Return the rows as an estimate reads them."""


class Source(Protocol):
    """Anything that can be screened."""

    @property
    def name(self) -> str:
        """What a report calls it."""

    @property
    def cap(self) -> str:
        """What ends repeat units."""

    def digest(self) -> str:
        """Return what is equal for equal rows."""

    @property
    def columns(self) -> pa.Schema:
        """Columns of the files beside structures and ids."""

    def own_columns(self) -> Iterator[pa.Table]:
        """Go through these columns, a piece at a time."""

    def approximate_rows(self) -> int:
        """Return about how many rows there are."""

    def pieces(self) -> Iterator[Piece]:
        """Go through the rows, a piece at a time."""


FRAGMENTS = "."  # between a SMILES's


@dataclass(frozen=True)
class ParsedChunk:
    """What became of n rows.

    Attributes
    ----------
    rows : sequence of int
        Their numbers in the library, rising.
    ids, smiles : sequence of str
        As given.
    status : sequence of str
        ``ok``, or why a row has no molecule that can be scored.
    notes : sequence of str
        What was done to a row's structure before it is scored; mostly empty.
    place : numpy.ndarray
        Shape (m,): which rows are good.
    molar_mass : numpy.ndarray
        Shape (m,), g/mol; of a salt, its counter-ions as given included.
    """

    rows: Sequence[int]
    ids: Sequence[str]
    smiles: Sequence[str]
    status: Sequence[str]
    notes: Sequence[str]
    place: np.ndarray
    molar_mass: np.ndarray


@dataclass(frozen=True)
class FeaturizedChunk(ParsedChunk):
    """What models read.

    Attributes
    ----------
    described : ModelFeatures
        The m good rows.
    key : numpy.ndarray
        Shape (m,), uint64: equal for equal structures.
    memory : Path or None
        A folder that keeps what models say of these rows.
    """

    described: ModelFeatures
    key: np.ndarray
    memory: Path | None = None


@dataclass(frozen=True)
class FingerprintedChunk(ParsedChunk):
    """What an estimate reads.

    Attributes
    ----------
    counts : scipy.sparse.csr_matrix
        `folded_counts` of the m good rows.
    key : numpy.ndarray
        Shape (m,), uint64: equal for equal structures, and seldom for others.
    """

    counts: csr_matrix
    key: np.ndarray


def read(
    rows: Sequence[int],
    ids: Sequence[str],
    smiles: Sequence[str],
    problems: Sequence[str],
    cap: str,
) -> tuple[FeaturizedChunk, Molecules]:
    """Parse n rows for the models."""
    molecules, status, notes = read_molecules(smiles, problems, cap)
    good = Molecules([molecule for molecule in molecules if molecule is not None])
    mass = [_mass(*one) for one in zip(molecules, smiles, strict=True) if one[0] is not None]
    key = np.array([structure_key(molecule) for molecule in good.molecules], np.uint64)
    parsed = _parsed(rows, ids, smiles, status, notes, mass)
    return FeaturizedChunk(**vars(parsed), described=good, key=key), good


def sketch(
    rows: Sequence[int],
    ids: Sequence[str],
    smiles: Sequence[str],
    problems: Sequence[str],
    cap: str,
) -> FingerprintedChunk:
    """Parse n rows for an estimate; each molecule is gone before the next one comes."""
    status: list[str] = []
    notes: list[str] = []
    mass: list[float] = []

    def good() -> Iterator[Chem.Mol]:
        found = each_molecule(smiles, problems, cap)
        for (molecule, said, note), given in zip(found, smiles, strict=True):
            status.append(said)
            notes.append(note)
            if molecule is not None:
                mass.append(_mass(molecule, given))
                yield molecule

    counts = folded_counts(good())
    parsed = _parsed(rows, ids, smiles, status, notes, mass)
    return FingerprintedChunk(**vars(parsed), counts=counts, key=structure_hash(counts))


def _parsed(
    rows: Sequence[int],
    ids: Sequence[str],
    smiles: Sequence[str],
    status: Sequence[str],
    notes: Sequence[str],
    mass: Sequence[float],
) -> ParsedChunk:
    place = np.flatnonzero([one == "ok" for one in status])
    return ParsedChunk(rows, ids, smiles, status, notes, place, np.array(mass, np.float64))


def _mass(molecule: Chem.Mol | None, given: str) -> float:
    """Return the molar mass of a molecule; of an ion that of the salt that was given."""
    if FRAGMENTS in given and molecule is not None and Chem.GetFormalCharge(molecule):
        with rdBase.BlockLogs():
            salt = Chem.MolFromSmiles(given)
        if salt is not None and not Chem.GetFormalCharge(salt):
            molecule = salt
    return float(rdMolDescriptors._CalcMolWt(molecule))


def structure_key(molecule: Chem.Mol) -> int:
    """Return 64 bits of a flat molecule's canonical SMILES.

    Among 100 million structures two would share them with a probability of 3 in 10,000.
    """
    return int.from_bytes(blake2b(Chem.MolToSmiles(molecule).encode(), digest_size=8).digest())
