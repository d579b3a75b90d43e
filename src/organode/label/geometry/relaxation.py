"""Relax geometries of molecules and ions by GFN2-xTB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from rdkit import Chem

from organode.label.geometry.conformer import force_field_hessian
from organode.label.record import LabelError, one_line

# The largest force that a relaxed geometry may have, eV/ångström.
MAX_FORCE = 0.03
# The same limit for relaxations in a solvent (ions, species and their fragments). Compared with
# 0.03, the energies of 36 molecules differ by less than 1 meV on average, and two thirds of the
# steps are saved.
MAX_FORCE_IN_SOLVENT = 0.05
MAX_STEPS = 500
DEFAULT_CURVATURE = 70.0  # eV/ångström²: ASE's default, where there is no better guess
# Accuracy of tblite's SCF, as a multiple of its default, which single points use. This looser value
# moves the relaxed energy by less than 3 meV (29 of 30 molecules; the last reached a lower
# conformer) and saves a third of the time.
ACCURACY = 5.0


@dataclass(frozen=True)
class ChargeState:
    """A charge state of a molecule or ion: its net charge and number of unpaired electrons."""

    charge: int
    unpaired: int


def charge_states(molecule: Chem.Mol) -> tuple[ChargeState, ChargeState, ChargeState]:
    """Return three charge states of a species: as drawn, one electron less, one electron more.

    If the species (molecule or ion) is drawn with n unpaired electrons, the first state has n
    unpaired electrons, and the two others have |n − 1|. Other numbers of unpaired electrons may
    have a lower energy: `organode.label.xtb.ground_states` finds them.

    Examples
    --------
    >>> charge_states(Chem.MolFromSmiles("C[n+]1ccccc1"))[1:]
    (ChargeState(charge=2, unpaired=1), ChargeState(charge=0, unpaired=1))
    """
    charge = Chem.GetFormalCharge(molecule)
    unpaired = sum(atom.GetNumRadicalElectrons() for atom in molecule.GetAtoms())
    own, oxidised, reduced = (
        ChargeState(charge + lost, abs(unpaired - abs(lost))) for lost in (0, 1, -1)
    )
    return own, oxidised, reduced


class Relaxed(NamedTuple):
    """A relaxed geometry of a molecule or ion.

    Attributes
    ----------
    positions : numpy.ndarray
        Shape (n, 3), ångström: positions of the n atoms.
    curvature : numpy.ndarray
        Shape (3n, 3n), eV/ångström²: the Hessian as the optimiser has estimated it. As first guess
        for relaxing the same atoms in another charge state or solvent, this Hessian is far better
        than a force field's: relaxing the anions of 12 molecules took 25 steps instead of 42.
    """

    positions: np.ndarray
    curvature: np.ndarray


def relax(
    conformer: Chem.Mol,
    state: ChargeState,
    *,
    start: Relaxed | None = None,
    solvent: str | None = None,
) -> Relaxed:
    """Relax a conformer by GFN2-xTB.

    Parameters
    ----------
    conformer : Chem.Mol
        The molecule with explicit hydrogens and one conformer, n atoms.
    state : ChargeState
        The charge state to relax.
    start : Relaxed, optional
        Positions and Hessian to start from; when omitted, the conformer's own positions and a
        force field's Hessian.
    solvent : str, optional
        Name of an ALPB solvent; gas phase when omitted.

    Returns
    -------
    Relaxed
        The relaxed positions, where no force on an atom is above 0.03 eV/ångström (in a solvent,
        0.05 eV/ångström), and the Hessian at these positions.

    Raises
    ------
    LabelError
        If an SCF fails, or if the relaxation does not converge within 500 steps (`MAX_STEPS`).
    """
    from ase import Atoms
    from ase.optimize import BFGS
    from tblite.ase import TBLite

    atoms = Atoms(
        numbers=[atom.GetAtomicNum() for atom in conformer.GetAtoms()],
        positions=conformer.GetConformer().GetPositions() if start is None else start.positions,
    )
    medium = {"solvation": ("alpb", solvent)} if solvent else {}
    atoms.calc = TBLite(
        method="GFN2-xTB",
        charge=state.charge,
        multiplicity=state.unpaired + 1,
        accuracy=ACCURACY,
        verbosity=0,
        **medium,
    )
    optimizer = BFGS(atoms, logfile=None)
    guess = force_field_hessian(conformer) if start is None else start.curvature
    if guess is not None:
        optimizer.H0 = guess
    force = MAX_FORCE_IN_SOLVENT if solvent else MAX_FORCE
    try:
        converged = optimizer.run(fmax=force, steps=MAX_STEPS)
    except Exception as error:  # ase and tblite have their own exceptions for a failed SCF
        raise LabelError(f"relaxation failed: {one_line(error)}") from error
    if not converged:
        raise LabelError(f"relaxation not converged after {MAX_STEPS} steps")
    hessian = optimizer.H if optimizer.nsteps else guess  # ASE sets H in its first step
    if hessian is None:
        hessian = DEFAULT_CURVATURE * np.eye(3 * len(atoms))
    return Relaxed(np.asarray(atoms.positions), np.asarray(hessian))


def rmsd(molecule: Chem.Mol, first: np.ndarray, second: np.ndarray) -> float:
    """Return the root-mean-square distance, ångström, between two geometries of a molecule.

    Only heavy atoms count. The geometries are superposed first (Kabsch algorithm).

    Parameters
    ----------
    molecule : Chem.Mol
        The molecule, n atoms.
    first, second : numpy.ndarray
        Shape (n, 3), ångström: positions of the molecule's atoms in the two geometries.

    Notes
    -----
    Kabsch, Acta Cryst. A 32 (1976) 922, doi 10.1107/S0567739476001873.
    """
    heavy = [atom.GetIdx() for atom in molecule.GetAtoms() if atom.GetAtomicNum() > 1]
    a, b = (positions[heavy] - positions[heavy].mean(axis=0) for positions in (first, second))
    left, sizes, right = np.linalg.svd(a.T @ b)
    sizes[-1] *= np.sign(np.linalg.det(left) * np.linalg.det(right))
    squares = float((a**2).sum() + (b**2).sum() - 2 * sizes.sum())
    return float(np.sqrt(max(squares, 0.0) / len(heavy)))
