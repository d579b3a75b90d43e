"""Whether ions fall apart, as learned from relaxed ions."""

import numpy as np
import pytest

from organode.chem import structure
from organode.chem.features import Molecules
from organode.electrochemistry.stability import OXIDISED, REDUCED
from organode.electrochemistry.stability.breakage import Breakage, probability
from organode.electrochemistry.stability.relaxed_ions import has_reacted
from organode.electrochemistry.stability.signals import chance_of_change
from organode.errors import OrganodeError


@pytest.fixture(scope="module")
def of_reduced(ions):
    return Breakage.fit(ions, REDUCED)


@pytest.fixture(scope="module")
def some():
    texts = ("CCCCCBr", "ClCCCl", "O=C1C=CC(=O)C=C1", "c1ccc2nc3ccccc3nc2c1")
    return Molecules([structure(text)[0] for text in texts])


def test_halides_break_when_reduced_and_quinones_do_not(of_reduced, some):
    bromide, chloride, quinone, phenazine = of_reduced.chance(some)
    assert min(bromide, chloride) > 0.5 > 0.1 > max(quinone, phenazine)


def test_it_is_what_the_signal_says(of_reduced, signals, some):
    expected = chance_of_change(signals.predict(some, REDUCED))
    assert of_reduced.chance(some) == pytest.approx(expected, abs=1e-4)


def test_other_side_is_another_model(ions, of_reduced, some):
    assert Breakage.fit(ions, OXIDISED).chance(some)[0] < of_reduced.chance(some)[0]


def test_stored_model_answers_the_same(of_reduced, some):
    again = Breakage.restored(of_reduced.arrays())
    assert len(of_reduced.arrays()) == Breakage.N_ARRAYS
    assert (again.chance(some) == of_reduced.chance(some)).all()


def test_ions_of_which_none_reacted_are_rejected(ions):
    intact = ions[~has_reacted(ions.table)]
    with pytest.raises(OrganodeError, match=r"0 of \d+ reduced ions have reacted.*stability\.ions"):
        Breakage.fit(intact, REDUCED)


def test_probability_of_a_logit():
    assert probability(np.array([-50.0, 0.0, 50.0])) == pytest.approx([0, 0.5, 1])
