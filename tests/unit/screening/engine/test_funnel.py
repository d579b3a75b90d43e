"""The funnel: a random sample, estimates of all rows, and the rows that are scored."""

import numpy as np
import pandas as pd
import pytest

from organode.electrochemistry.cells import N, P
from organode.library.engine import Workers
from organode.screening.engine import funnel, scoring
from organode.screening.engine.funnel import _random_sample, run_funnel
from organode.screening.engine.parts import Parts
from organode.screening.shortlist.rank import score, top
from screening import SMILES, ListedLibrary, predict_by_table, with_settings

LIBRARY = ListedLibrary([*SMILES, "junk", SMILES[0], SMILES[7]])
N_ROWS = len(LIBRARY.smiles)
KEEP = 10
CRITERIA = with_settings(keep=KEEP)


@pytest.fixture(autouse=True)
def _small_sample_of_invented_models(monkeypatch):
    monkeypatch.setattr(scoring, "_predict", predict_by_table)
    monkeypatch.setattr(funnel, "SAMPLE", 150)
    monkeypatch.setattr(funnel, "SMALLEST_SAMPLE", 80)
    monkeypatch.setattr(funnel, "CHUNK", 40)


def run(parts, library=LIBRARY):
    rows = len(library.smiles)
    return run_funnel(library, rows, (), CRITERIA, parts, Workers("serial", 1))


def joined(result, columns=None):
    return pd.concat(result.tables(columns), ignore_index=True)


@pytest.fixture
def result(tmp_path):
    with Parts.open(tmp_path / "out") as parts:
        yield run(parts)
        parts.clear()


def test_sample_is_drawn_by_row_whatever_the_chunks_are():
    drawn = []
    for chunk_size in (50, 7):
        chunks = list(_random_sample(ListedLibrary(LIBRARY.smiles, chunk_size), N_ROWS))
        assert [chunk.number for chunk in chunks] == list(range(len(chunks)))
        assert all(chunk.n == 40 for chunk in chunks[:-1])
        rows = [row for chunk in chunks for row in chunk.rows]
        smiles = [text for chunk in chunks for text in chunk.smiles]
        assert smiles == [LIBRARY.smiles[row] for row in rows]
        drawn.append(rows)
    assert drawn[0] == drawn[1] == sorted(set(drawn[0]))
    assert 100 < len(drawn[0]) < 200


def test_every_row_is_estimated_and_none_is_scored_twice(result):
    assert joined(result.estimated)["row"].tolist() == list(range(N_ROWS))
    sampled, selected = (joined(scored)["row"].tolist() for scored in result.scored)
    assert set(sampled).isdisjoint(selected)
    assert len(selected) == len(set(selected)) > 0
    assert len(sampled) + len(selected) < N_ROWS


def test_repeats_are_found_and_not_selected(result):
    n = len(SMILES)
    assert result.repeats.rows.tolist() == [n + 1, n + 2]
    assert result.repeats.firsts.tolist() == [0, 7]
    assert {n + 1, n + 2}.isdisjoint(joined(result.scored[1])["row"])


def best(candidates, role):
    """The rows of the best candidates in a role."""
    of_role = candidates[candidates["role"] == role]
    return set(top(of_role.assign(score=score(of_role)), KEEP)["row"])


def test_best_candidates_are_among_the_scored_rows(result):
    whole = scoring.score_chunk(next(ListedLibrary(SMILES, 10**6).chunks()), (), CRITERIA)
    listed = pd.concat([pd.concat(each.tables(kind="candidates")) for each in result.scored])
    listed = listed[~result.repeats.contains(listed["row"].to_numpy())]
    for role in (P, N):
        assert len(best(listed, role) & best(whole["candidates"], role)) >= 9  # of 10
        counted = (whole["candidates"]["role"] == role).sum()
        assert result.expected_candidates[role] == pytest.approx(counted, rel=0.25)
        assert 0.9 < result.share_listed[role] <= 1


def test_deviation_contains_95_percent_of_the_errors(result):
    scored = pd.concat([joined(each) for each in result.scored]).set_index("row")
    estimated = joined(result.estimated).set_index("row").loc[scored.index]
    for role, potential in ((P, "E_ox"), (N, "E_red")):
        errors = (estimated[potential] - scored[potential]).abs()
        assert (errors <= result.deviation[role]).mean() > 0.9


def test_interrupted_funnel_gives_the_same_result(tmp_path, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    with Parts.open(tmp_path / "out") as parts:
        with monkeypatch.context() as patch:
            patch.setattr(funnel, "select_for_scoring", stop)
            with pytest.raises(KeyboardInterrupt):
                run(parts)
        with monkeypatch.context() as patch:  # neither scored nor fitted again
            patch.setattr(funnel.Surrogate, "fit", stop)
            resumed = [joined(each) for each in run(parts).scored]
        parts.clear()
    with Parts.open(tmp_path / "other") as parts:
        whole = [joined(each) for each in run(parts).scored]
        parts.clear()
    for before, after in zip(whole, resumed, strict=True):
        pd.testing.assert_frame_equal(before, after)


def test_too_few_valid_molecules_give_no_result(tmp_path):
    library = ListedLibrary([*SMILES[:20], *["junk"] * 200])
    with Parts.open(tmp_path / "out") as parts:
        assert run(parts, library) is None
        assert np.all([path.name == "sample" for path in parts.folder.iterdir()])
        parts.clear()
