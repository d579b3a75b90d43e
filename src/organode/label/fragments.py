"""The parts into which an ion may fall, and the energy that this takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from rdkit import Chem

from organode.label import LabelError
from organode.label.relaxation import Charge, relax
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
    ion: Chem.Mol, state: Charge, medium: Medium, orders: np.ndarray, usual: np.ndarray
) -> Fragmentation | None:
    """Find the weakest single bond outside rings among those that are likely to be it.

    Tried are the bonds of `WEAK`, and the one that lost most of its order if less than `LOOSE` of
    it is left.

    Parameters
    ----------
    ion : Chem.Mol
        The species with its hydrogens, n atoms, at the ion's relaxed geometry.
    state : Charge
        The ion's.
    medium : Medium
        The species' atoms and the solvent.
    orders, usual : numpy.ndarray
        Shape (n, n): Wiberg bond orders of the ion and of the species.

    Returns
    -------
    Fragmentation or None
        None if there is no such bond, or no part of it has a self-consistent solution.

    References
    ----------
    Radical ions cleave into a radical and an ion: Savéant, Acc. Chem. Res. 26 (1993) 455,
    doi 10.1021/ar00033a001 (reductions).
    """
    energy = medium.gfn2(ion.GetConformer().GetPositions(), state)
    found = []
    for bond in _likely(ion, orders, usual):
        parts = _parts(ion, bond)
        for charged, other in (parts, parts[::-1]):
            try:
                total = sum(_energies(charged, other, state, medium.solvent))
            except LabelError:  # one of several ways is closed
                continue
            ends = bond if charged is parts[0] else bond[::-1]
            found.append(Fragmentation(total - energy, *ends))
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
    different = {tuple(sorted((ranks[one], ranks[two]))): (one, two) for one, two in tried}
    return list(different.values())


def _parts(molecule: Chem.Mol, bond: tuple[int, int]) -> tuple[Chem.Mol, Chem.Mol]:
    """Cut a bond; the part of its first atom comes first."""
    cut = Chem.RWMol(molecule)
    cut.RemoveBond(*bond)
    for atom in cut.GetAtoms():
        atom.SetNoImplicit(True)
    places: list[tuple[int, ...]] = []
    first, second = Chem.GetMolFrags(cut, asMols=True, fragsMolAtomMapping=places)
    return (first, second) if bond[0] in places[0] else (second, first)


def _energies(
    charged: Chem.Mol, other: Chem.Mol, state: Charge, solvent: str | None
) -> Iterator[float]:
    """Yield the energies of both relaxed parts, eV, of which the first bears the ion's charge."""
    rest = Chem.GetFormalCharge(other)
    for part, charge in ((charged, state.charge - rest), (other, rest)):
        numbers = atomic_numbers(part)
        own = Charge(charge, int(numbers.sum() - charge) % 2)
        positions = relax(part, own, solvent=solvent) if len(numbers) > 1 else _position(part)
        yield Medium(numbers, solvent).gfn2(positions, own)


def _position(atom: Chem.Mol) -> np.ndarray:
    return np.asarray(atom.GetConformer().GetPositions())
