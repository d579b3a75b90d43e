"""Relaxed geometries and vertical energies by extended tight binding (tblite)."""

from __future__ import annotations

import numpy as np
from rdkit import Chem
from rdkit.Geometry import Point3D

from organode.errors import UsageError
from organode.label import Label, LabelError, check_energies
from organode.label.conformer import check_bonds, curvature, embed

# tblite wants bohr and gives hartree; CODATA 2018.
BOHR = 0.529177210903  # ångström
HARTREE = 27.211386245988  # eV

# Empirical shift of both raw energies, fitted for IPEA1-xTB's ionization energies and
# electron affinities: Ásgeirsson, Bauer, Grimme, Chem. Sci. 8 (2017) 4879,
# doi 10.1039/c7sc00601b. The xtb program applies it to GFN2-xTB too.
SHIFT = 4.8455  # eV

# The largest force that a relaxed geometry may have, eV/ångström.
LARGEST_FORCE = 0.03
MOST_STEPS = 500
# Of tblite's SCF, in units of its default; the single points keep that. A looser one moves the
# relaxed energy by less than 3 meV (29 of 30 molecules; the last found a lower conformer) and
# saves a third of the time.
RELAXATION_ACCURACY = 5.0


def label(molecule: Chem.Mol, solvent: str | None = None) -> Label:
    """Compute vertical IE and EA of one molecule.

    ETKDGv3 and MMFF94 conformer; GFN2-xTB geometry in the gas phase (Bannwarth et al.,
    J. Chem. Theory Comput. 15, 2019, 1652, doi 10.1021/acs.jctc.8b01176); single points of
    the neutral molecule, the cation and the anion on that geometry by IPEA1-xTB and by
    GFN2-xTB. In a solvent, the solvation free energies of the three charge states by
    GFN2-xTB with ALPB (Ehlert et al., J. Chem. Theory Comput. 17, 2021, 4250, doi
    10.1021/acs.jctc.1c00471) close the thermodynamic cycle; the continuum is in equilibrium
    with each charge state. All of it runs on one thread: with more, the sums are done in another
    order each time, and small molecules only get slower.

    Parameters
    ----------
    molecule : Chem.Mol
        Neutral, one fragment, without explicit hydrogens. A neutral radical is computed as a
        doublet and its ions as singlets; anything else the other way round.
    solvent : str, optional
        Name of an ALPB solvent, such as ``acetonitrile``; gas phase when omitted.

    Raises
    ------
    LabelError
        If no conformer exists, the relaxation does not converge or changes a bond, or a
        charge state has no self-consistent solution.
    """
    import tblite.interface  # noqa: F401 (has to be loaded for its threads to be limited)
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        return _label(molecule, solvent)


def _label(molecule: Chem.Mol, solvent: str | None) -> Label:
    conformer, unpaired = relaxed_neutral(molecule)
    numbers = np.array([atom.GetAtomicNum() for atom in conformer.GetAtoms()])
    positions = conformer.GetConformer().GetPositions()

    def energies(method: str, solvent: str | None = None) -> np.ndarray:
        """Return the energies of the charge states 0, +1 and −1."""
        return np.array([
            _energy(
                method,
                numbers,
                positions,
                charge=charge,
                unpaired=abs(unpaired - abs(charge)),
                solvent=solvent,
            )
            for charge in (0, 1, -1)
        ])  # fmt: skip

    ipea1, gfn2 = energies("IPEA1-xTB"), energies("GFN2-xTB")
    solvation = energies("GFN2-xTB", solvent) - gfn2 if solvent else np.zeros(3)
    (ie, ea), (ie_ipea1, ea_ipea1), (ie_gfn2, ea_gfn2) = (
        (float(cation - neutral - SHIFT), float(neutral - anion - SHIFT))
        for neutral, cation, anion in (ipea1 + solvation, ipea1, gfn2)
    )
    values = (ie, ea, ie_ipea1, ea_ipea1, ie_gfn2, ea_gfn2)
    check_energies(*values)
    return Label(*values, unbound=ea_ipea1 <= 0)


def check_solvent(solvent: str) -> None:
    """Check that ALPB has parameters for a solvent.

    Raises
    ------
    UsageError
        If it has none.
    """
    from tblite.interface import Calculator

    hydrogen = np.array([1, 1]), np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 1.4]])
    try:
        Calculator("GFN2-xTB", *hydrogen).add("alpb-solvation", solvent)
    except RuntimeError as error:
        raise UsageError(
            f"no ALPB parameters for the solvent '{solvent}': choose one such as acetonitrile, "
            "acetone, dmso, ether, thf or water"
        ) from error


def relaxed_neutral(molecule: Chem.Mol) -> tuple[Chem.Mol, int]:
    """Embed a neutral molecule and relax it.

    Parameters
    ----------
    molecule : Chem.Mol
        Without explicit hydrogens.

    Returns
    -------
    conformer : Chem.Mol
        With its hydrogens and the relaxed conformer, ångström.
    unpaired : int
        Its number of unpaired electrons, 0 or 1.

    Raises
    ------
    LabelError
        If no conformer exists, or the relaxation fails or changes a bond.
    """
    conformer = embed(molecule)
    unpaired = sum(atom.GetNumRadicalElectrons() for atom in conformer.GetAtoms()) % 2
    positions = relax(conformer, charge=0, unpaired=unpaired)
    check_bonds(conformer, positions)
    for index, position in enumerate(positions):
        conformer.GetConformer().SetAtomPosition(index, Point3D(*position))
    return conformer, unpaired


def relax(conformer: Chem.Mol, *, charge: int, unpaired: int) -> np.ndarray:
    """Relax a conformer by GFN2-xTB in the gas phase.

    Parameters
    ----------
    conformer : Chem.Mol
        With its hydrogens and one conformer, n atoms.
    charge, unpaired : int
        Of the charge state to relax: its charge and its number of unpaired electrons.

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

    atoms = Atoms(
        numbers=[atom.GetAtomicNum() for atom in conformer.GetAtoms()],
        positions=conformer.GetConformer().GetPositions(),
    )
    atoms.calc = TBLite(
        method="GFN2-xTB",
        charge=charge,
        multiplicity=unpaired + 1,
        accuracy=RELAXATION_ACCURACY,
        verbosity=0,
    )
    optimizer = BFGS(atoms, logfile=None)
    guess = curvature(conformer)
    if guess is not None:
        optimizer.H0 = guess
    try:
        converged = optimizer.run(fmax=LARGEST_FORCE, steps=MOST_STEPS)
    except Exception as error:  # ase and tblite raise types of their own for a failed SCF
        raise LabelError(f"relaxation failed: {_one_line(error)}") from error
    if not converged:
        raise LabelError(f"relaxation not converged after {MOST_STEPS} steps")
    return np.asarray(atoms.positions)


def _energy(
    method: str,
    numbers: np.ndarray,
    positions: np.ndarray,
    *,
    charge: int,
    unpaired: int,
    solvent: str | None,
) -> float:
    from tblite.interface import Calculator

    calculator = Calculator(method, numbers, positions / BOHR, charge=charge, uhf=unpaired)
    calculator.set("verbosity", 0)
    if solvent:
        calculator.add("alpb-solvation", solvent)
    try:
        return float(calculator.singlepoint().get("energy")) * HARTREE
    except RuntimeError as error:
        raise LabelError(
            f"{method} did not converge at charge {charge:+d}: {_one_line(error)}"
        ) from error


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
