"""One molecule: from text to a checked RDKit molecule and its identity."""

from __future__ import annotations

from rdkit import Chem, rdBase

# Elements for which both the fingerprints' training data and xTB are sensible here.
ORGANIC_ELEMENTS = frozenset({"H", "B", "C", "N", "O", "F", "Si", "P", "S", "Cl", "Br"})

# A longer text is no molecule of this field, and RDKit's parser is not linear in its length.
LONGEST_SMILES = 2_000


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
    return any(atom.GetNumRadicalElectrons() for atom in atoms(molecule))


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
    elements = {atom.GetSymbol() for atom in atoms(molecule)}
    foreign = elements - ORGANIC_ELEMENTS
    if foreign:
        raise MoleculeError(f"element not covered: {', '.join(sorted(foreign))}")
    if "C" not in elements:
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
    for atom in atoms(flat):
        atom.SetAtomMapNum(0)
        atom.SetIsotope(0)
        hydrogens |= atom.GetAtomicNum() == 1
    return Chem.RemoveHs(flat) if hydrogens else flat


def flat_smiles(molecule: Chem.Mol) -> str:
    """Return the canonical SMILES of the flat form: what counts as 'the same structure' here."""
    return str(Chem.MolToSmiles(flatten(molecule)))
