"""Parse rows of a library into features for the models, or into fingerprints for the surrogate.

The surrogate is a fast model. In a long library, it chooses the molecules that the slower models
then predict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rdkit import Chem
from scipy.sparse import csr_matrix, vstack

from organode.chem.count_fingerprint import count_environments, folded, structure_hash
from organode.chem.features import ModelFeatures, Molecules
from organode.chem.in_cell import has_anion, molar_mass
from organode.chem.reading.column import each_molecule, read_molecules
from organode.chem.structure_key import structure_key

if TYPE_CHECKING:  # to read a library needs no rules
    from organode.electrochemistry.stability.inputs import StabilityInputs

BLOCK = 500  # molecules
# From molecules and their environments: shape (m, 2), bool, whether each has a group that is known
# to be stable oxidised, and one that is known to be stable reduced.
CoreSearch = Callable[[Sequence[Chem.Mol], csr_matrix], np.ndarray]


@dataclass(frozen=True)
class ParsedChunk:
    """n parsed rows of a library, of which m have a valid molecule.

    Attributes
    ----------
    rows : sequence of int
        Row numbers in the library, from 0, sorted ascending.
    ids, smiles : sequence of str
        Ids and SMILES of the rows, as given in the file.
    status : sequence of str
        ``ok``, or the reason why a row has no molecule that can be predicted.
    notes : sequence of str
        How a row's structure was changed before prediction, such as by removing counter-ions;
        empty if it was not changed.
    good : numpy.ndarray
        Shape (m,): positions of the valid molecules among the n rows.
    molar_mass : numpy.ndarray
        Shape (m,), float64, g/mol. For a cation or an anion's acid that was given as a salt, it is
        the molar mass of the salt, for one such ion.
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
    """Parsed rows with the input features of the models.

    Attributes
    ----------
    features : ModelFeatures
        Input features of the m valid molecules.
    key : numpy.ndarray
        Shape (m,), uint64: hashes of the molecules' canonical SMILES without stereo.
    stability_inputs : StabilityInputs or None
        What is read of the m molecules to judge the stability of their ions; None if it is not
        stored, but computed from `features`.
    cache_folder : Path or None
        Folder in which the models' predictions for these rows are stored; None if predictions are
        not stored.
    """

    features: ModelFeatures
    key: np.ndarray
    stability_inputs: StabilityInputs | None = None
    cache_folder: Path | None = None


@dataclass(frozen=True)
class FingerprintedChunk(ParsedChunk):
    """Parsed rows with the count fingerprints that the surrogate, a fast model, reads.

    Attributes
    ----------
    counts : scipy.sparse.csr_matrix
        Shape (m, 8192), uint16: how often each Morgan environment up to radius 1 occurs in each
        valid molecule, folded to 8,192 columns.
    has_core : numpy.ndarray
        Shape (m, 2), bool: whether each molecule has a group that is known to be stable oxidised,
        and one that is known to be stable reduced.
    key : numpy.ndarray
        Shape (m,), uint64: hashes of the fingerprints. Equal structures have equal hashes;
        different structures rarely have equal hashes. A metal salt has the hash of its anion's
        SMILES.
    """

    counts: csr_matrix
    has_core: np.ndarray
    key: np.ndarray

    @classmethod
    def joined(cls, parts: Sequence[FingerprintedChunk]) -> FingerprintedChunk:
        """Join one or more chunks into one."""
        first = np.cumsum([0, *(len(part.smiles) for part in parts[:-1])])

        def cells(name: str) -> list[Any]:
            return [cell for part in parts for cell in getattr(part, name)]

        return cls(
            cells("rows"),
            cells("ids"),
            cells("smiles"),
            cells("status"),
            cells("notes"),
            good=np.concatenate([at + part.good for at, part in zip(first, parts, strict=True)]),
            molar_mass=np.concatenate([part.molar_mass for part in parts]),
            counts=vstack([part.counts for part in parts], "csr"),
            has_core=np.concatenate([part.has_core for part in parts]),
            key=np.concatenate([part.key for part in parts]),
        )


def featurize(
    rows: Sequence[int],
    ids: Sequence[str],
    smiles: Sequence[str],
    problems: Sequence[str],
    cap: str,
) -> tuple[FeaturizedChunk, Molecules]:
    """Parse n rows of a library into input features of the models.

    The parameters are the attributes of `organode.library.chunk.Chunk`.

    Returns
    -------
    parsed : FeaturizedChunk
        The n rows, of which m have a valid molecule.
    molecules : Molecules
        The m valid molecules with their features: the same object as `parsed.features`.
    """
    molecules, status, notes = read_molecules(smiles, problems, cap)
    features = Molecules([molecule for molecule in molecules if molecule is not None])
    mass = [*map(molar_mass, features.molecules)]
    key = np.array([structure_key(molecule) for molecule in features.molecules], np.uint64)
    parsed = _parsed(rows, ids, smiles, status, notes, mass)
    return FeaturizedChunk(**vars(parsed), features=features, key=key), features


def fingerprint(
    rows: Sequence[int],
    ids: Sequence[str],
    smiles: Sequence[str],
    problems: Sequence[str],
    cap: str,
    have_core: CoreSearch,
) -> FingerprintedChunk:
    """Parse n rows of a library into count fingerprints for the surrogate, a fast model.

    Only `BLOCK` molecules at a time are in memory. The first parameters are the attributes of
    `organode.library.chunk.Chunk`; `problems` may be empty. `have_core` finds out which molecules
    have a group that is known to be stable as an ion.
    """
    status: list[str] = []
    notes: list[str] = []
    mass: list[float] = []

    def valid_molecules() -> Iterator[Chem.Mol]:
        for molecule, row_status, note in each_molecule(smiles, problems, cap):
            status.append(row_status)
            notes.append(note)
            if molecule is not None:
                mass.append(molar_mass(molecule))
                yield molecule

    blocks: list[tuple[csr_matrix, np.ndarray]] = []
    salts: dict[int, int] = {}
    molecules = valid_molecules()
    while (block := list(islice(molecules, BLOCK))) or not blocks:
        first = BLOCK * len(blocks)
        salts |= {
            place: structure_key(molecule)
            for place, molecule in enumerate(block, start=first)
            if has_anion(molecule)
        }
        environments = count_environments(block)
        blocks.append((folded(environments), have_core(block, environments)))
    counts, has_core = zip(*blocks, strict=True)
    parsed = _parsed(rows, ids, smiles, status, notes, mass)
    counts = vstack(counts, "csr")
    key = structure_hash(counts)
    key[[*salts]] = [*salts.values()]
    return FingerprintedChunk(
        **vars(parsed),
        counts=counts,
        has_core=np.concatenate(has_core),
        key=key,
    )


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
