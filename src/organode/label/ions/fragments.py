"""Fragmentation of an ion: the bond cleavage that costs the least energy, and that energy."""

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

# Single bonds whose cleavage is tried in every ion: of carbon with halogens, between heteroatoms,
# and those whose cleavage leaves a benzyl, allyl or acylmethyl radical. The bond orders do not show
# that the last ones are weak.
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
# Share of a bond's Wiberg order in the species. The most weakened single bond is tried too if less
# than this is left of it in the ion.
WEAKENED = 0.9


class Fragmentation(NamedTuple):
    """Cleavage of an ion into two fragments.

    Attributes
    ----------
    energy : float
        Energy of both relaxed fragments minus that of the relaxed ion, GFN2-xTB in the solvent,
        eV; without entropy.
    charged, other : int
        Indices of the bond's atoms. `charged` is in the fragment that keeps the electron that the
        ion has gained, or the hole if it has lost one; `other` is in the other fragment.
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
    """Find the single bond outside rings whose cleavage costs the least energy.

    The bonds matched by `WEAK_BONDS` are tried, and the most weakened bond if less than `WEAKENED`
    of its order is left. Each bond can be cleaved in two ways, since the electron or hole may stay
    with either fragment. Fragments are relaxed only for the way with the lower energy.

    Parameters
    ----------
    molecule : Chem.Mol
        The species with its hydrogens, n atoms.
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
        None if there is no bond to try, or the fragments of no tried bond could be computed.

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
    """Return the most weakened single bond between heavy atoms outside rings.

    Parameters
    ----------
    molecule : Chem.Mol
        The species with its hydrogens, n atoms.
    orders, species_orders : numpy.ndarray
        Shape (n, n): Wiberg bond orders of an ion and of the species.

    Returns
    -------
    (float, int, int) or None
        The share of the bond's order in the species that is left in the ion, and the indices of the
        bond's two atoms; None if the molecule has no such bond.
    """
    return min(
        ((float(orders[bond] / species_orders[bond]), *bond) for bond in _single_bonds(molecule)),
        default=None,
    )


def _single_bonds(molecule: Chem.Mol) -> Iterator[tuple[int, int]]:
    """Yield the atom indices of each single bond between heavy atoms outside rings."""
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
    """Return the bonds to try as pairs of atom indices, one bond of each symmetry class."""
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
    """A fragment of an ion, with the geometry that it has in the ion."""

    molecule: Chem.Mol
    ion: Relaxed
    state: ChargeState
    medium: Medium

    @property
    def energy(self) -> float:
        return self.medium.gfn2(self.ion.positions, self.state)

    def relaxed_energy(self) -> float:
        """Relax the fragment and return its energy, eV."""
        if self.molecule.GetNumAtoms() == 1:
            return self.energy
        relaxed = relax(self.molecule, self.state, start=self.ion, solvent=self.medium.solvent)
        return self.medium.gfn2(relaxed.positions, self.state)


def _fragments(
    molecule: Chem.Mol, ion: Relaxed, bond: tuple[int, int], state: ChargeState, solvent: str | None
) -> tuple[_Fragment, _Fragment]:
    """Cut a bond of an ion and return both fragments, unrelaxed.

    The fragment with the first atom of `bond` comes first and keeps the electron or the hole.
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
    """Return a fragment of an ion; its positions and curvature are those of its atoms in `ion`."""
    numbers = atomic_numbers(piece)
    axes = (3 * atoms[:, None] + np.arange(3)).ravel()
    of_ion = Relaxed(ion.positions[atoms], ion.curvature[np.ix_(axes, axes)])
    unpaired = int(numbers.sum() - charge) % 2
    if len(numbers) == 1 and numbers[0] == OXYGEN and not charge:
        unpaired = 2
    return _Fragment(piece, of_ion, ChargeState(charge, unpaired), Medium(numbers, solvent))
