"""Geometries of least energy by GFN2-xTB."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rdkit import Chem

from organode.label import LabelError, one_line
from organode.label.conformer import curvature, placed

# The largest force that a relaxed geometry may have, eV/ångström.
LARGEST_FORCE = 0.03
MOST_STEPS = 500
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

    Examples
    --------
    >>> charge_states(Chem.MolFromSmiles("C[n+]1ccccc1"))[1:]
    (Charge(charge=2, unpaired=1), Charge(charge=0, unpaired=1))
    """
    charge = Chem.GetFormalCharge(molecule)
    unpaired = sum(atom.GetNumRadicalElectrons() for atom in molecule.GetAtoms()) % 2
    own, oxidised, reduced = (
        Charge(charge + lost, abs(unpaired - abs(lost))) for lost in (0, 1, -1)
    )
    return own, oxidised, reduced


def relax(
    conformer: Chem.Mol,
    state: Charge,
    *,
    positions: np.ndarray | None = None,
    solvent: str | None = None,
) -> np.ndarray:
    """Relax a conformer by GFN2-xTB.

    Parameters
    ----------
    conformer : Chem.Mol
        With its hydrogens and one conformer, n atoms.
    state : Charge
        The charge state to relax.
    positions : numpy.ndarray, optional
        Shape (n, 3), ångström: where to start, instead of the conformer's own positions.
    solvent : str, optional
        Name of an ALPB solvent; gas phase when omitted.

    Returns
    -------
    numpy.ndarray
        Shape (n, 3), ångström; no force above `LARGEST_FORCE`.

    Raises
    ------
    LabelError
        If it fails, or does not converge in `MOST_STEPS`.
    """
    from ase import Atoms
    from ase.optimize import BFGS
    from tblite.ase import TBLite

    start = conformer if positions is None else placed(conformer, positions)
    atoms = Atoms(
        numbers=[atom.GetAtomicNum() for atom in start.GetAtoms()],
        positions=start.GetConformer().GetPositions(),
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
    guess = curvature(start)
    if guess is not None:
        optimizer.H0 = guess
    try:
        converged = optimizer.run(fmax=LARGEST_FORCE, steps=MOST_STEPS)
    except Exception as error:  # ase and tblite raise types of their own for a failed SCF
        raise LabelError(f"relaxation failed: {one_line(error)}") from error
    if not converged:
        raise LabelError(f"relaxation not converged after {MOST_STEPS} steps")
    return np.asarray(atoms.positions)


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
