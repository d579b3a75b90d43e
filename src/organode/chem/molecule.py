"""Convert SMILES, InChI and mol blocks to checked RDKit molecules and to canonical SMILES."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from rdkit import Chem, rdBase
from rdkit.Chem import rdMolDescriptors, rdqueries

# Elements that both the training data and xTB cover.
ORGANIC_ELEMENTS = ("C", "N", "O", "H", "S", "F", "Cl", "Br", "P", "Si", "B")
ORGANIC = frozenset(ORGANIC_ELEMENTS)

# Characters. No battery material needs more, and the time of RDKit's parser grows faster than
# linearly with the length.
LONGEST_SMILES = 2_000
# The largest training molecule has 92; the time for the Hückel orbitals grows with the third power
# of the number of heavy atoms: 0.02 s at 200, 1.2 s at 1,000.
MOST_HEAVY_ATOMS = 200
INVALID = "not a valid SMILES"
SPACE = f"{INVALID}: white space within it"
LABELS = re.compile(r"\$[^$]*[^$;\s][^$]*\$")  # atom labels of a CXSMILES, such as R-groups
NO_ORDER = (
    "a bond that is neither single, double, triple nor aromatic (hydrogen, dative, query or "
    "zero-order bond)"
)
INCHI = "InChI="
INCHI_PREFIX = re.compile(r"inchi=(1s?)/", re.IGNORECASE)
# What `flatten` may have to remove from a SMILES, or a check to reject: stereo, isotopes, explicit
# hydrogens, atom maps, unusual bonds, or extensions of SMILES.
NOT_FLAT = re.compile(r"[@/\\\s|~<>$]|\[\d|\[H|:\d+\]")
ODD_BONDS = re.compile(r"[|~<>$]")
_BONDS = Chem.BondType
ORDERS = frozenset((_BONDS.SINGLE, _BONDS.DOUBLE, _BONDS.TRIPLE, _BONDS.AROMATIC))
# Types of substance groups that mark repeating units.
POLYMER = frozenset(("SRU", "MON", "MER", "COP", "CRO", "MOD", "GRA", "ANY"))
AS_WRITTEN = Chem.SmilesParserParams()
AS_WRITTEN.sanitize = AS_WRITTEN.removeHs = False  # type: ignore[assignment]


# RDKit's atom queries are several times faster than a loop in Python.
RADICAL = rdqueries.NumRadicalElectronsGreaterQueryAtom(0)
CHARGED_OR_RADICAL = rdqueries.NumRadicalElectronsGreaterQueryAtom(0)
for _sign in (rdqueries.FormalChargeLessQueryAtom(0), rdqueries.FormalChargeGreaterQueryAtom(0)):
    CHARGED_OR_RADICAL.ExpandQuery(_sign, Chem.CompositeQueryType.COMPOSITE_OR)
MARKED = rdqueries.AtomNumEqualsQueryAtom(1)  # H atoms, isotopes, maps: see `flatten`
for _mark in (rdqueries.IsotopeGreaterQueryAtom(0), rdqueries.HasPropQueryAtom("molAtomMapNumber")):
    MARKED.ExpandQuery(_mark, Chem.CompositeQueryType.COMPOSITE_OR)


class MoleculeError(ValueError):
    """A molecule cannot be used; the message says why and is fit for a table's `status` column."""


def atoms(molecule: Chem.Mol) -> list[Chem.Atom]:
    """Return the atoms of a molecule; several times faster than RDKit's `GetAtoms`."""
    return [molecule.GetAtomWithIdx(index) for index in range(molecule.GetNumAtoms())]


def parse_smiles(smiles: object) -> Chem.Mol:
    """Parse a SMILES or InChI.

    Parameters
    ----------
    smiles : object
        The value of a table's cell: a string; any other object counts as an empty cell.

    Returns
    -------
    Chem.Mol
        A sanitised molecule with at least one atom; its bonds are single, double, triple or
        aromatic.

    Raises
    ------
    MoleculeError
        If the cell is empty; if RDKit cannot read the text as a molecule with such bonds; if the
        text has labelled atoms, query atoms or repeating units; if the text has more than
        `LONGEST_SMILES` (2,000) characters or the molecule has more than `MOST_HEAVY_ATOMS` (200)
        heavy atoms.
    """
    text = _text(smiles)
    with rdBase.BlockLogs():  # the caller reports unreadable molecules, each in its row
        if is_inchi(text):
            return _of_inchi(text)
        if len(text) > MOST_HEAVY_ATOMS:  # stereo of a large molecule takes long to perceive
            _check_size(_valid(Chem.MolFromSmiles(text, AS_WRITTEN)))
        molecule = _valid(Chem.MolFromSmiles(text))
        if ODD_BONDS.search(text):
            _check_extensions(text, molecule)
        return molecule


def parse_flat(smiles: object) -> Chem.Mol:
    """Parse a SMILES or InChI without stereo, isotopes, atom maps and explicit hydrogens.

    The result is that of `flatten` applied to the result of `parse_smiles`, in half the time, since
    stereo is not perceived at all. Parameters and exceptions are those of `parse_smiles`.
    """
    text = _text(smiles)
    with rdBase.BlockLogs():
        if is_inchi(text):
            return _flattened(_of_inchi(text))
        molecule = _valid(Chem.MolFromSmiles(text, AS_WRITTEN))
        if molecule.GetNumAtoms() > MOST_HEAVY_ATOMS:
            _check_size(molecule)
        if Chem.SanitizeMol(molecule, catchErrors=True):
            raise MoleculeError(INVALID)
        if not NOT_FLAT.search(text):
            return molecule
        if ODD_BONDS.search(text):
            _check_extensions(text, molecule)
        return _flattened(molecule)


def _check_extensions(text: str, molecule: Chem.Mol) -> None:
    """Raise `MoleculeError` if a SMILES has unusual bonds or `check_whole` rejects `molecule`.

    The text itself is searched for unusual bonds, since RDKit reads some of them as single bonds.
    """
    smiles, *_ = text.split()
    if ODD_BONDS.search(smiles):  # RDKit reads a ring closure by `~` as a single bond
        raise MoleculeError(NO_ORDER)
    check_whole(molecule)


def smiles_of_block(block: str) -> str:
    """Return the canonical SMILES, with stereo, of a mol block in V2000 or V3000 format.

    Raises
    ------
    MoleculeError
        If RDKit cannot read the block, if the block has no atoms, or if `check_whole` rejects the
        molecule because of query atoms, R-groups, attachment points, repeating units or unusual
        bonds.
    """
    with rdBase.BlockLogs():
        molecule = Chem.MolFromMolBlock(block)
    if molecule is None:
        raise MoleculeError("not a valid mol block")
    if not molecule.GetNumAtoms():
        raise MoleculeError("empty structure")
    check_whole(molecule)
    return str(Chem.MolToSmiles(molecule))


def is_inchi(text: str) -> bool:
    """Return whether a non-empty text starts with ``InChI=`` in small or capital letters."""
    return text[0] in "iI" and text[: len(INCHI)].lower() == INCHI.lower()


def _of_inchi(text: str) -> Chem.Mol:
    (inchi, *_) = text.split()
    inchi = INCHI_PREFIX.sub(lambda prefix: f"{INCHI}{prefix[1].upper()}/", inchi)
    molecule: Chem.Mol | None = Chem.MolFromInchi(inchi, logLevel=None)  # type: ignore[no-untyped-call]
    if molecule is None:
        raise MoleculeError("not a valid InChI")
    _check_size(_valid(molecule))
    return molecule


def _text(smiles: object) -> str:
    text = smiles.strip() if isinstance(smiles, str) else ""
    if not text:
        raise MoleculeError("empty SMILES")
    if len(text) > LONGEST_SMILES:
        raise MoleculeError(f"SMILES longer than {LONGEST_SMILES} characters")
    if not text.isascii():  # RDKit reads the text before such a letter and ignores the rest
        raise MoleculeError(INVALID)
    _, *rest = text.split(None, 1)
    if rest and (not rest[0].startswith("|") or is_inchi(text)):  # RDKit would take it for a name
        raise MoleculeError(SPACE)
    if rest and LABELS.search(rest[0]):
        raise MoleculeError("labelled atoms: not a whole molecule")
    return text


def _valid(molecule: Chem.Mol | None) -> Chem.Mol:
    if molecule is None:
        raise MoleculeError(INVALID)
    if molecule.GetNumAtoms() == 0:
        raise MoleculeError("empty SMILES")
    return molecule


def _check_size(molecule: Chem.Mol) -> None:
    """Raise `MoleculeError` if a molecule has more than `MOST_HEAVY_ATOMS` (200) heavy atoms.

    Such a molecule takes too long to compute, and is larger than any molecule in the training data.
    """
    size = molecule.GetNumHeavyAtoms()
    if size > MOST_HEAVY_ATOMS:
        raise MoleculeError(f"{size:,} heavy atoms: more than {MOST_HEAVY_ATOMS}")


def check_whole(molecule: Chem.Mol) -> None:
    """Reject a molecule with query atoms, open ends, repeating units or unusual bonds.

    Raises
    ------
    MoleculeError
        If the molecule has query atoms, open ends (R-groups or attachment points), repeating units,
        or bonds that are neither single, double, triple nor aromatic: hydrogen, dative, query or
        zero-order bonds.
    """
    for bond in molecule.GetBonds():
        if bond.GetBondType() not in ORDERS or bond.HasQuery():
            raise MoleculeError(NO_ORDER)
    for atom in molecule.GetAtoms():
        alias = atom.GetProp("molFileAlias") if atom.HasProp("molFileAlias") else ""
        if (
            atom.HasQuery()
            or not atom.GetAtomicNum()
            or atom.HasProp("molAttchpt")
            or alias.strip() not in ("", atom.GetSymbol())
        ):
            raise MoleculeError("a query atom, R-group or attachment point: not a whole molecule")
    kinds = {group.GetProp("TYPE") for group in Chem.GetMolSubstanceGroups(molecule)}
    if kinds & POLYMER or molecule.HasProp("_molLinkNodes"):
        raise MoleculeError("a repeating unit: not a whole molecule")


class Kind(NamedTuple):
    """Net charge and number of unpaired electrons of a species (molecule or ion)."""

    charge: int
    unpaired: int

    def __str__(self) -> str:
        parts = [f"net charge {self.charge:+d}"] if self.charge else []
        parts += ["radical" if self.unpaired == 1 else f"{self.unpaired} unpaired electrons"] * (
            self.unpaired > 0
        )
        return ", ".join(parts) or "neutral closed-shell molecule"


CLOSED_SHELL = Kind(0, 0)


def kind(molecule: Chem.Mol) -> Kind:
    """Return the net charge and number of unpaired electrons of a species (molecule or ion).

    Examples
    --------
    >>> print(kind(Chem.MolFromSmiles("C[n+]1ccccc1")))
    net charge +1
    """
    if not molecule.GetAtomsMatchingQuery(CHARGED_OR_RADICAL):
        return CLOSED_SHELL
    unpaired = sum(atom.GetNumRadicalElectrons() for atom in molecule.GetAtoms())
    return Kind(Chem.GetFormalCharge(molecule), unpaired)


def check_organic(molecule: Chem.Mol) -> None:
    """Reject everything but a single neutral, closed-shell organic molecule.

    Raises
    ------
    MoleculeError
        If the molecule has several fragments, no carbon, a dummy atom or an element that
        `check_composition` does not allow, or if it has a net charge or unpaired electrons.
    """
    check_composition(molecule)
    species = kind(molecule)
    if species != CLOSED_SHELL:
        raise MoleculeError(str(species))


def is_radical(molecule: Chem.Mol) -> bool:
    """Return whether a molecule has unpaired electrons."""
    return len(molecule.GetAtomsMatchingQuery(RADICAL)) > 0


def check_composition(molecule: Chem.Mol) -> frozenset[str]:
    """Reject all but a single organic molecule or ion; return its elements, hydrogen included.

    Raises
    ------
    MoleculeError
        If there are several fragments, no carbon, dummy atoms (``*``), or an element other than H,
        B, C, N, O, F, Si, P, S, Cl and Br.
    """
    # Only a connected molecule has this number of bonds: a quick test before the slower one.
    bonds_if_connected = molecule.GetNumAtoms() - 1 + molecule.GetRingInfo().NumRings()
    if molecule.GetNumBonds() != bonds_if_connected and len(Chem.GetMolFrags(molecule)) > 1:
        raise MoleculeError("more than one fragment (cluster, salt or solvate)")
    present, problem = _composition(rdMolDescriptors.CalcMolFormula(molecule))
    if problem:
        raise MoleculeError(problem)
    return present


def elements(molecule: Chem.Mol) -> frozenset[str]:
    """Return the symbols of a molecule's elements, hydrogen included; ``*`` means a dummy atom."""
    return _composition(rdMolDescriptors.CalcMolFormula(molecule))[0]


@lru_cache(100_000)
def _composition(formula: str) -> tuple[frozenset[str], str]:
    """Return the elements of a molecular formula, and why a molecule with this formula is rejected.

    The reason is "" if the formula has carbon and only elements in `ORGANIC_ELEMENTS`.
    """
    present = frozenset(re.findall(r"[A-Z][a-z]?|\*", formula))
    problem = ""
    if foreign := present - ORGANIC:
        problem = f"element not covered: {', '.join(sorted(foreign))}"
    elif "C" not in present:
        problem = "no carbon"
    return present, problem


def flatten(molecule: Chem.Mol) -> Chem.Mol:
    """Return the flat form: a copy without stereo, isotopes, atom maps and explicit hydrogens.

    The models take only flat forms as input. Molecules with the same flat form have the same
    fingerprint, so all of them are in the training data or all of them are in the test data.
    """
    return _flattened(Chem.Mol(molecule))


def _flattened(molecule: Chem.Mol) -> Chem.Mol:
    """Return the flat form of a molecule (see `flatten`); the argument itself is changed, too."""
    Chem.RemoveStereochemistry(molecule)
    hydrogens = False
    for atom in molecule.GetAtomsMatchingQuery(MARKED):
        atom.SetAtomMapNum(0)
        atom.SetIsotope(0)
        hydrogens |= atom.GetAtomicNum() == 1
    return Chem.RemoveHs(molecule) if hydrogens else molecule


def flat_smiles(molecule: Chem.Mol) -> str:
    """Return the canonical SMILES without stereo, isotopes, atom maps and explicit hydrogens."""
    return str(Chem.MolToSmiles(flatten(molecule)))
