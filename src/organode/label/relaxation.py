"""Geometries of least energy by GFN2-xTB."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from rdkit import Chem

from organode.label.conformer import curvature
from organode.label.record import LabelError, one_line

# The largest force that a relaxed geometry may have, eV/ångström.
LARGEST_FORCE = 0.03
# Of ions, species and their parts in a solvent. Against 0.03, energies of 36 differ by less than
# 1 meV on average, and two thirds of the steps are saved.
LARGEST_IN_SOLVENT = 0.05
MOST_STEPS = 500
SOFT = 70.0  # eV/ångström²: ASE's own guess, where there is no better one
# Of tblite's SCF, in units of its default; the single points keep that. A looser one moves the
# relaxed energy by less than 3 meV (29 of 30 molecules; the last found a lower conformer) and
# saves a third of the time.
ACCURACY = 5.0


@dataclass(frozen=True)
class Charge:
    """A charge state: the net charge, and the number of unpaired electrons."""

    charge: int
    unpaired: int


def charge_states(molecule: Chem.Mol) -> tuple[Charge, Charge, Charge]:
    """Return the state of a species as drawn, with one electron less and with one more.

    Of two unpaired electrons both ions have one: which spin the species itself has is another
    question (`organode.label.xtb.ground_states`).

    Examples
    --------
    >>> charge_states(Chem.MolFromSmiles("C[n+]1ccccc1"))[1:]
    (Charge(charge=2, unpaired=1), Charge(charge=0, unpaired=1))
    """
    charge = Chem.GetFormalCharge(molecule)
    unpaired = sum(atom.GetNumRadicalElectrons() for atom in molecule.GetAtoms())
    own, oxidised, reduced = (
        Charge(charge + lost, abs(unpaired - abs(lost))) for lost in (0, 1, -1)
    )
    return own, oxidised, reduced


class Relaxed(NamedTuple):
    """A geometry of least energy.

    Attributes
    ----------
    positions : numpy.ndarray
        Shape (n, 3), ångström.
    curvature : numpy.ndarray
        Shape (3n, 3n), eV/ångström²: what the optimiser has learned of the Hessian. For the same
        atoms in another charge state or medium it is a far better guess than a force field's: of
        12 molecules the anions took 42 steps with the latter, 25 with this one.
    """

    positions: np.ndarray
    curvature: np.ndarray


def relax(
    conformer: Chem.Mol,
    state: Charge,
    *,
    start: Relaxed | None = None,
    solvent: str | None = None,
) -> Relaxed:
    """Relax a conformer by GFN2-xTB.

    Parameters
    ----------
    conformer : Chem.Mol
        With its hydrogens and one conformer, n atoms.
    state : Charge
        The charge state to relax.
    start : Relaxed, optional
        Where to start; from the conformer's own positions and a force field's curvature when
        omitted.
    solvent : str, optional
        Name of an ALPB solvent; gas phase when omitted.

    Returns
    -------
    Relaxed
        No force is above `LARGEST_FORCE`, or in a solvent `LARGEST_IN_SOLVENT`.

    Raises
    ------
    LabelError
        If it fails, or does not converge in `MOST_STEPS`.
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
    guess = curvature(conformer) if start is None else start.curvature
    if guess is not None:
        optimizer.H0 = guess
    force = LARGEST_IN_SOLVENT if solvent else LARGEST_FORCE
    try:
        converged = optimizer.run(fmax=force, steps=MOST_STEPS)
    except Exception as error:  # ase and tblite raise types of their own for a failed SCF
        raise LabelError(f"relaxation failed: {one_line(error)}") from error
    if not converged:
        raise LabelError(f"relaxation not converged after {MOST_STEPS} steps")
    learned = optimizer.H if optimizer.nsteps else guess  # without a step ASE has none
    if learned is None:
        learned = SOFT * np.eye(3 * len(atoms))
    return Relaxed(np.asarray(atoms.positions), np.asarray(learned))


def rmsd(molecule: Chem.Mol, one: np.ndarray, other: np.ndarray) -> float:
    """Return how far the heavy atoms of two geometries are apart after superposition, ångström.

    Parameters
    ----------
    molecule : Chem.Mol
        n atoms.
    one, other : numpy.ndarray
        Shape (n, 3), ångström.

    Notes
    -----
    Kabsch, Acta Cryst. A 32 (1976) 922, doi 10.1107/S0567739476001873.
    """
    heavy = [atom.GetIdx() for atom in molecule.GetAtoms() if atom.GetAtomicNum() > 1]
    a, b = (positions[heavy] - positions[heavy].mean(axis=0) for positions in (one, other))
    left, sizes, right = np.linalg.svd(a.T @ b)
    sizes[-1] *= np.sign(np.linalg.det(left) * np.linalg.det(right))
    squares = float((a**2).sum() + (b**2).sum() - 2 * sizes.sum())
    return float(np.sqrt(max(squares, 0.0) / len(heavy)))


def lowest(energies: Sequence[float]) -> int:
    """Return the position of the lowest energy; NaN is none."""
    return int(np.nanargmin(energies))
