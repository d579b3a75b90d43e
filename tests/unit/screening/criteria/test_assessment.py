"""Energy in a role, filters and stability tiers of molecules that meet the limits."""

from dataclasses import replace

import numpy as np
import pytest

from organode.electrochemistry.cells import CELLS, POSITIVE, N, P, cell_type
from organode.screening.criteria.assessment import assess, energies_in_role
from organode.screening.criteria.potentials import check_potentials
from organode.screening.engine.scoring import parsed_structures
from organode.settings import Filter, Screen
from screening import SYMMETRIC, in_cell, predicted, with_settings


def test_metal_cell_has_positive_electrodes_of_both_types():
    settings = Screen(cell="metal", roles={"n": {"low": 2.0}})
    cell = cell_type(settings)
    assert [task.electrode for task in cell.tasks.values()] == [POSITIVE, POSITIVE]
    assert cell.tasks[N] == replace(CELLS["metal"].tasks[N], low=2.0)
    criteria = in_cell(cell)
    rows = predicted(
        E_red=[1.0, 2.3], E_red_lower=[0.8, 2.1], E_ox=[4.0, 4.0], E_ox_upper=[4.2, 4.2]
    )
    assert check_potentials(rows, criteria)["n_remark"].tolist() == [
        "of no interest: potential too low",
        "",
    ]
    energies = energies_in_role(criteria, rows, np.array([100.0, 100.0]), N, np.ones(2))
    assert energies["energy_Wh_kg"].tolist() == pytest.approx([268.015, 616.43], abs=0.1)


def test_symmetric_cell_counts_electrons_of_both_electrodes():
    rows = predicted(
        E_ox=[3.5, 3.5],
        E_ox2=[4.0, 5.0],
        E_ox2_upper=[4.2, 5.2],
        E_red=[1.5, 1.5],
        E_red2=[1.0, 1.0],
        E_red2_lower=[0.8, 0.8],
    )
    mass = np.full(2, 100.0)
    assert set(energies_in_role(SYMMETRIC, rows, mass, P, np.ones(2))["electrons"]) == {1}
    energies = energies_in_role(SYMMETRIC, rows, mass, P, np.full(2, 2))
    assert energies["electrons"].tolist() == [2, 1]
    assert (energies["energy_Wh_kg"] / 268.015).tolist() == pytest.approx([5.0, 2.0], abs=0.01)


def test_unstable_candidates_are_refused_by_the_rule_s_name():
    no_bromine = Filter(avoid_elements=("Br",))
    criteria = with_settings(filter=no_bromine, tiers=("fine", "caution"))
    smiles = ["Oc1ccccc1", "CN1c2ccccc2Sc2ccccc21", "Brc1ccccc1", "c1ccc(N(c2ccccc2)c2ccccc2)cc1"]
    molecules = parsed_structures(smiles)
    rows, mass = predicted(E_ox=[4.0] * 4), np.full(4, 100.0)
    refused, assessed = assess(criteria, smiles, molecules, rows, mass, P)
    assert refused[0].startswith("oxidised form does not last: ")
    assert refused[1:].tolist() == ["", "contains Br", ""]
    assert assessed["tier"].tolist() == ["fatal", "fine", "fatal", "caution"]
    assert "phenothiazine" in assessed["core"][1]
    strict = with_settings(filter=no_bromine, tiers=("fine",))
    assert "is in doubt" in assess(strict, smiles, molecules, rows, mass, P)[0][3]
