"""Find how an ion fragments: the bond cleavage that costs the least energy, and that energy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from rdkit import Chem

from organode.label.geometry.relaxation import ChargeState, Relaxed, relax
from organode.label.record import LabelError
from organode.label.singlepoint import Medium, atomic_numbers

# Single bonds whose cleavage is tried in every ion: bonds of carbon with halogens, bonds between
# heteroatoms, and bonds whose cleavage leaves a benzyl, allyl or acylmethyl radical. Bonds of the
# last kind are weak although their bond orders do not show it.
WEAK_BONDS = tuple(
    Chem.MolFromSmarts(smarts)
    for smarts in (
        "[#6]-!@[Cl,Br]",
        "[#7,#8]-!@[#8X2]",
        "[#16X2]-!@[#16X2]",
        "[CX4;$(*-a),$(*-[#6]=[#6,#8])]-!@[#7+,#8X2,#16]",
    )
)
OXYGEN = 8  # the oxygen atom is a triplet
# The single bond that the electron transfer weakens most is tried too if its Wiberg bond order in
# the ion, divided by its order in the species, is below this value.
WEAKENED = 0.9


class Fragmentation(NamedTuple):
    """Cleavage of a bond of an ion, which gives two fragments.

    Attributes
    ----------
    energy : float
        Energy of both relaxed fragments together minus the energy of the relaxed ion, by GFN2-xTB
        in the solvent, eV; without entropy.
    charged, other : int
        Indices of the two atoms of the cleaved bond. Atom `charged` is in the fragment that keeps
        the electron that the ion has gained (in a reduced ion) or the hole (in an oxidised ion);
        atom `other` is in the other fragment.
    """

    energy: float
    charged: int
    other: int


def fragmentation(
    molecule: Chem.Mol,
    ion: Relaxed,
    state: ChargeState,
    medium: Medium,
    orders: tuple[np.ndarray, np.ndarray],
) -> Fragmentation | None:
    """Find the single bond outside rings of an ion whose cleavage costs the least energy.

    The ion is a species (molecule or ion) that has gained or lost an electron. Cleavage is tried
    for bonds of kinds that are known to be weak: the substructures `WEAK_BONDS`. It is also tried
    for the single bond that is weakened most when the species becomes the ion, if the order of this
    bond in the ion is less than 0.9 times (`WEAKENED`) the order in the species. Each bond can be
    cleaved in two ways, because the added electron or the hole may stay with either fragment. For
    each bond, only the fragments of the way with the lower energy before relaxation are relaxed.

    Parameters
    ----------
    molecule : Chem.Mol
        The species with explicit hydrogens, n atoms.
    ion : Relaxed
        The ion's relaxed geometry.
    state : ChargeState
        The ion's charge state.
    medium : Medium
        The species' atoms and the solvent, for single-point energies.
    orders : tuple of numpy.ndarray
        Shape (n, n) each: Wiberg bond orders of the ion and of the species.

    Returns
    -------
    Fragmentation or None
        None if there is no bond to try, or if the computation of the fragments failed for every
        bond.

    References
    ----------
    Radical ions cleave into a radical and an ion: Savéant, Acc. Chem. Res. 26 (1993) 455,
    doi 10.1021/ar00033a001 (reductions).
    """
    energy = medium.gfn2(ion.positions, state)
    cleavages = []
    for bond in _candidate_bonds(molecule, *orders):
        ways = []
        for ends in (bond, bond[::-1]):
            with suppress(LabelError):  # this way has no self-consistent solution
                fragments = _fragments(molecule, ion, ends, state, medium.solvent)
                ways.append((sum(part.energy for part in fragments), ends, fragments))
        if not ways:
            continue
        _, ends, fragments = min(ways, key=lambda way: way[0])
        with suppress(LabelError):
            relaxed = sum(part.relaxed_energy() for part in fragments)
            cleavages.append(Fragmentation(relaxed - energy, *ends))
    return min(cleavages, default=None)


def loosest(
    molecule: Chem.Mol, orders: np.ndarray, species_orders: np.ndarray
) -> tuple[float, int, int] | None:
    """Return the single bond that is weakened most when a species becomes an ion.

    Only single bonds between heavy atoms outside rings are compared.

    Parameters
    ----------
    molecule : Chem.Mol
        The species with explicit hydrogens, n atoms.
    orders, species_orders : numpy.ndarray
        Shape (n, n): Wiberg bond orders of the ion and of the species.

    Returns
    -------
    (float, int, int) or None
        The bond's order in the ion divided by its order in the species, and the indices of the
        bond's two atoms; None if the molecule has no such bond.
    """
    return min(
        ((float(orders[bond] / species_orders[bond]), *bond) for bond in _single_bonds(molecule)),
        default=None,
    )


def _single_bonds(molecule: Chem.Mol) -> Iterator[tuple[int, int]]:
    """Yield the indices of the two atoms of each single bond between heavy atoms outside rings."""
    for bond in molecule.GetBonds():
        ends = bond.GetBeginAtom(), bond.GetEndAtom()
        if (
            bond.GetBondType() == Chem.BondType.SINGLE
            and not bond.IsInRing()
            and all(atom.GetAtomicNum() > 1 for atom in ends)
        ):
            yield bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()


def _candidate_bonds(
    molecule: Chem.Mol, orders: np.ndarray, species_orders: np.ndarray
) -> list[tuple[int, int]]:
    """Return the bonds to cleave, as pairs of atom indices; of equivalent bonds only one.

    They are the bonds that match the substructures `WEAK_BONDS`, and the bond that `loosest`
    returns if the order of this bond in the ion is less than 0.9 times (`WEAKENED`) the order in
    the species. `orders` and `species_orders` are as for `loosest`.
    """
    ranks = list(Chem.CanonicalRankAtoms(molecule, breakTies=False))
    bonds = [match for pattern in WEAK_BONDS for match in molecule.GetSubstructMatches(pattern)]
    weakest = loosest(molecule, orders, species_orders)
    if weakest is not None and weakest[0] < WEAKENED:
        bonds.append(weakest[1:])
    different: dict[tuple[int, ...], tuple[int, int]] = {}
    for begin, end in reversed(bonds):  # the most weakened bond before its equivalents
        different.setdefault(tuple(sorted((ranks[begin], ranks[end]))), (begin, end))
    return list(different.values())


@dataclass(frozen=True)
class _Fragment:
    """A fragment of an ion: its atoms, its geometry within the ion, its charge and its solvent."""

    molecule: Chem.Mol
    ion: Relaxed
    state: ChargeState
    medium: Medium

    @property
    def energy(self) -> float:
        return self.medium.gfn2(self.ion.positions, self.state)

    def relaxed_energy(self) -> float:
        """Relax the fragment, and return its energy by GFN2-xTB, eV."""
        if self.molecule.GetNumAtoms() == 1:
            return self.energy
        relaxed = relax(self.molecule, self.state, start=self.ion, solvent=self.medium.solvent)
        return self.medium.gfn2(relaxed.positions, self.state)


def _fragments(
    molecule: Chem.Mol, ion: Relaxed, bond: tuple[int, int], state: ChargeState, solvent: str | None
) -> tuple[_Fragment, _Fragment]:
    """Cut a bond of an ion, and return its two fragments, not relaxed.

    The first fragment has the first atom of `bond`, and keeps the electron that the ion has gained,
    or the hole if the ion has lost an electron.
    """
    cut = Chem.RWMol(molecule)
    Chem.Kekulize(cut, clearAromaticFlags=True)  # no ring is left aromatic that no longer is
    cut.RemoveBond(*bond)
    for atom in cut.GetAtoms():
        atom.SetNoImplicit(True)
    atoms: list[tuple[int, ...]] = []
    pieces = Chem.GetMolFrags(cut, asMols=True, fragsMolAtomMapping=atoms)
    charged = int(bond[0] not in atoms[0])
    other = 1 - charged
    rest = Chem.GetFormalCharge(pieces[other])
    return (
        _fragment(pieces[charged], ion, np.array(atoms[charged]), state.charge - rest, solvent),
        _fragment(pieces[other], ion, np.array(atoms[other]), rest, solvent),
    )


def _fragment(
    piece: Chem.Mol, ion: Relaxed, atoms: np.ndarray, charge: int, solvent: str | None
) -> _Fragment:
    """Return a fragment of an ion, with the positions that its atoms have in the ion.

    Parameters
    ----------
    piece : Chem.Mol
        The molecular graph of the fragment.
    ion : Relaxed
        Geometry and Hessian of the whole ion.
    atoms : numpy.ndarray
        Indices in the ion of the fragment's atoms.
    charge : int
        Net charge of the fragment.
    solvent : str or None
        Name of an ALPB solvent; None for the gas phase.
    """
    numbers = atomic_numbers(piece)
    axes = (3 * atoms[:, None] + np.arange(3)).ravel()
    of_ion = Relaxed(ion.positions[atoms], ion.curvature[np.ix_(axes, axes)])
    unpaired = int(numbers.sum() - charge) % 2
    if len(numbers) == 1 and numbers[0] == OXYGEN and not charge:
        unpaired = 2
    return _Fragment(piece, of_ion, ChargeState(charge, unpaired), Medium(numbers, solvent))
