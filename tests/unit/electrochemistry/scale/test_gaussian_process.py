"""The Gaussian process for measured potentials."""

from dataclasses import replace

import numpy as np
import pytest

from organode.electrochemistry.scale.gaussian_process import (
    HOME,
    GaussianProcess,
    Hyperparameters,
    ProcessInputs,
)

FIXED = Hyperparameters(0.12, 0.1, 0.1, 2.0, 0.05, 0.05, 0.12, 0.6, 0.5)


def inputs(energy, solvent=HOME, irreversible=0.0, breaks=0.0):
    n = len(energy)
    random = np.random.default_rng(0)
    return ProcessInputs(
        np.asarray(energy, float),
        np.full(n, 0.05),
        random.normal(size=(n, 2)) * 0.1,
        random.normal(size=(n, 4)) * 0.1,
        np.full(n, irreversible),
        np.full(n, breaks),
        np.full(n, solvent),
    )


@pytest.fixture(scope="module")
def measurements():
    """Potentials on a line, with a family of each four molecules."""
    random = np.random.default_rng(1)
    family = np.repeat(np.arange(10), 4)
    energy = random.uniform(1, 5, 40)
    similarity = np.where(family[:, None] == family, 0.7, 0.1) + 0.3 * np.eye(40)
    return inputs(energy), similarity, 0.8 * energy - 4, family.astype(str)


@pytest.fixture(scope="module")
def process(measurements):
    return GaussianProcess.fit(*measurements[:3], FIXED)


def test_training_data_is_reproduced(process, measurements):
    given, similarity, volts, _ = measurements
    predicted, spread = process.predict(given, similarity)
    np.testing.assert_allclose(predicted, volts, atol=0.05)
    assert (spread < 0.2).all()


def test_ion_that_may_break_has_wider_spread(process, measurements):
    _, similarity, _, _ = measurements
    spreads = [process.predict(inputs([3.0], breaks=p), similarity[:1])[1][0] for p in (0, 0.2, 1)]
    assert spreads == sorted(spreads)
    assert spreads[2] > FIXED.breaks > spreads[0]


def test_unlike_molecule_has_wider_spread(process, measurements):
    _, similarity, _, _ = measurements
    new = inputs([3.0])
    _, near = process.predict(new, similarity[:1])
    _, far = process.predict(new, np.zeros((1, 40)))
    assert near[0] < far[0]


def test_left_out_family_is_predicted_without_its_measurements(process, measurements):
    given, similarity, volts, families = measurements
    wrong = np.where(families == "3", volts + 1, volts)
    fitted = GaussianProcess.fit(given, similarity, wrong, FIXED)
    predicted, _ = fitted.leave_families_out(families, similarity, wrong)
    np.testing.assert_allclose(predicted[families == "3"], volts[families == "3"], atol=0.15)


def test_left_out_families_are_predicted_as_reversible(measurements):
    given, similarity, volts, families = measurements
    irreversible = np.arange(40) % 2 == 1  # these have a shift of 0.3 V
    mixed = replace(given, irreversible=irreversible.astype(float))
    shifted = volts + 0.3 * irreversible
    fitted = GaussianProcess.fit(mixed, similarity, shifted, FIXED)
    predicted, _ = fitted.leave_families_out(families, similarity, shifted)
    np.testing.assert_allclose(predicted, volts, atol=0.1)


def test_process_round_trip(process, measurements):
    saved = process.saved()
    assert len(saved.arrays) == GaussianProcess.N_ARRAYS
    again = GaussianProcess.restored(saved)
    new, similarity = inputs([2.0, 4.0]), measurements[1][:2]
    for before, after in zip(
        process.predict(new, similarity), again.predict(new, similarity), strict=True
    ):
        np.testing.assert_array_equal(before, after)
