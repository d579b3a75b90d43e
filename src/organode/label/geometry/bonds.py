"""Find bonds that broke or formed: compare a geometry's bonds with those of the molecular graph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from rdkit import Chem

from organode.label.record import LabelError

# Covalent radii in ångström: Cordero et al., Dalton Trans. 2008, 2832, doi 10.1039/b801115j.
COVALENT_RADIUS = {
    1: 0.31, 5: 0.84, 6: 0.76, 7: 0.71, 8: 0.66, 9: 0.57,
    14: 1.11, 15: 1.07, 16: 1.05, 17: 1.02, 35: 1.20,
}  # fmt: skip


@dataclass(frozen=True)
class BondChange:
    """A bond that either the molecule's graph or a geometry has, but not both.

    Attributes
    ----------
    how : str
        ``broke`` if only the graph has the bond, ``formed`` if only the geometry has it.
    first, second : int
        Indices of the bond's atoms, the smaller one first.
    """

    how: str
    first: int
    second: int


def bond_changes(molecule: Chem.Mol, positions: np.ndarray) -> list[BondChange]:
    """Return the bonds that broke or formed in a geometry, compared with the molecule's graph.

    A bond of the graph counts as broken if its length is above 1.35 times the sum of the two atoms'
    covalent radii. A bond counts as formed between two atoms that are not bonded in the graph if
    the atoms' distance is below 1.15 times the sum of their covalent radii. Distances between these
    two limits occur for long but real bonds and for close contacts, and count as no change.

    Parameters
    ----------
    molecule : Chem.Mol
        The molecule with explicit hydrogens, n atoms.
    positions : numpy.ndarray
        Shape (n, 3): the geometry, ångström.
    """
    radii = np.array([COVALENT_RADIUS[a.GetAtomicNum()] for a in molecule.GetAtoms()])
    distance = np.linalg.norm(positions[:, None] - positions[None], axis=-1)
    ratio = distance / (radii[:, None] + radii[None])
    bonded = Chem.GetAdjacencyMatrix(molecule).astype(bool)
    broken = bonded & (ratio > 1.35)
    formed = ~bonded & (ratio < 1.15) & ~np.eye(len(radii), dtype=bool)
    return [
        BondChange(how, int(first), int(second))
        for how, changed in (("broke", broken), ("formed", formed))
        for first, second in np.argwhere(np.triu(changed))
    ]


def check_bonds(molecule: Chem.Mol, positions: np.ndarray) -> None:
    """Check that a geometry has exactly the bonds of the molecule's graph.

    Parameters
    ----------
    molecule : Chem.Mol
        The molecule with explicit hydrogens, n atoms.
    positions : numpy.ndarray
        Shape (n, 3): the geometry, ångström.

    Raises
    ------
    LabelError
        If a bond broke or formed, as by `bond_changes`; the message names the first such bond.
    """
    for change in bond_changes(molecule, positions):
        ends = (change.first, change.second)
        names = "–".join(molecule.GetAtomWithIdx(index).GetSymbol() for index in ends)
        raise LabelError(f"a bond {change.how} during relaxation ({names})")
