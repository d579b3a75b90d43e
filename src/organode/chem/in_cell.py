"""What is in a cell in place of a molecule that was read from a salt.

Energies and potentials are predicted for the acid of a metal salt, whose kind the training data
have, but its proton is not in a cell with the salt: it must not count against the stability of
ions. And a salt is weighed with its counter-ions.
"""

from __future__ import annotations

from rdkit import Chem
from rdkit.Chem import rdMolDescriptors

ANION, MASS = "anion of the salt", "molar mass of the salt"  # properties of a molecule


def of_salt(molecule: Chem.Mol, mass: float, anion: str = "") -> Chem.Mol:
    """Let a molecule carry along what is known of the salt that it was read from, and return it.

    Pickles of the molecule do not keep it.

    Parameters
    ----------
    molecule : Chem.Mol
        The cation of the salt, or the acid of a metal salt's anion.
    mass : float
        Molar mass of the salt, g/mol, divided by the number of such ions in it.
    anion : str
        SMILES of the anion whose acid the molecule is; empty for a cation.
    """
    molecule.SetDoubleProp(MASS, mass)
    if anion:
        molecule.SetProp(ANION, anion)
    return molecule


def has_anion(molecule: Chem.Mol) -> bool:
    """Return whether a molecule was read from a metal salt, so that it carries its anion along."""
    return bool(molecule.HasProp(ANION))


def in_cell(molecule: Chem.Mol) -> Chem.Mol:
    """Return what is in a cell with a molecule that was read: the anion of a metal salt, or itself.

    Examples
    --------
    >>> acid = of_salt(Chem.MolFromSmiles("CC(=O)O"), 82.03, "CC(=O)[O-]")
    >>> Chem.MolToSmiles(in_cell(acid))
    'CC(=O)[O-]'
    """
    return Chem.MolFromSmiles(molecule.GetProp(ANION)) if has_anion(molecule) else molecule


def molar_mass(molecule: Chem.Mol) -> float:
    """Return the molar mass, g/mol, of a molecule that was read: of a salt, for one of its ions.

    Examples
    --------
    >>> round(molar_mass(Chem.MolFromSmiles("CCO")), 2)
    46.07
    """
    if molecule.HasProp(MASS):
        return float(molecule.GetDoubleProp(MASS))
    return float(rdMolDescriptors._CalcMolWt(molecule))
