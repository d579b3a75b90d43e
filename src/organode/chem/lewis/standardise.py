"""Standardise molecules: convert each molecule to a unique Lewis structure."""

from __future__ import annotations

from dataclasses import dataclass

from rdkit import Chem

from organode.chem.lewis.repair import USUAL, join_charges, lower_sulfur, pair_radicals
from organode.chem.lewis.resonance import settle
from organode.chem.molecule import (
    CHARGED_OR_RADICAL,
    MoleculeError,
    check_composition,
    flat_smiles,
    is_radical,
    parse_smiles,
)

# Charges that may be drawn elsewhere: not those of nitro groups, the only common charged group with
# a unique form.
CHARGED = Chem.MolFromSmarts("[!+0;!$([N+](=O)[O-]);!$([O-][N+]=O)]")
# The double bonds of a ring with these elements, hypervalent, can be drawn in two ways, which are
# the same for RDKit only if the ring is aromatic.
EXPANDING = frozenset(("P", "S"))
EXPANDED = Chem.MolFromSmarts("[#15v5,#16v4,#16v6]=@[#6,#7]")

MOST_MARKS = 40  # charges and unpaired electrons; molecules of real tables have at most 10


@dataclass(frozen=True)
class Standard:
    """A standardised molecule, and the rules that changed it.

    Attributes
    ----------
    molecule : Chem.Mol
        The input itself if no rule applied, else a new molecule, without stereo.
    rules : tuple of str
        Names of the applied rules, in order, such as ``nitro group``. All names are constants in
        `organode.chem.lewis.repair`.
    radical : bool
        Whether the molecule is a true radical: it has exactly one unpaired electron, or all its
        unpaired electrons are on nitroxides.
    """

    molecule: Chem.Mol
    rules: tuple[str, ...]
    radical: bool


def standardise(molecule: Chem.Mol) -> Standard:
    """Convert a molecule to its unique Lewis structure, closed-shell or a true radical.

    The input must be a single organic molecule or ion. Clusters, salts and solvates are rejected,
    since their energy is not that of any of their parts. Unpaired electrons are paired where a rule
    allows it. A molecule that still has unpaired electrons is a true radical (exactly one unpaired
    electron, or all on nitroxides) or is rejected. Pairs of opposite charges become bonds where a
    neutral structure is possible.

    Raises
    ------
    MoleculeError
        If the input is not a single organic molecule or ion (see
        `organode.chem.molecule.check_composition`), if it has more than `MOST_MARKS` (40) charges
        and unpaired electrons, or if it keeps unpaired electrons and is not a true radical.
    """
    expanding = not check_composition(molecule).isdisjoint(EXPANDING)
    strange = len(molecule.GetAtomsMatchingQuery(CHARGED_OR_RADICAL)) > 0
    if not (strange or expanding) or not _may_differ(molecule, strange, expanding):
        return Standard(molecule, (), False)
    _check_marks(molecule)
    standard = parse_smiles(flat_smiles(molecule))
    rules: tuple[str, ...] = ()
    radical = is_radical(standard)
    if radical:
        standard, rules = pair_radicals(standard)
        radical = is_radical(standard)
    if not radical:
        standard, lowered = lower_sulfur(standard)
        standard, joined = join_charges(standard)
        rules = (*rules, *(joined or lowered))
    settled = settle(standard) if _may_differ(standard, True, expanding) else None
    if settled is not None:
        standard = settled
        rules = rules if rules and not radical else (*rules, USUAL)
    return Standard(standard if rules else molecule, rules, radical)


def _check_marks(molecule: Chem.Mol) -> None:
    """Raise `MoleculeError` if a molecule has more than 40 charges and unpaired electrons.

    Pairing so many charges and electrons would take seconds.
    """
    marks = sum(
        abs(atom.GetFormalCharge()) + atom.GetNumRadicalElectrons() for atom in molecule.GetAtoms()
    )
    if marks > MOST_MARKS:
        raise MoleculeError(f"{marks} charges and unpaired electrons: more than {MOST_MARKS}")


def _may_differ(molecule: Chem.Mol, strange: bool, expanding: bool) -> bool:
    """Return whether a molecule may have a Lewis structure other than the given one.

    `strange`: whether the molecule has charges or unpaired electrons; `expanding`: whether the
    molecule has phosphorus or sulfur.
    """
    return (strange and (molecule.HasSubstructMatch(CHARGED) or is_radical(molecule))) or (
        expanding and molecule.HasSubstructMatch(EXPANDED)
    )
