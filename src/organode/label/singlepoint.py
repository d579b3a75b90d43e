"""Compute single-point energies and populations by extended tight binding (tblite)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from rdkit import Chem

from organode.errors import UsageError
from organode.label.geometry.relaxation import ChargeState
from organode.label.record import HARTREE, LabelError, one_line

BOHR = 0.529177210903  # ångström; tblite takes positions in bohr; CODATA 2018


@dataclass(frozen=True)
class Populations:
    """Population analysis of a self-consistent solution (SCF) for a species of n atoms.

    Attributes
    ----------
    charges, spins : numpy.ndarray
        Shape (n,): each atom's Mulliken charge, and its Mulliken population of spin up minus that
        of spin down.
    orders : numpy.ndarray
        Shape (n, n): Wiberg bond order of each pair of atoms.
    """

    charges: np.ndarray
    spins: np.ndarray
    orders: np.ndarray


class Medium:
    """The n atoms of a species in a solvent, with methods that compute energies by xTB.

    The methods take the atoms' positions in ångström, shape (n, 3), and the charge state. `ipea1`
    and `gfn2` keep each energy that they compute, so that the next call with the same arguments is
    fast. All methods raise `LabelError` if the SCF does not converge.

    Parameters
    ----------
    numbers : numpy.ndarray
        Shape (n,): atomic numbers of the atoms.
    solvent : str or None
        Name of an ALPB solvent; None for the gas phase.
    """

    def __init__(self, numbers: np.ndarray, solvent: str | None) -> None:
        self.numbers = numbers
        self.solvent = solvent
        self._energies: dict[tuple[str, bytes, ChargeState, str | None], float] = {}

    def ipea1(self, positions: np.ndarray, state: ChargeState) -> float:
        """Return the total energy by IPEA1-xTB in the gas phase, eV."""
        return self._energy("IPEA1-xTB", positions, state, None)

    def gfn2(self, positions: np.ndarray, state: ChargeState, *, gas: bool = False) -> float:
        """Return the total energy by GFN2-xTB, eV, in the solvent unless `gas` is true."""
        return self._energy("GFN2-xTB", positions, state, None if gas else self.solvent)

    def frontier(self, positions: np.ndarray, state: ChargeState) -> tuple[float, float]:
        """Return the HOMO and LUMO energies by GFN2-xTB in the gas phase, eV."""
        _, result = self._run("GFN2-xTB", positions, state, None)
        levels = np.asarray(result.get("orbital-energies")) * HARTREE
        filled = np.asarray(result.get("orbital-occupations")) > 0.5
        return float(levels[filled].max()), float(levels[~filled].min())

    def polarised(self, positions: np.ndarray, state: ChargeState) -> tuple[float, Populations]:
        """Return total energy (eV) and populations by spin-polarised GFN2-xTB in the solvent.

        The method: Neugebauer, Bädorf, Ehlert, Hansen, Grimme, J. Comput. Chem. 44 (2023) 2120,
        doi 10.1002/jcc.27185.
        """
        calculator, result = self._run("GFN2-xTB", positions, state, self.solvent, polarised=True)
        return _energy(result), _populations(calculator, result)

    def _energy(
        self, method: str, positions: np.ndarray, state: ChargeState, solvent: str | None
    ) -> float:
        key = (method, positions.tobytes(), state, solvent)
        if key not in self._energies:
            self._energies[key] = _energy(self._run(method, positions, state, solvent)[1])
        return self._energies[key]

    def _run(
        self,
        method: str,
        positions: np.ndarray,
        state: ChargeState,
        solvent: str | None,
        *,
        polarised: bool = False,
    ) -> tuple[Any, Any]:
        from tblite.interface import Calculator

        calculator = Calculator(
            method, self.numbers, positions / BOHR, charge=state.charge, uhf=state.unpaired
        )
        calculator.set("verbosity", 0)
        if solvent:
            calculator.add("alpb-solvation", solvent)
        if polarised:
            calculator.set("save-integrals", 1)
            calculator.add("spin-polarization", 1.0)
        try:
            return calculator, calculator.singlepoint()
        except RuntimeError as error:
            raise LabelError(
                f"{method} did not converge at charge {state.charge:+d}: {one_line(error)}"
            ) from error


def atomic_numbers(molecule: Chem.Mol) -> np.ndarray:
    """Return the atomic numbers of a molecule's n atoms, shape (n,)."""
    return np.array([atom.GetAtomicNum() for atom in molecule.GetAtoms()])


def check_solvent(solvent: str) -> None:
    """Check that the solvation model ALPB has parameters for a solvent.

    Raises
    ------
    UsageError
        If ALPB has no parameters for the solvent.
    """
    from tblite.interface import Calculator

    hydrogen = np.array([1, 1]), np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 1.4]])
    try:
        Calculator("GFN2-xTB", *hydrogen).add("alpb-solvation", solvent)
    except RuntimeError as error:
        raise UsageError(
            f"no ALPB parameters for the solvent '{solvent}': choose another, such as "
            "acetonitrile, acetone, dmso, ether, thf or water"
        ) from error


def _energy(result: Any) -> float:
    return float(result.get("energy")) * HARTREE


def _populations(calculator: Any, result: Any) -> Populations:
    """Return the populations of a spin-polarised SCF solution from tblite's result."""
    density, overlap = (
        np.asarray(result.get(name)) for name in ("density-matrix", "overlap-matrix")
    )
    charges = np.asarray(result.get("charges"))
    of_orbital = np.asarray(calculator.get("shell-map"))[np.asarray(calculator.get("orbital-map"))]
    spins = np.zeros(len(charges))
    np.add.at(spins, of_orbital, np.einsum("ij,ji->i", density[0] - density[1], overlap))
    # tblite's last axis, over total and spin up minus spin down, comes first in memory.
    orders = np.asarray(result.get("bond-orders")).reshape(-1, len(charges), len(charges))[0]
    return Populations(charges, spins, orders)
