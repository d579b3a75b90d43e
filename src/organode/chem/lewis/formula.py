"""One Lewis structure as numbers: read from a molecule, changed, written back."""

from __future__ import annotations

from dataclasses import dataclass

from rdkit import Chem, rdBase
from rdkit.Chem.rdMolDescriptors import CalcNumBridgeheadAtoms

BOND_TYPES = {1: Chem.BondType.SINGLE, 2: Chem.BondType.DOUBLE, 3: Chem.BondType.TRIPLE}
SMALL_RING = 8  # fewer atoms than this hold no triple bond, no allene and no bridgehead alkene

# Two nitro groups in contact, seen as N–O–O–N, and N+=O that is no nitro group.
NONSENSE = [
    Chem.MolFromSmarts(text) for text in ("[#7;+]~[#8]~[#8]", "[$([#7;+]=O);!$([#7;+][O-])]")
]


@dataclass(frozen=True)
class LewisSkeleton:
    """What all Lewis structures of a molecule share.

    Attributes
    ----------
    elements, hydrogens : tuple of int
        Atomic number and number of hydrogens of each atom.
    bonds : tuple
        For each atom, the pairs (neighbour, index of the bond).
    ions : tuple of int
        Charge that each atom had, if the charges were replaced by unpaired electrons; two
        atoms that had the same sign do not pair.
    """

    elements: tuple[int, ...]
    hydrogens: tuple[int, ...]
    bonds: tuple[tuple[tuple[int, int], ...], ...]
    ions: tuple[int, ...]

    def valences(self, lewis: Lewis) -> list[int]:
        """Return the number of bonds, hydrogens included, that each atom has."""
        return [
            sum(lewis.orders[bond] for _, bond in bonds) + hydrogens
            for bonds, hydrogens in zip(self.bonds, self.hydrogens, strict=True)
        ]


@dataclass(frozen=True, order=True)
class Lewis:
    """The order of each bond, the unpaired electrons and the charge of each atom."""

    orders: tuple[int, ...]
    unpaired: tuple[int, ...]
    charges: tuple[int, ...]


def read(molecule: Chem.Mol) -> tuple[LewisSkeleton, Lewis]:
    """Return a molecule's skeleton and its Lewis structure, aromatic rings as Kekulé's."""
    kekule = Chem.Mol(molecule)
    Chem.Kekulize(kekule, clearAromaticFlags=True)
    atoms, bonds = list(kekule.GetAtoms()), list(kekule.GetBonds())
    neighbours: list[list[tuple[int, int]]] = [[] for _ in atoms]
    for bond in bonds:
        one, other = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
        neighbours[one].append((other, bond.GetIdx()))
        neighbours[other].append((one, bond.GetIdx()))
    skeleton = LewisSkeleton(
        tuple(atom.GetAtomicNum() for atom in atoms),
        tuple(atom.GetTotalNumHs() for atom in atoms),
        tuple(map(tuple, neighbours)),
        (0,) * len(atoms),
    )
    lewis = Lewis(
        tuple(int(bond.GetBondTypeAsDouble()) for bond in bonds),
        tuple(atom.GetNumRadicalElectrons() for atom in atoms),
        tuple(atom.GetFormalCharge() for atom in atoms),
    )
    return skeleton, lewis


def draw(molecule: Chem.Mol, skeleton: LewisSkeleton, lewis: Lewis) -> Chem.RWMol:
    """Return the molecule with this Lewis structure, its atoms in order, not sanitised."""
    written = Chem.RWMol(molecule)
    Chem.Kekulize(written, clearAromaticFlags=True)
    for atom in written.GetAtoms():
        index = atom.GetIdx()
        atom.SetNoImplicit(True)
        atom.SetNumExplicitHs(skeleton.hydrogens[index])
        atom.SetNumRadicalElectrons(lewis.unpaired[index])
        atom.SetFormalCharge(lewis.charges[index])
    for bond in written.GetBonds():
        bond.SetBondType(BOND_TYPES[lewis.orders[bond.GetIdx()]])
    return written


def write(molecule: Chem.Mol, skeleton: LewisSkeleton, lewis: Lewis) -> Chem.Mol | None:
    """Return the molecule with this Lewis structure, or None if RDKit finds no sense in it."""
    # Through SMILES, so that hydrogens and radicals are again RDKit's own reading of the bonds.
    with rdBase.BlockLogs():
        return Chem.MolFromSmiles(Chem.MolToSmiles(draw(molecule, skeleton, lewis)))


def is_sound(molecule: Chem.Mol, skeleton: LewisSkeleton, lewis: Lewis) -> bool:
    """Return whether a molecule is what was meant by a Lewis structure, and could exist."""
    atoms = list(molecule.GetAtoms())
    return (
        sum(atom.GetNumRadicalElectrons() for atom in atoms) == sum(lewis.unpaired)
        and sum(atom.GetTotalNumHs() for atom in atoms) == sum(skeleton.hydrogens)
        and not any(map(molecule.HasSubstructMatch, NONSENSE))
        and not _is_strained(molecule)
    )


def _is_strained(molecule: Chem.Mol) -> bool:
    """Return whether a small ring holds a triple bond, an allene or a bridgehead alkene."""
    rings = molecule.GetRingInfo()
    bridgeheads: list[int] = []
    CalcNumBridgeheadAtoms(molecule, bridgeheads)  # type: ignore[arg-type]
    for atom in molecule.GetAtoms():
        sizes = rings.AtomRingSizes(atom.GetIdx())
        if not sizes or atom.GetAtomicNum() not in (6, 7):
            continue
        orders = [bond.GetBondTypeAsDouble() for bond in atom.GetBonds() if bond.IsInRing()]
        if min(sizes) < SMALL_RING and (3 in orders or orders.count(2) > 1):
            return True
        if atom.GetIdx() in bridgeheads and 2 in orders and max(sizes) < SMALL_RING:
            return True
    return False
