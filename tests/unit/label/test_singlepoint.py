import numpy as np
import pytest
from rdkit import Chem

from organode.errors import UsageError
from organode.label.geometry.relaxation import ChargeState
from organode.label.record import LabelError
from organode.label.singlepoint import Medium, atomic_numbers, check_solvent

WATER = np.array([[0.0, 0.0, 0.117], [0.0, 0.757, -0.47], [0.0, -0.757, -0.47]])


def test_unknown_solvent_is_rejected():
    check_solvent("acetonitrile")
    with pytest.raises(UsageError, match="'treacle'"):
        check_solvent("treacle")


def test_solvent_lowers_the_energy_and_no_energy_is_computed_twice(monkeypatch):
    medium = Medium(np.array([8, 1, 1]), "water")
    gas, solution = (
        medium.gfn2(WATER, ChargeState(0, 0), gas=True),
        medium.gfn2(WATER, ChargeState(0, 0)),
    )
    assert solution < gas
    monkeypatch.setattr(medium, "_run", None)
    assert medium.gfn2(WATER, ChargeState(0, 0)) == solution


def test_populations_sum_to_charge_and_spin():
    _, populations = Medium(np.array([8, 1, 1]), None).polarised(WATER, ChargeState(1, 1))
    assert populations.charges.sum() == pytest.approx(1, abs=1e-6)
    assert populations.spins.sum() == pytest.approx(1, abs=1e-6)
    assert populations.orders.shape == (3, 3)
    assert populations.orders[0, 1] > 0.5 > populations.orders[1, 2]


def test_frontier_orbitals_are_ordered():
    homo, lumo = Medium(np.array([8, 1, 1]), None).frontier(WATER, ChargeState(0, 0))
    assert homo < lumo


def test_failed_calculation_is_an_error_with_its_charge(monkeypatch):
    def fail(calculator):
        raise RuntimeError("SCF not converged\n in 250 cycles")

    monkeypatch.setattr("tblite.interface.Calculator.singlepoint", fail)
    reason = r"GFN2-xTB did not converge at charge \+1: SCF not converged in 250 cycles"
    with pytest.raises(LabelError, match=reason):
        Medium(np.array([8, 1, 1]), None).gfn2(WATER, ChargeState(1, 1))


def test_atomic_numbers():
    assert atomic_numbers(Chem.AddHs(Chem.MolFromSmiles("CO"))).tolist() == [6, 8, 1, 1, 1, 1]
