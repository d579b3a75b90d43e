"""Parse the rows of a chunk: into features for the models, or fingerprints for the surrogate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np
from rdkit import Chem, rdBase
from rdkit.Chem import rdMolDescriptors
from scipy.sparse import csr_matrix

from organode.chem.count_fingerprint import folded_counts, structure_hash
from organode.chem.features import ModelFeatures, Molecules
from organode.chem.reading.column import each_molecule, read_molecules
from organode.utils.code import code_digest

FRAGMENT_SEPARATOR = "."  # in a SMILES


def features_digest() -> str:
    """Return the SHA-256 of all that decides the features of a molecule: code and RDKit."""
    return code_digest(__name__, more=rdBase.rdkitVersion)


@dataclass(frozen=True)
class ParsedChunk:
    """n parsed rows, m of them valid molecules.

    Attributes
    ----------
    rows : sequence of int
        Their numbers in the library, sorted ascending.
    ids, smiles : sequence of str
        As given.
    status : sequence of str
        ``ok``, or the reason why a row has no molecule that can be predicted.
    notes : sequence of str
        Changes to a row's structure before prediction; mostly empty.
    good : numpy.ndarray
        Shape (m,): positions of the valid molecules among the n rows.
    molar_mass : numpy.ndarray
        Shape (m,), g/mol; of a salt, with its counter-ions as given.
    """

    rows: Sequence[int]
    ids: Sequence[str]
    smiles: Sequence[str]
    status: Sequence[str]
    notes: Sequence[str]
    good: np.ndarray
    molar_mass: np.ndarray


@dataclass(frozen=True)
class FeaturizedChunk(ParsedChunk):
    """Parsed rows with the features of the models.

    Attributes
    ----------
    features : ModelFeatures
        Of the m valid molecules.
    key : numpy.ndarray
        Shape (m,), uint64: equal for equal structures.
    cache_folder : Path or None
        Keeps the models' answers about these rows.
    """

    features: ModelFeatures
    key: np.ndarray
    cache_folder: Path | None = None


@dataclass(frozen=True)
class FingerprintedChunk(ParsedChunk):
    """Parsed rows with the fingerprints of the surrogate.

    Attributes
    ----------
    counts : scipy.sparse.csr_matrix
        `folded_counts` of the m valid molecules.
    key : numpy.ndarray
        Shape (m,), uint64: equal for equal structures, and rarely for different ones.
    """

    counts: csr_matrix
    key: np.ndarray


def featurize(
    rows: Sequence[int],
    ids: Sequence[str],
    smiles: Sequence[str],
    problems: Sequence[str],
    cap: str,
) -> tuple[FeaturizedChunk, Molecules]:
    """Parse n rows for the models; return them, and the valid molecules with all features."""
    molecules, status, notes = read_molecules(smiles, problems, cap)
    features = Molecules([molecule for molecule in molecules if molecule is not None])
    mass = [
        _mass(molecule, given)
        for molecule, given in zip(molecules, smiles, strict=True)
        if molecule is not None
    ]
    key = np.array([structure_key(molecule) for molecule in features.molecules], np.uint64)
    parsed = _parsed(rows, ids, smiles, status, notes, mass)
    return FeaturizedChunk(**vars(parsed), features=features, key=key), features


def fingerprint(
    rows: Sequence[int],
    ids: Sequence[str],
    smiles: Sequence[str],
    problems: Sequence[str],
    cap: str,
) -> FingerprintedChunk:
    """Return the fingerprints of n rows for the surrogate; molecules are not kept in memory."""
    status: list[str] = []
    notes: list[str] = []
    mass: list[float] = []

    def valid_molecules() -> Iterator[Chem.Mol]:
        parsed = each_molecule(smiles, problems, cap)
        for (molecule, row_status, note), given in zip(parsed, smiles, strict=True):
            status.append(row_status)
            notes.append(note)
            if molecule is not None:
                mass.append(_mass(molecule, given))
                yield molecule

    counts = folded_counts(valid_molecules())
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
    good = np.flatnonzero([row_status == "ok" for row_status in status])
    return ParsedChunk(rows, ids, smiles, status, notes, good, np.array(mass, np.float64))


def _mass(molecule: Chem.Mol, given: str) -> float:
    """Return the molar mass of a molecule; of an ion, the mass of the salt that was given."""
    if FRAGMENT_SEPARATOR in given and Chem.GetFormalCharge(molecule):
        with rdBase.BlockLogs():
            salt = Chem.MolFromSmiles(given)
        if salt is not None and not Chem.GetFormalCharge(salt):
            molecule = salt
    return float(rdMolDescriptors._CalcMolWt(molecule))


def structure_key(molecule: Chem.Mol) -> int:
    """Return a 64-bit hash of a flat molecule's canonical SMILES.

    Among 100 million structures, two share a hash with a probability of 3 in 10,000.
    """
    return int.from_bytes(blake2b(Chem.MolToSmiles(molecule).encode(), digest_size=8).digest())
