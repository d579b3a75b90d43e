"""Find the proton that a molecule or ion loses most easily, and the energy of the loss."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

import numpy as np
from rdkit import Chem

from organode.label.geometry.relaxation import ChargeState, Relaxed, relax
from organode.label.record import LabelError
from organode.label.singlepoint import Medium

# Carbon from which a radical cation loses a proton: next to N, O or S, an arene or a double bond.
ACTIVATED_CARBON = Chem.MolFromSmarts("[CX4;!H0;$(*-[#7,#8,#16]),$(*-a),$(*-[#6]=*)]")
# Carbon acids: carbon next to carbonyl, imine, nitrile, nitro or sulfonyl.
ACIDIC_CARBON = Chem.MolFromSmarts(
    "[CX4;!H0;$(*-[#6]=[#8,#7]),$(*-C#N),$(*-[NX3+](=O)[O-]),$(*-S(=O)=O)]"
)
HETEROATOM = Chem.MolFromSmarts("[!#6;!#1;!H0]")
MAX_TRIED = 6  # hydrogens tried, the ones with the weakest bonds; equivalent hydrogens count once


class Deprotonation(NamedTuple):
    """Loss of a proton by a molecule or ion, the acid.

    Attributes
    ----------
    energy : float
        Energy of the relaxed conjugate base minus the energy of the acid, by GFN2-xTB in the
        solvent, eV. The energy of the solvated proton is not included, so only differences between
        the values of two acids are meaningful.
    atom : int
        Index in the acid of the heavy atom that bore the proton.
    """

    energy: float
    atom: int


def deprotonation(
    molecule: Chem.Mol,
    acid: Relaxed,
    state: ChargeState,
    medium: Medium,
    orders: np.ndarray,
    *,
    oxidised: bool,
) -> Deprotonation | None:
    """Find the hydrogen of a molecule or ion that leaves most easily as a proton.

    The molecule or ion is called the acid. The hydrogens on heteroatoms are tried. If there are no
    such hydrogens, hydrogens on sp3 carbon are tried: if `oxidised` is true, on carbon next to N, O
    or S, an arene or a double bond (`ACTIVATED_CARBON`); if false, on carbon next to a carbonyl,
    imine, nitrile, nitro or sulfonyl group (`ACIDIC_CARBON`). Of the hydrogens on the same heavy
    atom, only the hydrogen with the weakest bond is tried, and at most six hydrogens (`MAX_TRIED`)
    are tried in total. The hydrogen whose loss costs the least energy before relaxation is chosen,
    and the conjugate base that forms by this loss is relaxed.

    Parameters
    ----------
    molecule : Chem.Mol
        The acid with explicit hydrogens, n atoms.
    acid : Relaxed
        The acid's relaxed geometry.
    state : ChargeState
        The acid's charge state.
    medium : Medium
        The acid's atoms and the solvent.
    orders : numpy.ndarray
        Shape (n, n): Wiberg bond orders of the acid.
    oxidised : bool
        Whether the acid is an oxidised ion. An oxidised ion is a strong acid, so that more kinds of
        hydrogens on carbon are tried.

    Returns
    -------
    Deprotonation or None
        None if there is no hydrogen to try, if the SCF converges for none of the conjugate bases,
        or if the chosen conjugate base cannot be relaxed.

    References
    ----------
    Acidities of radical cations: Nicholas, Arnold, Can. J. Chem. 60 (1982) 2165 (not
    checked against the paper).
    Reductions are irreversible in the presence of acids: Kim, Chung, Kim, J. Electroanal. Chem. 498
    (2001) 209.
    """
    energy = medium.gfn2(acid.positions, state)
    base_state = ChargeState(state.charge - 1, state.unpaired)
    carbon = ACTIVATED_CARBON if oxidised else ACIDIC_CARBON
    bases = []
    for hydrogen, atom in _acidic_hydrogens(molecule, orders, carbon):
        with suppress(LabelError):  # a base without a self-consistent solution is ignored
            base, start, of_base = _without(molecule, acid, hydrogen, medium)
            bases.append((of_base.gfn2(start.positions, base_state), atom, base, start, of_base))
    if not bases:
        return None
    _, atom, base, start, of_base = min(bases, key=lambda candidate: candidate[0])
    with suppress(LabelError):
        relaxed = relax(base, base_state, start=start, solvent=medium.solvent)
        return Deprotonation(of_base.gfn2(relaxed.positions, base_state) - energy, atom)
    return None


def _acidic_hydrogens(
    molecule: Chem.Mol, orders: np.ndarray, carbon: Chem.Mol
) -> list[tuple[int, int]]:
    """Return the hydrogens whose loss is to be tried, the hydrogen with the weakest bond first.

    The result has at most six pairs (`MAX_TRIED`): index of a hydrogen, and index of the heavy atom
    that bears it. `orders`, shape (n, n), are the acid's Wiberg bond orders, and `carbon` is the
    pattern of the carbon atoms whose hydrogens are tried if no heteroatom has a hydrogen.
    """
    bearers = [
        atom
        for pattern in (HETEROATOM, carbon)
        for (atom,) in molecule.GetSubstructMatches(pattern)
    ]
    heteroatoms = [atom for atom in bearers if molecule.GetAtomWithIdx(atom).GetAtomicNum() != 6]
    ranks = list(Chem.CanonicalRankAtoms(molecule, breakTies=False))
    different: dict[int, tuple[float, int, int]] = {}  # by rank: equivalent atoms count once
    for atom in heteroatoms or bearers:
        hydrogens = [
            (float(orders[atom, near.GetIdx()]), near.GetIdx(), atom)
            for near in molecule.GetAtomWithIdx(atom).GetNeighbors()
            if near.GetAtomicNum() == 1
        ]
        weakest = min(hydrogens)
        if ranks[atom] not in different or weakest < different[ranks[atom]]:
            different[ranks[atom]] = weakest
    return [(hydrogen, atom) for _, hydrogen, atom in sorted(different.values())[:MAX_TRIED]]


def _without(
    molecule: Chem.Mol, acid: Relaxed, hydrogen: int, medium: Medium
) -> tuple[Chem.Mol, Relaxed, Medium]:
    """Remove the hydrogen with index `hydrogen` from an acid, as a proton.

    Return the conjugate base, its geometry before relaxation, and its `Medium`. `acid` is the
    acid's geometry, and `medium` has the acid's atoms and the solvent.
    """
    base = Chem.RWMol(molecule)
    base.RemoveAtom(hydrogen)
    kept = np.delete(np.arange(molecule.GetNumAtoms()), hydrogen)
    axes = (3 * kept[:, None] + np.arange(3)).ravel()
    start = Relaxed(acid.positions[kept], acid.curvature[np.ix_(axes, axes)])
    return base.GetMol(), start, Medium(medium.numbers[kept], medium.solvent)
