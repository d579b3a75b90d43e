"""One molecule: from text to a checked RDKit molecule and its identity."""

from __future__ import annotations

import re
from functools import lru_cache

from rdkit import Chem, rdBase
from rdkit.Chem import rdMolDescriptors, rdqueries

# Elements for which both the fingerprints' training data and xTB are sensible here.
ORGANIC_ELEMENTS = ("C", "N", "O", "H", "S", "F", "Cl", "Br", "P", "Si", "B")
ORGANIC = frozenset(ORGANIC_ELEMENTS)

# A longer text is no molecule of this field, and RDKit's parser is not linear in its length.
LONGEST_SMILES = 2_000
INVALID = "not a valid SMILES"
# Stereo, isotopes, explicit hydrogens, atom maps, or what RDKit takes as extensions of SMILES.
NOT_FLAT = re.compile(r"[@/\\\s|]|\[\d|\[H|:\d+\]")
AS_WRITTEN = Chem.SmilesParserParams()
AS_WRITTEN.sanitize = AS_WRITTEN.removeHs = False  # type: ignore[assignment]


# Queries go through a molecule's atoms without Python, several times faster than a loop.
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
    text = _text(smiles)
    with rdBase.BlockLogs():  # the caller reports bad molecules, each in its row
        return _valid(Chem.MolFromSmiles(text))


def parse_flat(smiles: object) -> Chem.Mol:
    """Parse one SMILES to the form that `flatten` returns, in half the time.

    Stereo is not even perceived. Parameters and exceptions are those of `parse_smiles`.
    """
    text = _text(smiles)
    with rdBase.BlockLogs():
        molecule = _valid(Chem.MolFromSmiles(text, AS_WRITTEN))
        if Chem.SanitizeMol(molecule, catchErrors=True):
            raise MoleculeError(INVALID)
        return _flattened(molecule) if NOT_FLAT.search(text) else molecule


def _text(smiles: object) -> str:
    text = smiles.strip() if isinstance(smiles, str) else ""
    if not text:
        raise MoleculeError("empty SMILES")
    if len(text) > LONGEST_SMILES:
        raise MoleculeError(f"SMILES longer than {LONGEST_SMILES} characters")
    return text


def _valid(molecule: Chem.Mol | None) -> Chem.Mol:
    if molecule is None:
        raise MoleculeError(INVALID)
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
    # A molecule of one piece that has so many rings is seen to be one at once.
    bonds_of_one = molecule.GetNumAtoms() - 1 + molecule.GetRingInfo().NumRings()
    if molecule.GetNumBonds() != bonds_of_one and len(Chem.GetMolFrags(molecule)) > 1:
        raise MoleculeError("more than one fragment (cluster, salt or solvate)")
    found = elements(molecule)
    if foreign := found - ORGANIC:
        raise MoleculeError(f"element not covered: {', '.join(sorted(foreign))}")
    if "C" not in found:
        raise MoleculeError("no carbon")
    charge = Chem.GetFormalCharge(molecule)
    if charge:
        raise MoleculeError(f"net charge {charge:+d}")


def elements(molecule: Chem.Mol) -> frozenset[str]:
    """Return the elements of a molecule, hydrogen among them; ``*`` for a dummy atom."""
    return _elements(rdMolDescriptors.CalcMolFormula(molecule))


@lru_cache(100_000)
def _elements(formula: str) -> frozenset[str]:
    return frozenset(re.findall(r"[A-Z][a-z]?|\*", formula))


def flatten(molecule: Chem.Mol) -> Chem.Mol:
    """Return the molecule without stereo, isotopes, atom maps and explicit hydrogens.

    The models know only this form: two molecules that differ in nothing else have the same
    fingerprint and never lie on both sides of a split.
    """
    return _flattened(Chem.Mol(molecule))


def _flattened(molecule: Chem.Mol) -> Chem.Mol:
    """Return the flat form of a molecule that may be changed."""
    Chem.RemoveStereochemistry(molecule)
    hydrogens = False
    for atom in molecule.GetAtomsMatchingQuery(MARKED):
        atom.SetAtomMapNum(0)
        atom.SetIsotope(0)
        hydrogens |= atom.GetAtomicNum() == 1
    return Chem.RemoveHs(molecule) if hydrogens else molecule


def flat_smiles(molecule: Chem.Mol) -> str:
    """Return the canonical SMILES of the flat form: what counts as 'the same structure' here."""
    return str(Chem.MolToSmiles(flatten(molecule)))
