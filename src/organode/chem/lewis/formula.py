"""Lewis structures as tuples of integers, and their conversion from and to RDKit molecules."""

from __future__ import annotations

from dataclasses import dataclass

from rdkit import Chem, rdBase
from rdkit.Chem.rdMolDescriptors import CalcNumBridgeheadAtoms

BOND_TYPES = {1: Chem.BondType.SINGLE, 2: Chem.BondType.DOUBLE, 3: Chem.BondType.TRIPLE}
SMALL_RING = 8  # atoms; smaller rings allow no triple bond, allene or bridgehead alkene

# Signs of wrong bonds: two nitro groups in contact, read as N–O–O–N; N+=O outside a nitro group.
IMPOSSIBLE = [
    Chem.MolFromSmarts(text) for text in ("[#7;+]~[#8]~[#8]", "[$([#7;+]=O);!$([#7;+][O-])]")
]


@dataclass(frozen=True)
class LewisSkeleton:
    """What all Lewis structures of a molecule share: elements, hydrogens, bonded pairs of atoms.

    Attributes
    ----------
    elements, hydrogens : tuple of int
        Atomic number and number of hydrogens of each atom.
    bonds : tuple
        For each atom, pairs (index of a neighbour, index of the bond to this neighbour).
    ions : tuple of int
        For each atom 0, or a charge. Unpaired electrons on two atoms whose `ions` have the same
        sign are not paired. Only `organode.chem.lewis.repair.join_charges`, which replaces formal
        charges by unpaired electrons, sets `ions` to the charges that it replaces.
    """

    elements: tuple[int, ...]
    hydrogens: tuple[int, ...]
    bonds: tuple[tuple[tuple[int, int], ...], ...]
    ions: tuple[int, ...]

    def valences(self, lewis: Lewis) -> list[int]:
        """Return the valence of each atom in a Lewis structure, bonds to hydrogen included."""
        return [
            sum(lewis.orders[bond] for _, bond in bonds) + hydrogens
            for bonds, hydrogens in zip(self.bonds, self.hydrogens, strict=True)
        ]


@dataclass(frozen=True, order=True)
class Lewis:
    """A Lewis structure: order of each bond; unpaired electrons and formal charge of each atom."""

    orders: tuple[int, ...]
    unpaired: tuple[int, ...]
    charges: tuple[int, ...]


def read(molecule: Chem.Mol) -> tuple[LewisSkeleton, Lewis]:
    """Return the skeleton and the Lewis structure of a molecule, with aromatic rings kekulised."""
    kekule = Chem.Mol(molecule)
    Chem.Kekulize(kekule, clearAromaticFlags=True)
    atoms, bonds = list(kekule.GetAtoms()), list(kekule.GetBonds())
    neighbours: list[list[tuple[int, int]]] = [[] for _ in atoms]
    for bond in bonds:
        begin, end = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
        neighbours[begin].append((end, bond.GetIdx()))
        neighbours[end].append((begin, bond.GetIdx()))
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
    """Return a copy of a molecule with the Lewis structure `lewis`, not sanitised.

    The atoms of the copy have the same order as those of `molecule`.
    """
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
    """Return a molecule with Lewis structure `lewis`, or None if RDKit rejects this structure."""
    # By way of SMILES, so that RDKit derives hydrogens and radicals from the bonds again.
    with rdBase.BlockLogs():
        return Chem.MolFromSmiles(Chem.MolToSmiles(draw(molecule, skeleton, lewis)))


def is_sound(molecule: Chem.Mol, skeleton: LewisSkeleton, lewis: Lewis) -> bool:
    """Return whether a molecule that `write` returned is as intended and can exist.

    The molecule is as intended if it has the unpaired electrons of `lewis` and the hydrogens of
    `skeleton`. The molecule cannot exist if it has bonds that match `IMPOSSIBLE`, such as N–O–O
    with a positive nitrogen, or a strained small ring (see `_is_strained`).
    """
    atoms = list(molecule.GetAtoms())
    return (
        sum(atom.GetNumRadicalElectrons() for atom in atoms) == sum(lewis.unpaired)
        and sum(atom.GetTotalNumHs() for atom in atoms) == sum(skeleton.hydrogens)
        and not any(map(molecule.HasSubstructMatch, IMPOSSIBLE))
        and not _is_strained(molecule)
    )


def _is_strained(molecule: Chem.Mol) -> bool:
    """Return whether a ring of 3 to 7 atoms has a triple bond, allene or bridgehead alkene."""
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
