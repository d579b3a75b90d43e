"""Bonds that a geometry has, compared with those of the molecule."""

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
    """A bond that differs between a geometry and the molecule.

    Attributes
    ----------
    how : str
        ``broke`` or ``formed``.
    first, second : int
        Indices of its atoms.
    """

    how: str
    first: int
    second: int


def bond_changes(molecule: Chem.Mol, positions: np.ndarray) -> list[BondChange]:
    """Return the bonds in which a geometry differs from the molecule.

    A bond counts as broken beyond 1.35 times the sum of the covalent radii, as formed below
    1.15 times it; in between are long but real bonds and close contacts, which count as unchanged.

    Parameters
    ----------
    molecule : Chem.Mol
        With its hydrogens, n atoms.
    positions : numpy.ndarray
        Shape (n, 3), ångström.
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
    """Check that a geometry has the bonds of the molecule and no others.

    Parameters are those of `bond_changes`.

    Raises
    ------
    LabelError
        Naming the first bond that broke or formed.
    """
    for change in bond_changes(molecule, positions):
        ends = (change.first, change.second)
        names = "–".join(molecule.GetAtomWithIdx(index).GetSymbol() for index in ends)
        raise LabelError(f"a bond {change.how} during relaxation ({names})")
