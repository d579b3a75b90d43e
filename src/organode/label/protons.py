"""The proton that an ion or a species gives up most easily, and the energy that this takes."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

import numpy as np
from rdkit import Chem

from organode.label.record import LabelError
from organode.label.relaxation import Charge, Relaxed, relax
from organode.label.singlepoint import Medium

# Carbon from which a radical cation loses a proton: beside a heteroatom, an arene or a double bond.
BESIDE = Chem.MolFromSmarts("[CX4;!H0;$(*-[#7,#8,#16]),$(*-a),$(*-[#6]=*)]")
# Carbon that is an acid itself: beside carbonyl, nitrile, nitro or sulfonyl.
ACID = Chem.MolFromSmarts("[CX4;!H0;$(*-[#6]=[#8,#7]),$(*-C#N),$(*-[NX3+](=O)[O-]),$(*-S(=O)=O)]")
HETERO = Chem.MolFromSmarts("[!#6;!#1;!H0]")
MOST = 6  # different hydrogens tried in a molecule: those with the weakest bonds


class Deprotonation(NamedTuple):
    """The cheapest loss of a proton.

    Attributes
    ----------
    energy : float
        Of what is left, relaxed, less that of the acid, GFN2-xTB in the solvent, eV. The proton's
        own energy in the solvent is not in it, so that only differences mean something.
    atom : int
        The heavy atom that bore the proton.
    """

    energy: float
    atom: int


def deprotonation(
    molecule: Chem.Mol,
    acid: Relaxed,
    state: Charge,
    medium: Medium,
    orders: np.ndarray,
    *,
    oxidised: bool,
) -> Deprotonation | None:
    """Find the hydrogen that leaves most easily as a proton.

    Tried are those on heteroatoms, or where there are none those on carbon that `BESIDE` or `ACID`
    finds; of each heavy atom that one whose bond is the weakest. The one whose loss is cheapest
    before anything relaxes counts.

    Parameters
    ----------
    molecule : Chem.Mol
        With its hydrogens, n atoms.
    acid : Relaxed
        The acid's geometry.
    state : Charge
        The acid's.
    medium : Medium
        Its atoms and the solvent.
    orders : numpy.ndarray
        Shape (n, n): Wiberg bond orders of the acid.
    oxidised : bool
        Whether the acid is an oxidised form, a strong one, whose C–H count beside any π system.

    Returns
    -------
    Deprotonation or None
        None if there is no such hydrogen, or nothing has a self-consistent solution without it.

    References
    ----------
    Acidities of radical cations: Nicholas, Arnold, Can. J. Chem. 60 (1982) 2165 (not re-read).
    Acids end the reversibility of reductions: Kim, Chung, Kim, J. Electroanal. Chem. 498 (2001)
    209.
    """
    energy = medium.gfn2(acid.positions, state)
    left = Charge(state.charge - 1, state.unpaired)
    found = []
    for hydrogen, atom in _acidic(molecule, orders, BESIDE if oxidised else ACID):
        with suppress(LabelError):  # of others, this one is not the cheapest
            rest, there, own = _without(molecule, acid, hydrogen, medium)
            found.append((own.gfn2(there.positions, left), atom, rest, there, own))
    if not found:
        return None
    _, atom, rest, there, own = min(found, key=lambda one: one[0])
    with suppress(LabelError):
        settled = relax(rest, left, start=there, solvent=medium.solvent)
        return Deprotonation(own.gfn2(settled.positions, left) - energy, atom)
    return None


def _acidic(molecule: Chem.Mol, orders: np.ndarray, carbon: Chem.Mol) -> list[tuple[int, int]]:
    """Return the hydrogens to try and the atoms that bear them, the weakest bonds first."""
    bearers = [atom for pattern in (HETERO, carbon) for (atom,) in
               molecule.GetSubstructMatches(pattern)]  # fmt: skip
    hetero = [at for at in bearers if molecule.GetAtomWithIdx(at).GetAtomicNum() != 6]
    ranks = list(Chem.CanonicalRankAtoms(molecule, breakTies=False))
    found: dict[int, tuple[float, int, int]] = {}
    for atom in hetero or bearers:
        bound = [
            (float(orders[atom, near.GetIdx()]), near.GetIdx(), atom)
            for near in molecule.GetAtomWithIdx(atom).GetNeighbors()
            if near.GetAtomicNum() == 1
        ]
        weakest = min(bound)
        if ranks[atom] not in found or weakest < found[ranks[atom]]:
            found[ranks[atom]] = weakest
    return [(hydrogen, atom) for _, hydrogen, atom in sorted(found.values())[:MOST]]


def _without(
    molecule: Chem.Mol, acid: Relaxed, hydrogen: int, medium: Medium
) -> tuple[Chem.Mol, Relaxed, Medium]:
    """Take a hydrogen's nucleus away; the rest stays where it is."""
    rest = Chem.RWMol(molecule)
    rest.RemoveAtom(hydrogen)
    kept = np.delete(np.arange(molecule.GetNumAtoms()), hydrogen)
    axes = (3 * kept[:, None] + np.arange(3)).ravel()
    there = Relaxed(acid.positions[kept], acid.curvature[np.ix_(axes, axes)])
    return rest.GetMol(), there, Medium(medium.numbers[kept], medium.solvent)
