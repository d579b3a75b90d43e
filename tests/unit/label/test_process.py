"""The Gaussian process between two levels of theory."""

from dataclasses import astuple, replace

import numpy as np
import pytest
from rdkit import Chem

from organode.chem.similarity import packed_bits
from organode.label.process import BOUNDS, Hyperparameters, Inputs, Process

GIVEN = Hyperparameters(deviation=0.3, length=2.0, alike=0.2, noise=0.05)
N = 60
SMILES = [f"{'C' * (1 + number // 6)}{tail}" for number in range(N)
          for tail in (("O", "N", "S", "F", "C=O", "C#N")[number % 6],)]  # fmt: skip


@pytest.fixture(scope="module")
def inputs():
    random = np.random.default_rng(5)
    line = np.column_stack([np.ones(N), random.normal(9, 1, N)])
    bits = packed_bits([Chem.MolFromSmiles(text) for text in SMILES])
    return Inputs(line, random.normal(3, 2, (N, 4)), bits)


@pytest.fixture(scope="module")
def values(inputs):
    random = np.random.default_rng(6)
    curved = 0.3 * np.sin(inputs.descriptors[:, 0])
    return 0.5 + 0.8 * inputs.line[:, 1] + curved + random.normal(0, 0.05, N)


def test_values_of_the_fit_are_reproduced_within_the_noise(inputs, values):
    error = Process.fit(inputs, values, GIVEN).predict(inputs) - values
    assert np.abs(error).mean() < GIVEN.noise
    quiet = Process.fit(inputs, values, replace(GIVEN, noise=1e-3))
    np.testing.assert_allclose(quiet.predict(inputs), values, atol=0.01)


def test_line_is_recovered_and_goes_on_beyond_the_data(inputs, values):
    process = Process.fit(inputs, values, GIVEN)
    assert process.line == pytest.approx([0.5, 0.8], abs=0.3)
    far = Inputs(np.array([[1.0, 100.0]]), np.full((1, 4), 1e3), np.zeros((1, 32), np.uint64))
    assert process.predict(far)[0] == pytest.approx(process.line @ [1, 100])


def test_similar_descriptors_deviate_alike():
    """Only the descriptor says which of these species deviate."""
    place = np.where(np.arange(N) % 3 == 0, 5.0, 0.0) + np.linspace(0, 0.1, N)
    none = np.zeros((N, 32), np.uint64)
    process = Process.fit(Inputs(np.ones((N, 1)), place[:, None], none), 0.1 * place, GIVEN)
    new = Inputs(np.ones((2, 1)), np.array([[5.05], [0.05]]), none[:2])
    assert process.predict(new) == pytest.approx([0.5, 0.0], abs=0.03)


def test_similar_structures_deviate_alike():
    """Only the structures say which of these species deviate."""
    line = np.ones((N, 1))
    amines = np.array([text.endswith("N") for text in SMILES])
    bits = packed_bits([Chem.MolFromSmiles(text) for text in SMILES])
    inputs = Inputs(line, np.zeros((N, 1)), bits)
    process = Process.fit(inputs, 0.5 * amines, GIVEN)
    new = packed_bits([Chem.MolFromSmiles(text) for text in ("CC(C)CCN", "CC(C)CCO")])
    amine, alcohol = process.predict(Inputs(np.ones((2, 1)), np.zeros((2, 1)), new))
    assert amine > alcohol + 0.2


def test_shift_of_all_values_is_that_of_all_predictions(inputs, values):
    one, other = (Process.fit(inputs, values + shift, GIVEN) for shift in (0.0, 7.0))
    np.testing.assert_allclose(other.predict(inputs), one.predict(inputs) + 7, atol=1e-9)
    assert other.line[0] - one.line[0] == pytest.approx(7)
    assert other.line[1] == pytest.approx(one.line[1])


def test_unit_of_a_descriptor_does_not_matter(inputs, values):
    scaled = inputs._replace(descriptors=inputs.descriptors * [1, 1000, 1, 0.001] + [0, 5, 0, 0])
    one, other = Process.fit(inputs, values, GIVEN), Process.fit(scaled, values, GIVEN)
    np.testing.assert_allclose(one.predict(inputs), other.predict(scaled), atol=1e-6)


def test_order_of_species_does_not_matter(inputs, values):
    order = np.random.default_rng(1).permutation(N)
    one = Process.fit(inputs, values, GIVEN)
    other = Process.fit(inputs.of(order), values[order], GIVEN)
    np.testing.assert_allclose(one.predict(inputs), other.predict(inputs), atol=1e-8)


def test_descriptor_that_is_the_same_everywhere_has_no_effect(inputs, values):
    constant = np.column_stack([inputs.descriptors, np.full(N, 4.0)])
    process = Process.fit(inputs._replace(descriptors=constant), values, GIVEN)
    expected = Process.fit(inputs, values, GIVEN).predict(inputs)
    np.testing.assert_allclose(process.predict(process.inputs), expected)


def test_hyperparameters_are_found_within_bounds_and_rounded(inputs, values):
    found = Process.fit(inputs, values).hyperparameters
    assert found.noise == pytest.approx(0.05, abs=0.03)
    assert found.deviation > 0.1
    for name, (least, most) in BOUNDS.items():
        value = getattr(found, name)
        assert 0.99 * least <= value <= 1.01 * most
        assert value == float(f"{value:.2g}")
    # What the search found, given again, is the same process.
    assert astuple(Process.fit(inputs, values, found).hyperparameters) == astuple(found)


def test_what_nothing_explains_is_found_to_be_noise(inputs):
    noise = np.random.default_rng(8).normal(0, 0.5, N)
    found = Process.fit(inputs, noise).hyperparameters
    assert found.noise == pytest.approx(0.5, abs=0.15)


def test_some_of_the_species_are_chosen(inputs):
    chosen = inputs.of(np.array([2, 0]))
    for part, whole in zip(chosen, inputs, strict=True):
        np.testing.assert_array_equal(part, whole[[2, 0]])
