"""The ladder: what is drawn, and what is refused."""

import pytest

from organode import plot
from organode.api.load import PACKAGED
from organode.electrochemistry import against_fc
from organode.errors import UsageError
from organode.models.model import Model
from organode.plot.potentials import as_svg, nearest_measured
from organode.settings import Screen

SMILES = ["O=C1C=CC(=O)C=C1", "no molecule", "CN1c2ccccc2Sc2ccccc21"]


@pytest.fixture(scope="module")
def model():
    return Model.load(PACKAGED)


def texts(figure):
    (axes,) = figure.axes
    return [label.get_text() for label in axes.get_yticklabels()]


def test_each_readable_molecule_and_the_nearest_measured_ones_have_a_row(model):
    figure = plot.ladder(SMILES, names=["BQ", "?", "MPT"], model=model, known=2)
    shown = texts(figure)
    assert shown[:2] == ["BQ", "MPT"]
    assert shown[2] == "1,4-benzoquinone (BQ), measured"
    assert len(shown) == 4
    (axes,) = figure.axes
    assert axes.get_xlabel() == "E  /  V vs Li/Li+ in acetonitrile"
    low, high = axes.get_xlim()
    answer = model.predict(SMILES[0])
    assert low < answer["E_red_lower"][0] < answer["E_ox_upper"][0] < high


def test_same_molecules_give_the_same_picture(model):
    pictures = []
    for _ in range(2):
        figure = plot.ladder("CCO", model=model, known=0, solvent="DMF", reference="SCE")
        pictures.append(as_svg(figure))
    assert pictures[0] == pictures[1]
    assert pictures[0].startswith("<svg")
    assert "vs SCE in" in pictures[0]


def test_measured_potentials_are_those_of_the_table(model):
    (first, *_) = nearest_measured(model, SMILES[0], Screen(reference="Fc/Fc+"), 3)
    assert -1.1 < first.volts["EA"] < -0.8
    (shifted, *_) = nearest_measured(model, SMILES[0], Screen(reference="SCE"), 3)
    zero = against_fc("SCE", "ACN").volts
    assert shifted.volts["EA"] == pytest.approx(first.volts["EA"] - zero)


def test_what_cannot_be_drawn_is_refused(model):
    with pytest.raises(UsageError, match="no structure can be read"):
        plot.ladder(["no molecule"], model=model)
    with pytest.raises(UsageError, match="2 names for 1 structures"):
        plot.ladder(["CCO"], names=["a", "b"], model=model)


def test_model_of_one_target_is_enough(model):
    reductions = Model((model.energies[1],))
    assert texts(plot.ladder("CCO", model=reductions, known=0)) == ["CCO"]
