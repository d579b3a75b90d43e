"""Compute conformers by ETKDGv3 and a force field, and the force field's Hessian."""

from __future__ import annotations

from typing import Any

import numpy as np
from rdkit import Chem
from rdkit.Chem import rdDistGeom, rdForceFieldHelpers
from rdkit.Geometry import Point3D

from organode.label.record import LabelError

SEED = 20


def embed(molecule: Chem.Mol) -> Chem.Mol:
    """Return the molecule with explicit hydrogens and one conformer relaxed by a force field.

    The conformer is embedded by ETKDGv3 (Wang et al., J. Chem. Inf. Model. 60, 2020, 2044, doi
    10.1021/acs.jcim.0c00025) and relaxed by MMFF94, or by UFF if MMFF94 lacks parameters. If both
    force fields lack parameters, the conformer is not relaxed. The random seed is fixed, so that
    the same molecule gives the same geometry.

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


# Bonds whose rotation decides how well a substituent and a ring conjugate, so that an ion may
# prefer another rotamer than the neutral molecule: bonds from an aromatic ring to an alkoxy,
# sulfide or amino group, or to another aromatic ring.
ROTORS = (
    Chem.MolFromSmarts("[a]-!@[O,S,N;!$(*=*);!$(*-*=[O,N,S])]-[#6]"),
    Chem.MolFromSmarts("[a]-!@[a]"),
)
N_EMBEDDED = 10  # conformers that are embedded; only those that differ are kept
SAME_ENERGY = 0.1  # kcal/mol: conformers with a smaller difference are the same or mirror images
MAX_ENERGY = 6.0  # kcal/mol above the lowest conformer; solvation cannot compensate for more


def rotamers(molecule: Chem.Mol) -> list[np.ndarray]:
    """Return further conformers of a molecule in which an aromatic ring's substituents can rotate.

    An ion may prefer another of these conformers than the neutral molecule does. The rotatable
    bonds are those that match `ROTORS`: from an aromatic ring to an alkoxy, sulfide or amino group
    or to another aromatic ring.

    Parameters
    ----------
    molecule : Chem.Mol
        The molecule with explicit hydrogens and one conformer, n atoms.

    Returns
    -------
    list of numpy.ndarray
        Positions of the atoms in each further conformer, shape (n, 3), ångström. The conformers are
        relaxed by the force field, differ in energy from the given conformer and from each other,
        and are less than 6 kcal/mol (`MAX_ENERGY`) above the lowest. The list is empty if the
        molecule has no rotatable bond of this kind, or if neither MMFF94 nor UFF has parameters for
        the molecule.
    """
    if not any(map(molecule.HasSubstructMatch, ROTORS)):
        return []
    trial = Chem.Mol(molecule)
    Chem.AssignStereochemistryFrom3D(trial)  # otherwise another stereoisomer could be embedded
    parameters = _parameters()
    parameters.clearConfs = False
    rdDistGeom.EmbedMultipleConfs(trial, N_EMBEDDED, parameters)
    different: list[tuple[float, np.ndarray]] = []
    for conformer in trial.GetConformers():  # the given conformer comes first
        field = _force_field(trial, conformer.GetId())
        if field is None:
            return []
        field.Minimize(maxIts=2000)
        energy = float(field.CalcEnergy())
        if all(abs(energy - other) > SAME_ENERGY for other, _ in different):
            different.append((energy, conformer.GetPositions()))
    lowest = min(energy for energy, _ in different)
    return [positions for energy, positions in different[1:] if energy < lowest + MAX_ENERGY]


def _parameters() -> Any:
    """Return ETKDGv3's parameters with a fixed random seed."""
    parameters: Any = rdDistGeom.ETKDGv3()  # RDKit's type stubs are wrong
    parameters.randomSeed = SEED
    parameters.timeout = 60
    return parameters


def _force_field(molecule: Chem.Mol, conformer: int = -1) -> Any:
    """Return RDKit's force field for a conformer: MMFF94, or UFF if MMFF94 lacks parameters.

    The result is None if both lack parameters for the molecule. `conformer` is the conformer's id,
    where −1 means the first conformer.
    """
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


def with_positions(molecule: Chem.Mol, positions: np.ndarray) -> Chem.Mol:
    """Return a copy of a molecule of n atoms, with the atoms at `positions`: (n, 3), ångström."""
    moved = Chem.Mol(molecule)
    for index, position in enumerate(positions):
        moved.GetConformer().SetAtomPosition(index, Point3D(*position))
    return moved


# Lower limit of the eigenvalues of the initial Hessian, eV/ångström². Without a limit the steps
# along torsions are too large, and a relaxation takes 55 steps. Of the limits from 1 to 70 that
# were tried, 40 took the fewest steps, 28. ASE's default, 70 in every direction, takes 35.
MIN_CURVATURE = 40.0
KCAL = 0.0433641  # eV per molecule in 1 kcal/mol
STEP = 1e-3  # ångström


def force_field_hessian(molecule: Chem.Mol) -> np.ndarray | None:
    """Return the Hessian of MMFF94, or of UFF if MMFF94 lacks parameters, at the conformer.

    A relaxation by another method takes this Hessian as its initial guess.

    Parameters
    ----------
    molecule : Chem.Mol
        The molecule with explicit hydrogens and one conformer, n atoms.

    Returns
    -------
    numpy.ndarray or None
        Shape (3n, 3n), eV/ångström², made positive definite: each eigenvalue is replaced by its
        absolute value, or by 40 eV/ångström² (`MIN_CURVATURE`) if the absolute value is less. None
        if neither MMFF94 nor UFF has parameters for the molecule.
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
    definite: np.ndarray = (vectors * np.maximum(np.abs(values), MIN_CURVATURE)) @ vectors.T
    return definite
