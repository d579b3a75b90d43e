"""Predicted against measured potentials: what is drawn, and what is refused."""

import numpy as np
import pytest

from organode import plot
from organode.api.load import PACKAGED
from organode.errors import UsageError
from organode.models.model import Model

FITTED = ["O=C1C=CC(=O)C=C1", "CC1=C(C)C(=O)C(C)=C(C)C1=O"]
NEW = ["O=C1C=CC(=O)C(CCCCCC)=C1", "O=C1C=CC(=O)C(CCCCCCC)=C1"]


@pytest.fixture(scope="module")
def model():
    return Model.load(PACKAGED)


def draw(smiles, volts, model, **asked):
    (axes,) = plot.parity(smiles, volts, model=model, reference="Fc/Fc+", **asked).axes
    (text,) = axes.texts
    _, labels = axes.get_legend_handles_labels()
    return text.get_text(), labels


def test_molecules_of_the_fit_are_marked_and_do_not_count(model):
    text, labels = draw([*FITTED, *NEW], [-0.9, -1.2, -5.0, np.nan], model)
    predicted = model.predict(NEW[0], reference="Fc/Fc+")["E_red"][0]
    assert text.startswith("n = 1, new to the model")
    assert f"MAE {predicted + 5.0:.2f} V" in text
    assert "0% inside" in text
    assert labels == ["new to the model (1)", "the model was fitted to it (2)"]


def test_a_figure_of_the_fit_alone_says_that_it_is_no_test(model):
    text, labels = draw(FITTED, [-0.9, -1.2], model)
    assert text.startswith("n = 2, fitted to, so no test")
    assert labels == ["the model was fitted to it (2)"]


def test_oxidations_in_another_solvent(model):
    text, _ = draw(["CN1c2ccccc2Sc2ccccc21"], [0.3], model, potential="E_ox", solvent="DMF")
    assert "n = 1" in text


def test_what_cannot_be_drawn_is_refused(model):
    with pytest.raises(UsageError, match="1 measured potentials for 2 structures"):
        plot.parity(FITTED, [-0.9], model=model)
    with pytest.raises(UsageError, match="no row has a readable structure"):
        plot.parity(["no molecule", NEW[0]], [1.0, np.nan], model=model)
    with pytest.raises(UsageError, match="does not predict E_x"):
        plot.parity(NEW, [1.0, 2.0], potential="E_x", model=model)


@pytest.mark.parametrize("level", [0.01, 0.5])
def test_an_interval_beside_the_prediction_is_drawn(model, level):
    text, _ = draw(NEW, [-0.9, None], model, level=level)
    assert f"the {level:.0%} intervals" in text
