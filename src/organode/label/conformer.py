"""A first geometry: ETKDGv3 and a force field."""

from __future__ import annotations

from typing import Any

import numpy as np
from rdkit import Chem
from rdkit.Chem import rdDistGeom, rdForceFieldHelpers

from organode.label import LabelError

SEED = 20


def embed(molecule: Chem.Mol) -> Chem.Mol:
    """Return the molecule with hydrogens and one relaxed conformer.

    ETKDGv3 (Wang et al., J. Chem. Inf. Model. 60, 2020, 2044, doi 10.1021/acs.jcim.0c00025),
    then MMFF94; UFF where MMFF94 has no parameters. The seed is fixed: the same molecule gives
    the same geometry.

    Raises
    ------
    LabelError
        If no conformer can be embedded.
    """
    full = Chem.AddHs(molecule)
    parameters: Any = rdDistGeom.ETKDGv3()  # its stubs have the wrong types
    parameters.randomSeed = SEED
    parameters.timeout = 60
    if rdDistGeom.EmbedMolecule(full, parameters) != 0:
        parameters.useRandomCoords = True
        if rdDistGeom.EmbedMolecule(full, parameters) != 0:
            raise LabelError("no conformer could be embedded")
    if rdForceFieldHelpers.MMFFHasAllMoleculeParams(full):
        rdForceFieldHelpers.MMFFOptimizeMolecule(full, maxIters=2000)
    elif rdForceFieldHelpers.UFFHasAllMoleculeParams(full):
        rdForceFieldHelpers.UFFOptimizeMolecule(full, maxIters=2000)
    return full


# Covalent radii in ångström: Cordero et al., Dalton Trans. 2008, 2832, doi 10.1039/b801115j.
COVALENT_RADIUS = {
    1: 0.31, 5: 0.84, 6: 0.76, 7: 0.71, 8: 0.66, 9: 0.57,
    14: 1.11, 15: 1.07, 16: 1.05, 17: 1.02, 35: 1.20,
}  # fmt: skip


def check_bonds(molecule: Chem.Mol, positions: np.ndarray) -> None:
    """Check that the geometry still has the bonds of the molecule, and no other.

    A bond counts as broken beyond 1.35 times the sum of the covalent radii, as formed below
    1.15 times it: the gap keeps long but real bonds and close contacts out of dispute.

    Parameters
    ----------
    molecule : Chem.Mol
        With its hydrogens, n atoms.
    positions : numpy.ndarray
        Shape (n, 3), ångström.

    Raises
    ------
    LabelError
        Naming the first bond that broke or formed.
    """
    radii = np.array([COVALENT_RADIUS[a.GetAtomicNum()] for a in molecule.GetAtoms()])
    distance = np.linalg.norm(positions[:, None] - positions[None], axis=-1)
    ratio = distance / (radii[:, None] + radii[None])
    bonded = Chem.GetAdjacencyMatrix(molecule).astype(bool)
    broken = bonded & (ratio > 1.35)
    formed = ~bonded & (ratio < 1.15) & ~np.eye(len(radii), dtype=bool)
    for changed, word in ((broken, "broke"), (formed, "formed")):
        pairs = np.argwhere(np.triu(changed))
        if len(pairs):
            names = "–".join(molecule.GetAtomWithIdx(int(i)).GetSymbol() for i in pairs[0])
            raise LabelError(f"a bond {word} during relaxation ({names})")
