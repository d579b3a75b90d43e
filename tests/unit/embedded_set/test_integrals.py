import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from embedded_set.integrals import _gradient, _parallel_lines, fit, integral_names
from helpers import ROOT
from organode.chem.graph import Graphs
from organode.chem.molecule import CLOSED_SHELL, kind
from organode.chem.orbitals.centres import HuckelSkeletons, batches, skeletons
from organode.chem.orbitals.integrals import fitted, textbook


@pytest.fixture(scope="module")
def sample() -> tuple[HuckelSkeletons, np.ndarray]:
    table = pd.read_csv(ROOT / "data/embedded/molecules.csv").sample(500, random_state=1)
    kinds = table["smiles"].map(lambda smiles: kind(Chem.MolFromSmiles(smiles)))
    table = table[kinds == CLOSED_SHELL].head(400)  # those with one line for all
    molecules = [Chem.MolFromSmiles(smiles) for smiles in table["smiles"]]
    return skeletons(Graphs.of(molecules)), table[["IE_ipea1", "EA_ipea1"]].to_numpy()


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
    for orbital, energy in ((homo, energies[:, 0]), (lumo, energies[:, 1])):
        total += np.mean((np.polyval(np.polyfit(orbital, energy, 1), orbital) - energy) ** 2)
    return total


def test_gradient_agrees_with_finite_differences(sample):
    molecules, energies = sample
    names = integral_names(molecules)
    groups = batches(molecules, names)
    values = textbook(names)
    gradient, _ = _gradient(groups, values, energies)
    for name in ("C1:C1", "C2h3", "~C2", "O1h0"):
        index = names.index(name)
        step = np.zeros_like(values)
        step[index] = 1e-4
        slope = (
            loss(groups, values + step, energies) - loss(groups, values - step, energies)
        ) / 2e-4
        assert gradient[index] == pytest.approx(slope, rel=0.02, abs=1e-4)


def test_fit_reduces_the_error(sample):
    molecules, energies = sample
    _, before = fit(molecules, energies, steps=1)
    integrals, after = fit(molecules, energies, steps=60)
    assert (after < 0.8 * before).all()
    assert set(integrals) == set(integral_names(molecules))


def test_shipped_integrals_fit_the_embedded_molecules(sample):
    molecules, energies = sample
    names, values = fitted()
    _, errors = _gradient(batches(molecules, names), values, energies)
    assert (errors < [0.4, 0.45]).all()


def test_cations_and_radicals_have_parallel_lines():
    x = np.array([0.0, 1.0, 2.0, 0.0, 1.0, 5.0])
    line = np.array([0, 0, 0, 2, 2, 1])
    slope, off = _parallel_lines(x, 3 * x + np.array([1, 1, 1, 9, 9, -4.0]), line)
    assert slope == pytest.approx(3)
    np.testing.assert_allclose(off, 0, atol=1e-12)
