"""The parts into which an ion may fall, and the energy that this takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from rdkit import Chem

from organode.label.record import LabelError
from organode.label.relaxation import Charge, Relaxed, relax
from organode.label.singlepoint import Medium, atomic_numbers

# Single bonds that are tried in every ion: of carbon with halogens, between heteroatoms, and where
# a benzyl, allyl or acylmethyl radical is left. A bond's order does not tell of that.
WEAK = tuple(
    Chem.MolFromSmarts(smarts)
    for smarts in (
        "[#6]-!@[Cl,Br]",
        "[#7,#8]-!@[#8X2]",
        "[#16X2]-!@[#16X2]",
        "[CX4;$(*-a),$(*-[#6]=[#6,#8])]-!@[#7+,#8X2,#16]",
    )
)
OXYGEN = 8  # whose atom is a triplet
LOOSE = 0.9  # of its Wiberg order in the species, below which any other is tried


class Fragmentation(NamedTuple):
    """The cheapest way in which an ion falls into two parts.

    Attributes
    ----------
    energy : float
        Of both relaxed parts less the relaxed ion's, GFN2-xTB in the solvent, eV; no entropy.
    charged, other : int
        The atoms of the bond: the first is in the part that keeps the electron or the hole.
    """

    energy: float
    charged: int
    other: int


def fragmentation(
    molecule: Chem.Mol,
    ion: Relaxed,
    state: Charge,
    medium: Medium,
    orders: tuple[np.ndarray, np.ndarray],
) -> Fragmentation | None:
    """Find the weakest single bond outside rings among those that are likely to be it.

    Tried are the bonds of `WEAK`, and the one that lost most of its order if less than `LOOSE` of
    it is left. Of the two parts that one keeps the electron or the hole that does so more cheaply
    before the parts relax.

    Parameters
    ----------
    molecule : Chem.Mol
        The species with its hydrogens, n atoms.
    ion : Relaxed
        The ion's geometry.
    state : Charge
        The ion's.
    medium : Medium
        The species' atoms and the solvent.
    orders : tuple of numpy.ndarray
        Shape (n, n) each: Wiberg bond orders of the ion and of the species.

    Returns
    -------
    Fragmentation or None
        None if there is no such bond, or no part of it has a self-consistent solution.

    References
    ----------
    Radical ions cleave into a radical and an ion: Savéant, Acc. Chem. Res. 26 (1993) 455,
    doi 10.1021/ar00033a001 (reductions).
    """
    energy = medium.gfn2(ion.positions, state)
    found = []
    for bond in _likely(molecule, *orders):
        ways = []
        for ends in (bond, bond[::-1]):
            with suppress(LabelError):  # one of two ways is closed
                parts = _parts(molecule, ion, ends, state, medium.solvent)
                ways.append((sum(part.energy for part in parts), ends, parts))
        if not ways:
            continue
        _, ends, parts = min(ways, key=lambda way: way[0])
        with suppress(LabelError):
            found.append(Fragmentation(sum(part.relaxed() for part in parts) - energy, *ends))
    return min(found, default=None)


def loosest(
    molecule: Chem.Mol, orders: np.ndarray, usual: np.ndarray
) -> tuple[float, int, int] | None:
    """Return what is left of the bond that lost most, and its atoms; None if there is no bond.

    Of the single bonds between heavy atoms outside rings.

    Parameters
    ----------
    molecule : Chem.Mol
        With its hydrogens, n atoms.
    orders, usual : numpy.ndarray
        Shape (n, n): Wiberg bond orders of an ion and of the species.
    """
    return min(
        ((float(orders[one] / usual[one]), *one) for one in _single_bonds(molecule)), default=None
    )


def _single_bonds(molecule: Chem.Mol) -> Iterator[tuple[int, int]]:
    """Yield the single bonds between heavy atoms outside rings."""
    for bond in molecule.GetBonds():
        ends = bond.GetBeginAtom(), bond.GetEndAtom()
        if (
            bond.GetBondType() == Chem.BondType.SINGLE
            and not bond.IsInRing()
            and all(atom.GetAtomicNum() > 1 for atom in ends)
        ):
            yield bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()


def _likely(molecule: Chem.Mol, orders: np.ndarray, usual: np.ndarray) -> list[tuple[int, int]]:
    """Return the bonds to try, one of each set of equivalent ones."""
    ranks = list(Chem.CanonicalRankAtoms(molecule, breakTies=False))
    tried = [match for pattern in WEAK for match in molecule.GetSubstructMatches(pattern)]
    weakest = loosest(molecule, orders, usual)
    if weakest is not None and weakest[0] < LOOSE:
        tried.append(weakest[1:])
    different: dict[tuple[int, ...], tuple[int, int]] = {}
    for one, two in reversed(tried):  # the one that lost most before its twins
        different.setdefault(tuple(sorted((ranks[one], ranks[two]))), (one, two))
    return list(different.values())


@dataclass(frozen=True)
class _Part:
    """A part of an ion, as it is there."""

    molecule: Chem.Mol
    ion: Relaxed
    state: Charge
    medium: Medium

    @property
    def energy(self) -> float:
        return self.medium.gfn2(self.ion.positions, self.state)

    def relaxed(self) -> float:
        """Return its energy once it is alone."""
        if self.molecule.GetNumAtoms() == 1:
            return self.energy
        found = relax(self.molecule, self.state, start=self.ion, solvent=self.medium.solvent)
        return self.medium.gfn2(found.positions, self.state)


def _parts(
    molecule: Chem.Mol, ion: Relaxed, bond: tuple[int, int], state: Charge, solvent: str | None
) -> tuple[_Part, _Part]:
    """Cut a bond of an ion; the part of its first atom comes first, and bears the ion's charge."""
    cut = Chem.RWMol(molecule)
    cut.RemoveBond(*bond)
    for atom in cut.GetAtoms():
        atom.SetNoImplicit(True)
    places: list[tuple[int, ...]] = []
    pieces = Chem.GetMolFrags(cut, asMols=True, fragsMolAtomMapping=places)
    first = bond[0] not in places[0]
    rest = Chem.GetFormalCharge(pieces[not first])
    charges = {first: state.charge - rest, not first: rest}
    one, other = (
        _part(pieces[at], ion, np.array(places[at]), charges[at], solvent)
        for at in (first, not first)
    )
    return one, other


def _part(
    piece: Chem.Mol, ion: Relaxed, atoms: np.ndarray, charge: int, solvent: str | None
) -> _Part:
    numbers = atomic_numbers(piece)
    axes = (3 * atoms[:, None] + np.arange(3)).ravel()
    of_ion = Relaxed(ion.positions[atoms], ion.curvature[np.ix_(axes, axes)])
    unpaired = int(numbers.sum() - charge) % 2
    if len(numbers) == 1 and numbers[0] == OXYGEN and not charge:
        unpaired = 2
    own = Charge(charge, unpaired)
    return _Part(piece, of_ion, own, Medium(numbers, solvent))
