"""Parse rows of a library into features for the models, or into fingerprints for the surrogate.

The surrogate is a fast model. In a long library, it chooses the molecules that the slower models
then predict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rdkit import Chem, rdBase
from rdkit.Chem import rdMolDescriptors
from scipy.sparse import csr_matrix, vstack

from organode.chem.count_fingerprint import count_environments, folded, structure_hash
from organode.chem.features import ModelFeatures, Molecules
from organode.chem.in_cell import is_of_salt
from organode.chem.reading.column import each_molecule, read_molecules
from organode.chem.structure_key import structure_key

if TYPE_CHECKING:  # to read a library needs no rules
    from organode.electrochemistry.stability.inputs import StabilityInputs

BLOCK = 500  # molecules
HYDROGEN = 1
# From molecules and their environments: shape (m, 2), bool, whether each has a group that is known
# to be stable oxidised, and one that is known to be stable reduced.
CoreSearch = Callable[[Sequence[Chem.Mol], csr_matrix], np.ndarray]
FRAGMENT_SEPARATOR = "."  # in a SMILES


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
        parsed = each_molecule(smiles, problems, cap)
        for (molecule, row_status, note), given in zip(parsed, smiles, strict=True):
            status.append(row_status)
            notes.append(note)
            if molecule is not None:
                mass.append(_mass(molecule, given))
                yield molecule

    blocks: list[tuple[csr_matrix, np.ndarray]] = []
    salts: dict[int, int] = {}
    molecules = valid_molecules()
    while (block := list(islice(molecules, BLOCK))) or not blocks:
        first = BLOCK * len(blocks)
        salts |= {
            place: structure_key(molecule)
            for place, molecule in enumerate(block, start=first)
            if is_of_salt(molecule)
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


def _mass(molecule: Chem.Mol, given: str) -> float:
    """Return the molar mass of a molecule in g/mol.

    For a cation or an anion's acid whose SMILES in the file, `given`, is that of a neutral salt,
    the molar mass of the salt is returned, divided by the number of such ions in it.
    """
    of_cation = FRAGMENT_SEPARATOR in given and Chem.GetFormalCharge(molecule)
    if not (of_cation or is_of_salt(molecule)):
        return float(rdMolDescriptors._CalcMolWt(molecule))
    with rdBase.BlockLogs():
        salt = Chem.MolFromSmiles(given)
    if salt is None or Chem.GetFormalCharge(salt):
        return float(rdMolDescriptors._CalcMolWt(molecule))
    parts = Chem.GetMolFrags(salt, asMols=True)
    ions = sum(_heavy_atoms(part) == _heavy_atoms(molecule) for part in parts)
    return float(rdMolDescriptors._CalcMolWt(salt)) / max(ions, 1)


def _heavy_atoms(molecule: Chem.Mol) -> list[int]:
    """Return the sorted atomic numbers of all atoms but hydrogen."""
    numbers = [int(atom.GetAtomicNum()) for atom in molecule.GetAtoms()]
    return sorted(number for number in numbers if number > HYDROGEN)
