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
    field = _force_field(full)
    if field is not None:
        field.Minimize(maxIts=2000)
    return full


def _force_field(molecule: Chem.Mol) -> Any:
    """Return MMFF94 for the molecule's conformer, or else UFF, or None: no parameters."""
    field = None
    if rdForceFieldHelpers.MMFFHasAllMoleculeParams(molecule):
        properties = rdForceFieldHelpers.MMFFGetMoleculeProperties(molecule)
        field = rdForceFieldHelpers.MMFFGetMoleculeForceField(molecule, properties)
    elif rdForceFieldHelpers.UFFHasAllMoleculeParams(molecule):
        field = rdForceFieldHelpers.UFFGetMoleculeForceField(molecule)
    if field is not None:
        field.Initialize()
    return field


# Softest curvature that a first step of the relaxation trusts, eV/ångström². Without a floor the
# torsions take wild steps (55 steps a molecule); of 1 to 70, 40 needed fewest (28; ASE's own
# guess, 70 in every direction, needs 35).
SOFTEST = 40.0
KCAL = 0.0433641  # eV a molecule in one kcal/mol
STEP = 1e-3  # ångström


def curvature(molecule: Chem.Mol) -> np.ndarray | None:
    """Return the force field's Hessian at the conformer, a first guess for relaxing it.

    Parameters
    ----------
    molecule : Chem.Mol
        With its hydrogens and a conformer, n atoms.

    Returns
    -------
    numpy.ndarray or None
        Shape (3n, 3n), eV/ångström², positive definite: no eigenvalue is below `SOFTEST`. None
        where the force fields lack parameters.
    """
    field = _force_field(molecule)
    if field is None:
        return None
    start = np.array(field.Positions()).ravel()
    hessian = np.empty((len(start), len(start)))
    for index, shift in enumerate(np.eye(len(start)) * STEP):
        ahead, behind = (np.array(field.CalcGrad(list(start + s))) for s in (shift, -shift))
        hessian[index] = (ahead - behind) * KCAL / (2 * STEP)
    values, vectors = np.linalg.eigh((hessian + hessian.T) / 2)
    stiff: np.ndarray = (vectors * np.maximum(np.abs(values), SOFTEST)) @ vectors.T
    return stiff


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
