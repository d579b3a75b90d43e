"""Molecules: parsing, identity, families. Imports nothing of the rest but its errors."""

from organode.chem.molecule import (
    MoleculeError,
    check_organic,
    flat_smiles,
    flatten,
    parse_smiles,
)

__all__ = ["MoleculeError", "check_organic", "flat_smiles", "flatten", "parse_smiles"]
