"""What is in a cell in place of a molecule: of the acid of a metal salt, its anion.

Energies and potentials are predicted for the acid, whose kind the training data have, but its
proton is not in a cell with the salt: it must not count against the stability of ions.
"""

from __future__ import annotations

from rdkit import Chem

ANION = "anion of the salt"  # property of a molecule


def with_anion(acid: Chem.Mol, anion: str) -> Chem.Mol:
    """Let a molecule carry along the SMILES of its anion, for `in_cell`, and return it.

    Pickles of the molecule do not keep the anion.
    """
    acid.SetProp(ANION, anion)
    return acid


def is_of_salt(molecule: Chem.Mol) -> bool:
    """Return whether a molecule was read from a metal salt, so that it carries its anion along."""
    return bool(molecule.HasProp(ANION))


def in_cell(molecule: Chem.Mol) -> Chem.Mol:
    """Return what is in a cell with a molecule that was read: the anion of a metal salt, or itself.

    Examples
    --------
    >>> Chem.MolToSmiles(in_cell(with_anion(Chem.MolFromSmiles("CC(=O)O"), "CC(=O)[O-]")))
    'CC(=O)[O-]'
    """
    return Chem.MolFromSmiles(molecule.GetProp(ANION)) if is_of_salt(molecule) else molecule
