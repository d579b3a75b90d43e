"""One molecule: from text to a checked RDKit molecule and its identity."""

from __future__ import annotations

from rdkit import Chem, rdBase
from rdkit.Chem import rdqueries

# Elements for which both the fingerprints' training data and xTB are sensible here.
# The most frequent first: a query stops at the first that an atom is.
ORGANIC_ELEMENTS = ("C", "N", "O", "H", "S", "F", "Cl", "Br", "P", "Si", "B")

# A longer text is no molecule of this field, and RDKit's parser is not linear in its length.
LONGEST_SMILES = 2_000


# Queries go through a molecule's atoms without Python, several times faster than a loop.
NUMBERS = [Chem.GetPeriodicTable().GetAtomicNumber(element) for element in ORGANIC_ELEMENTS]
FOREIGN = Chem.MolFromSmarts(f"[{';'.join(f'!#{number}' for number in NUMBERS)}]").GetAtomWithIdx(0)
CARBON = Chem.MolFromSmarts("[#6]")
RADICAL = rdqueries.NumRadicalElectronsGreaterQueryAtom(0)
MARKED = rdqueries.AtomNumEqualsQueryAtom(1)  # what `flatten` removes, stereo aside
for _mark in (rdqueries.IsotopeGreaterQueryAtom(0), rdqueries.HasPropQueryAtom("molAtomMapNumber")):
    MARKED.ExpandQuery(_mark, Chem.CompositeQueryType.COMPOSITE_OR)


class MoleculeError(ValueError):
    """One molecule cannot be used; the message is the reason, fit for a `status` column."""


def atoms(molecule: Chem.Mol) -> list[Chem.Atom]:
    """Return a molecule's atoms; several times faster than RDKit's own sequence of them."""
    return [molecule.GetAtomWithIdx(index) for index in range(molecule.GetNumAtoms())]


def parse_smiles(smiles: object) -> Chem.Mol:
    """Parse one SMILES.

    Parameters
    ----------
    smiles : object
        What stood in the table's cell: text, or something else if the cell was empty.

    Returns
    -------
    Chem.Mol
        A sanitised molecule with at least one atom.

    Raises
    ------
    MoleculeError
        If the cell is empty, or RDKit cannot read it as a molecule.
    """
    text = smiles.strip() if isinstance(smiles, str) else ""
    if not text:
        raise MoleculeError("empty SMILES")
    if len(text) > LONGEST_SMILES:
        raise MoleculeError(f"SMILES longer than {LONGEST_SMILES} characters")
    with rdBase.BlockLogs():  # the caller reports bad molecules, each in its row
        molecule = Chem.MolFromSmiles(text)
    if molecule is None:
        raise MoleculeError("not a valid SMILES")
    if molecule.GetNumAtoms() == 0:
        raise MoleculeError("empty SMILES")
    return molecule


def check_organic(molecule: Chem.Mol) -> None:
    """Refuse what is not one neutral, closed-shell organic molecule.

    Raises
    ------
    MoleculeError
        For what `check_composition` refuses, and for radical electrons.
    """
    check_composition(molecule)
    if is_radical(molecule):
        raise MoleculeError("radical")


def is_radical(molecule: Chem.Mol) -> bool:
    """Return whether the molecule has unpaired electrons."""
    return len(molecule.GetAtomsMatchingQuery(RADICAL)) > 0


def check_composition(molecule: Chem.Mol) -> None:
    """Refuse what is not one neutral organic molecule, closed-shell or not.

    Raises
    ------
    MoleculeError
        For several fragments, a net charge, no carbon, isotopes' dummy atoms or an element
        outside H, B, C, N, O, F, Si, P, S, Cl, Br.
    """
    if len(Chem.GetMolFrags(molecule)) > 1:
        raise MoleculeError("more than one fragment (cluster, salt or solvate)")
    foreign = {atom.GetSymbol() for atom in molecule.GetAtomsMatchingQuery(FOREIGN)}
    if foreign:
        raise MoleculeError(f"element not covered: {', '.join(sorted(foreign))}")
    if not molecule.HasSubstructMatch(CARBON):
        raise MoleculeError("no carbon")
    charge = Chem.GetFormalCharge(molecule)
    if charge:
        raise MoleculeError(f"net charge {charge:+d}")


def flatten(molecule: Chem.Mol) -> Chem.Mol:
    """Return the molecule without stereo, isotopes, atom maps and explicit hydrogens.

    The models know only this form: two molecules that differ in nothing else have the same
    fingerprint and never lie on both sides of a split.
    """
    flat = Chem.Mol(molecule)
    Chem.RemoveStereochemistry(flat)
    hydrogens = False
    for atom in flat.GetAtomsMatchingQuery(MARKED):
        atom.SetAtomMapNum(0)
        atom.SetIsotope(0)
        hydrogens |= atom.GetAtomicNum() == 1
    return Chem.RemoveHs(flat) if hydrogens else flat


def flat_smiles(molecule: Chem.Mol) -> str:
    """Return the canonical SMILES of the flat form: what counts as 'the same structure' here."""
    return str(Chem.MolToSmiles(flatten(molecule)))
