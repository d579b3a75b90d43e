"""A first geometry: ETKDGv3 and a force field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from rdkit import Chem
from rdkit.Chem import rdDistGeom, rdForceFieldHelpers
from rdkit.Geometry import Point3D

from organode.label.record import LabelError

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
    parameters = _parameters()
    if rdDistGeom.EmbedMolecule(full, parameters) != 0:
        parameters.useRandomCoords = True
        if rdDistGeom.EmbedMolecule(full, parameters) != 0:
            raise LabelError("no conformer could be embedded")
    field = _force_field(full)
    if field is not None:
        field.Minimize(maxIts=2000)
    return full


# Bonds whose rotation decides how well a substituent and a ring conjugate, so that an ion may want
# another rotamer than the neutral molecule does: those of alkoxy, sulfide and amino groups and of
# other rings at an aromatic ring.
ROTORS = (
    Chem.MolFromSmarts("[a]-!@[O,S,N;!$(*=*);!$(*-*=[O,N,S])]-[#6]"),
    Chem.MolFromSmarts("[a]-!@[a]"),
)
ROTAMERS = 10  # embedded, of which those are kept that differ
ALIKE = 0.1  # kcal/mol between conformers that are one, perhaps mirrored
HIGHEST = 6.0  # kcal/mol above the lowest, by the force field: no ion's solvation makes up for more


def rotamers(molecule: Chem.Mol) -> list[np.ndarray]:
    """Return other conformers of a molecule whose rings and substituents can turn.

    Parameters
    ----------
    molecule : Chem.Mol
        With its hydrogens and a conformer, n atoms.

    Returns
    -------
    list of numpy.ndarray
        Shape (n, 3) each, ångström, relaxed as by `embed`; none of a molecule without `ROTORS`.
    """
    if not any(map(molecule.HasSubstructMatch, ROTORS)):
        return []
    trial = Chem.Mol(molecule)
    Chem.AssignStereochemistryFrom3D(trial)  # or another stereoisomer might be embedded
    parameters = _parameters()
    parameters.clearConfs = False
    rdDistGeom.EmbedMultipleConfs(trial, ROTAMERS, parameters)
    found: list[tuple[float, np.ndarray]] = []
    for conformer in trial.GetConformers():  # the given one comes first
        field = _force_field(trial, conformer.GetId())
        if field is None:
            return []
        field.Minimize(maxIts=2000)
        energy = float(field.CalcEnergy())
        if all(abs(energy - other) > ALIKE for other, _ in found):
            found.append((energy, conformer.GetPositions()))
    lowest = min(energy for energy, _ in found)
    return [positions for energy, positions in found[1:] if energy < lowest + HIGHEST]


def _parameters() -> Any:
    parameters: Any = rdDistGeom.ETKDGv3()  # its stubs have the wrong types
    parameters.randomSeed = SEED
    parameters.timeout = 60
    return parameters


def _force_field(molecule: Chem.Mol, conformer: int = -1) -> Any:
    """Return MMFF94 for the molecule's conformer, or else UFF, or None: no parameters."""
    field = None
    if rdForceFieldHelpers.MMFFHasAllMoleculeParams(molecule):
        properties = rdForceFieldHelpers.MMFFGetMoleculeProperties(molecule)
        field = rdForceFieldHelpers.MMFFGetMoleculeForceField(
            molecule, properties, confId=conformer
        )
    elif rdForceFieldHelpers.UFFHasAllMoleculeParams(molecule):
        field = rdForceFieldHelpers.UFFGetMoleculeForceField(molecule, confId=conformer)
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


@dataclass(frozen=True)
class Change:
    """A bond that `how` in a geometry, ``broke`` or ``formed``, between two atoms by index."""

    how: str
    one: int
    other: int


def changes(molecule: Chem.Mol, positions: np.ndarray) -> list[Change]:
    """Return the bonds in which a geometry differs from the molecule.

    A bond counts as broken beyond 1.35 times the sum of the covalent radii, as formed below
    1.15 times it: the gap keeps long but real bonds and close contacts out of dispute.

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
        Change(how, int(one), int(other))
        for how, changed in (("broke", broken), ("formed", formed))
        for one, other in np.argwhere(np.triu(changed))
    ]


def check_bonds(molecule: Chem.Mol, positions: np.ndarray) -> None:
    """Check that the geometry still has the bonds of the molecule, and no other.

    Parameters are those of `changes`.

    Raises
    ------
    LabelError
        Naming the first bond that broke or formed.
    """
    for change in changes(molecule, positions):
        ends = (change.one, change.other)
        names = "–".join(molecule.GetAtomWithIdx(index).GetSymbol() for index in ends)
        raise LabelError(f"a bond {change.how} during relaxation ({names})")


def placed(molecule: Chem.Mol, positions: np.ndarray) -> Chem.Mol:
    """Return the molecule with its atoms at these positions, shape (n, 3), ångström."""
    moved = Chem.Mol(molecule)
    for index, position in enumerate(positions):
        moved.GetConformer().SetAtomPosition(index, Point3D(*position))
    return moved
