import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from embedded_set.integrals import _gradient, _parallel, fit, names
from helpers import ROOT
from organode.chem.orbitals.centres import batches, skeleton
from organode.chem.orbitals.integrals import fitted, textbook


@pytest.fixture(scope="module")
def some() -> tuple[list, np.ndarray]:
    table = pd.read_csv(ROOT / "data/embedded/molecules.csv").sample(400, random_state=1)
    found = [skeleton(Chem.MolFromSmiles(smiles)) for smiles in table["smiles"]]
    return found, table[["IE_ipea1", "EA_ipea1"]].to_numpy()


def loss(groups, values, energies):
    """Mean squared deviation of the orbitals' energies from both lines, from first principles."""
    homo, lumo = np.empty(len(energies)), np.full(len(energies), -3.0)
    for group in groups:
        for number, matrix in zip(group.molecule, group.hamiltonians(values), strict=True):
            levels = np.sort(np.linalg.eigvalsh(matrix))[::-1]
            occupied = group.occupied[list(group.molecule).index(number)]
            homo[number] = levels[occupied - 1]
            if occupied < len(levels):
                lumo[number] = levels[occupied]
    total = 0.0
    for found, energy in ((homo, energies[:, 0]), (lumo, energies[:, 1])):
        total += np.mean((np.polyval(np.polyfit(found, energy, 1), found) - energy) ** 2)
    return total


def test_the_gradient_is_that_of_the_error(some):
    skeletons, energies = some
    listed = names(skeletons)
    groups = batches(skeletons, listed)
    values = textbook(listed)
    gradient, _ = _gradient(groups, values, energies)
    for name in ("C1:C1", "C2h3", "~C2", "O1h0"):
        place = listed.index(name)
        step = np.zeros_like(values)
        step[place] = 1e-4
        slope = (
            loss(groups, values + step, energies) - loss(groups, values - step, energies)
        ) / 2e-4
        assert gradient[place] == pytest.approx(slope, rel=0.02, abs=1e-4)


def test_the_fit_improves_on_its_start(some):
    skeletons, energies = some
    _, before = fit(skeletons, energies, steps=1)
    integrals, after = fit(skeletons, energies, steps=60)
    assert (after < 0.8 * before).all()
    assert set(integrals) == set(names(skeletons))


def test_the_integrals_that_are_shipped_hold_for_the_embedded_molecules(some):
    skeletons, energies = some
    listed, values = fitted()
    _, errors = _gradient(batches(skeletons, listed), values, energies)
    assert (errors < [0.4, 0.45]).all()


def test_cations_and_radicals_have_lines_of_their_own():
    x = np.array([0.0, 1.0, 2.0, 0.0, 1.0, 5.0])
    line = np.array([0, 0, 0, 2, 2, 1])
    slope, off = _parallel(x, 3 * x + np.array([1, 1, 1, 9, 9, -4.0]), line)
    assert slope == pytest.approx(3)
    np.testing.assert_allclose(off, 0, atol=1e-12)
