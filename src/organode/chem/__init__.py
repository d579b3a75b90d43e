"""Molecules: reading, standardisation, fingerprints, orbitals, redox-active groups, similarity."""

from organode.chem.lewis.standardise import Standard, standardise
from organode.chem.molecule import (
    MoleculeError,
    check_organic,
    flat_smiles,
    flatten,
    parse_flat,
    parse_smiles,
    smiles_of_block,
)
from organode.chem.reading.structure import structure

__all__ = [
    "MoleculeError",
    "Standard",
    "check_organic",
    "flat_smiles",
    "flatten",
    "parse_flat",
    "parse_smiles",
    "smiles_of_block",
    "standardise",
    "structure",
]
