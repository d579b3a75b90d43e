"""What a study tries."""

import numpy as np

from organode.models.training_data import Labelled
from organode.search.plan import Plan, make_plan
from organode.search.space import FIXED, STRONG
from organode.settings import Settings

SETTINGS = Settings.model_validate(
    {"search": {"n_trials": 30, "n_folds": 2, "epochs": 9}, "train": {"epochs": 27}}
)
NOTHING = np.zeros(9)
FOLD = np.array([-1, 0, 1, 2, 3, 4, 5, 6, 7])
DATA = Labelled(NOTHING, FOLD, NOTHING, NOTHING, [], NOTHING, None, NOTHING > 0)


def plan(preset: str | None = None, epochs: int | None = None) -> Plan:
    return make_plan("IE", SETTINGS, DATA, preset, epochs)


def test_halves_of_thesis_exclude_test_set():
    assert plan("thesis").data.fold.tolist() == [-1, 0, 1, 0, 1, 0, 1, 0, 1]


def test_settings_or_preset_say_how_much_is_tried():
    usual, nightly = plan(), plan("nightly")
    assert (usual.n_trials, usual.n_folds, usual.epochs) == (30, 2, 9)
    assert (nightly.n_trials, nightly.n_folds, nightly.epochs) == (100, 8, 27)
    assert nightly.space == usual.space | {"n_folds": 8}


def test_rungs_follow_epochs():
    assert plan().rungs == (1, 3)
    assert plan("nightly").rungs == (1, 3, 9)
    assert plan(epochs=6).rungs == plan("nightly", epochs=6).rungs == (1, 2)
    assert plan("nightly", epochs=6).epochs == plan("thesis", epochs=6).epochs == 6
    assert plan("thesis").rungs == ()


def test_fixed_settings_are_tried_first():
    usual = plan()
    first = usual.first[usual.fixed]
    assert usual.fixed == FIXED == 0
    assert (first["width_1"], first["n_bits"]) == (STRONG.widths[0], STRONG.n_bits)
    assert plan("thesis").fixed is None
