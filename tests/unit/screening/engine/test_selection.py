"""Selection of molecules to score."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from organode.electrochemistry.cells import N, P
from organode.screening.columns import BOUNDED
from organode.screening.engine.parts import ChunkStore
from organode.screening.engine.passes import PassResult
from organode.screening.engine.repeats import Repeats
from organode.screening.engine.selection import SELECTED_PER_PLACE, select_for_scoring
from screening import CRITERIA


def estimated(folder, chance, mass, tier=0, *, fatal=0.0, judged=True):
    n = len(chance)
    rows = pd.DataFrame({
        "row": np.arange(n), "status": "ok", "molar_mass": mass, **dict.fromkeys(BOUNDED, np.nan),
        "E_ox": 4.0, "E_red": 1.0,
        "chance_p": np.asarray(chance, np.float32), "chance_n": np.float32(0),
        "tier_p": np.int8(tier), "tier_n": np.int8(0),
        "stable_p": np.float32(1), "stable_n": np.float32(1),
        "stable_electrons_p": 1, "stable_electrons_n": 1,
        "fatal_p": fatal, "fatal_n": 0.0, "judged_p": judged, "judged_n": True,
    })  # fmt: skip
    result = PassResult(ChunkStore(folder), 2, n)
    result.store.write(0, {"rows": rows[: n // 2]})
    result.store.write(1, {"rows": rows[n // 2 :]})
    return result


NO_REPEATS = Repeats(np.empty(0, np.int64), np.empty(0, np.int64))


@pytest.fixture(autouse=True)
def _few_may_be_scored(monkeypatch):
    monkeypatch.setattr("organode.screening.engine.selection.ALWAYS_AFFORDABLE", 0)


def test_light_and_likely_molecules_are_selected(tmp_path, surrogate):
    rng = np.random.default_rng(3)
    chance, mass = rng.uniform(0, 1, 5_000), rng.uniform(100, 500, 5_000)
    selections = select_for_scoring(
        estimated(tmp_path, chance, mass), CRITERIA, surrogate, NO_REPEATS, 20
    )
    selected = selections[P].rows
    assert len(selected) <= SELECTED_PER_PLACE * 20
    assert (np.diff(selected) > 0).all()
    assert mass[selected].max() < np.quantile(mass, 0.2)
    assert chance[selected].mean() > chance[mass < mass[selected].max()].mean()
    assert selections[P].expected_candidates == pytest.approx(chance.sum(), rel=1e-3)
    assert 0.9 < selections[P].share_listed <= 1
    assert len(selections[N].rows) == 0


def test_bounded_memory_does_not_change_the_selection(tmp_path, surrogate, monkeypatch):
    rng = np.random.default_rng(3)
    result = estimated(tmp_path, rng.uniform(0, 1, 5_000), rng.uniform(100, 500, 5_000))
    unbounded = select_for_scoring(result, CRITERIA, surrogate, NO_REPEATS, 20)
    monkeypatch.setattr("organode.screening.engine.selection.IN_MEMORY", 100)
    monkeypatch.setattr("organode.screening.engine.passes.READ_TOGETHER", 1)
    bounded = select_for_scoring(result, CRITERIA, surrogate, NO_REPEATS, 20)
    assert bounded[P].rows.tolist() == unbounded[P].rows.tolist()


def test_tier_comes_before_energy(tmp_path, surrogate):
    light, heavy = 100.0, 500.0
    mass = np.repeat([light, heavy], 50)
    result = estimated(tmp_path, np.ones(100), mass, tier=np.repeat([1, 0], 50))
    selected = select_for_scoring(result, CRITERIA, surrogate, NO_REPEATS, 20)[P].rows
    assert (selected >= 50).sum() >= 20
    assert (selected >= 50).all()


def test_repeats_are_not_selected(tmp_path, surrogate):
    chance, mass = np.ones(100), np.linspace(100, 500, 100)
    repeats = Repeats(np.array([0, 3]), np.array([5, 5]))
    selections = select_for_scoring(
        estimated(tmp_path, chance, mass), CRITERIA, surrogate, repeats, 5
    )
    assert {0, 3}.isdisjoint(selections[P].rows.tolist())
    assert {1, 2, 4} <= set(selections[P].rows.tolist())


def test_molecules_that_may_be_fatal_come_after_those_that_are_not(tmp_path, surrogate):
    doubtful = np.repeat([0.5, 0.0], 50)
    mass = np.tile(np.linspace(100, 500, 50), 2)
    result = estimated(tmp_path, np.full(100, 0.6), mass, 1, fatal=doubtful)
    selection = select_for_scoring(result, CRITERIA, surrogate, NO_REPEATS, 10)[P]
    assert len(set(selection.rows)) == len(selection.rows)
    assert 0 < (selection.rows < 50).sum() < (selection.rows >= 50).sum()
    assert selection.expected_candidates == pytest.approx(60, rel=1e-3)


def test_doubt_about_stability_widens_the_selection(tmp_path, surrogate):
    wide = replace(surrogate, stability_spread=np.array([0.3, 0.3]))
    mass = np.linspace(100, 500, 400)
    selected = {}
    for judged in (True, False):
        result = estimated(tmp_path / str(judged), np.full(400, 0.9), mass, 1, judged=judged)
        selected[judged] = select_for_scoring(result, CRITERIA, wide, NO_REPEATS, 10)[P].rows
    assert len(selected[False]) > len(selected[True])


def test_no_more_are_selected_than_allowed(tmp_path, surrogate):
    wide = replace(surrogate, stability_spread=np.array([3.0, 3.0]))
    result = estimated(tmp_path, np.full(900, 0.05), np.full(900, 200.0), 1, judged=False)
    selection = select_for_scoring(result, CRITERIA, wide, NO_REPEATS, 10)[P]
    assert len(selection.rows) == SELECTED_PER_PLACE * 10
    assert selection.share_listed < 0.5
