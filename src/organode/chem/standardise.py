"""The one form of a molecule under which a table keeps it."""

from __future__ import annotations

from dataclasses import dataclass

from rdkit import Chem

from organode.chem.molecule import check_composition, flat_smiles, is_radical, parse_smiles
from organode.chem.repair import join_charges, pair_radicals

# Nitro groups are the one charged group that is common and never needs a second look.
CHARGED = Chem.MolFromSmarts("[!+0;!$([N+](=O)[O-]);!$([O-][N+]=O)]")


@dataclass(frozen=True)
class Standard:
    """A molecule that can be kept, and what had to be done to it.

    Attributes
    ----------
    molecule : Chem.Mol
        The input itself if no rule applied, else a new molecule in its flat form.
    rules : tuple of str
        Names of the rules applied, in order; the constants of `organode.chem.repair`.
    radical : bool
        Whether it is a true radical.
    """

    molecule: Chem.Mol
    rules: tuple[str, ...]
    radical: bool


def standardise(molecule: Chem.Mol) -> Standard:
    """Return the molecule as a sane Lewis structure, or as a true radical.

    One molecule, neutral and organic, is required: the energy of a cluster, a salt or a
    solvate is not that of one of its parts. Unpaired electrons are paired where a rule can;
    what stays unpaired is a true radical (one electron, or nitroxides) or refused. Charges
    that a neutral structure does without are joined to bonds.

    Raises
    ------
    MoleculeError
        If the molecule cannot be kept.
    """
    check_composition(molecule)
    radical = is_radical(molecule)
    if not radical and not molecule.HasSubstructMatch(CHARGED):
        return Standard(molecule, (), False)
    standard = parse_smiles(flat_smiles(molecule))
    rules: tuple[str, ...] = ()
    if radical:
        standard, rules = pair_radicals(standard)
        radical = is_radical(standard)
    if not radical:
        standard, joined = join_charges(standard)
        rules = (*rules, *joined)
    return Standard(standard if rules else molecule, rules, radical)
