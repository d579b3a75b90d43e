"""The search space, and the settings that are tried first."""

import optuna
import pytest

from organode.search.space import STRONG, THESIS, THESIS_BEST, first_trials, suggest
from organode.settings import Search, Settings


def suggested(space: Search, seed: int = 1, **fixed):
    sampler = optuna.samplers.RandomSampler(seed)
    study = optuna.create_study(sampler=sampler)
    if fixed:
        study.enqueue_trial(fixed)
    return suggest(study.ask(), space)


def test_thesis_has_25_settings():
    assert len(THESIS) == len(set(THESIS)) == 25
    assert (THESIS[5].radius, THESIS[5].n_bits, THESIS[5].widths) == (2, 1024, (512, 256, 128))
    assert (THESIS[23].radius, THESIS[23].n_bits, THESIS[23].widths) == (3, 2048, (1024, 256))
    assert THESIS_BEST["IE"].widths == (1024, 512)
    assert THESIS_BEST["EA"].widths == (512, 256)
    assert {(s.dropout, s.l2, s.learning_rate, s.batch_size) for s in THESIS} == {
        (0.1, 0.003, 0.003, 30_000)
    }


@pytest.mark.parametrize("seed", range(10))
def test_drawn_settings_are_in_search_space(seed):
    space = Search(radius=(1, 1), n_bits=(0, 512), widths=(64,), n_layers=(2, 2), joint=(False,))
    drawn = suggested(space, seed)
    assert drawn.radius == 1
    assert drawn.n_bits in (0, 512)
    assert drawn.widths == (64, 64)
    assert not drawn.joint
    assert drawn.protocol == "organode"


@pytest.mark.parametrize("target", ["IE", "EA"])
def test_first_trials_are_strong_and_thesis_settings(target):
    space = Settings().search
    strong, best = first_trials(target, space)
    thesis = suggested(space, **best)
    assert thesis.widths == THESIS_BEST[target].widths
    assert (thesis.radius, thesis.n_bits, thesis.counts) == (1, 1024, False)
    assert suggested(space, **strong) == STRONG


def test_first_trials_are_moved_into_a_narrow_space():
    space = Search(
        radius=(2, 3), n_bits=(512,), widths=(64, 128), n_layers=(3, 3), dropout=(0.2, 0.3),
        l2=(1e-5, 1e-4), counts=(True,), orbitals=(False,), batch_size=(32,),
    )  # fmt: skip
    for parameters in first_trials("IE", space):
        drawn = suggested(space, **parameters)
        assert (drawn.radius, drawn.n_bits, drawn.dropout) == (2, 512, 0.2)
        assert drawn.widths == (128, 128, 128)
        assert 1e-5 <= drawn.l2 <= 1e-4
        assert drawn.counts
        assert not drawn.orbitals
