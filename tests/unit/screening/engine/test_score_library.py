"""Libraries that are scored in full, and those that go through the funnel."""

import numpy as np
import pandas as pd
import pytest

from organode.library.engine import Workers
from organode.screening.columns import SURROGATE_ONLY
from organode.screening.engine import funnel, scoring
from organode.screening.engine.parts import Parts
from organode.screening.engine.passes import PassResult
from organode.screening.engine.score_library import replace_scored, score_library
from screening import FINISHED, SMILES, ListedLibrary, predict_by_table, with_settings


def test_scored_rows_replace_estimated_rows(tmp_path):
    with Parts.open(tmp_path / "out") as parts:
        estimated, scored = (
            PassResult(parts.store("estimate"), 3, 9),
            PassResult(parts.store("score"), 1, 2),
        )
        for number, tables in enumerate(FINISHED):
            rows = tables["rows"].assign(scored=False, IE=1.0, **dict.fromkeys(SURROGATE_ONLY, 0.5))
            estimated.store.write(number, {"rows": rows})
        scored.store.write(0, {"rows": FINISHED[1]["rows"].iloc[[0, 3]]})
        joined = pd.concat(replace_scored(estimated, [scored]))
    assert joined["row"].tolist() == list(range(9))
    assert np.flatnonzero(joined["scored"]).tolist() == [3, 6]
    assert joined["IE"].tolist() == [1.0, 1.0, 1.0, 4.0, 1.0, 1.0, 4.0, 1.0, 1.0]
    assert set(joined) == set(FINISHED[0]["rows"])


@pytest.fixture
def _invented_models(monkeypatch):
    monkeypatch.setattr(scoring, "_predict", predict_by_table)
    monkeypatch.setattr(funnel, "SAMPLE", 150)
    monkeypatch.setattr(funnel, "SMALLEST_SAMPLE", 80)


@pytest.mark.usefixtures("_invented_models")
@pytest.mark.parametrize(("in_full", "passes"), [(len(SMILES), 1), (len(SMILES) - 1, 2)])
def test_long_library_goes_through_the_funnel(tmp_path, in_full, passes):
    criteria = with_settings(in_full=in_full, keep=3)
    with Parts.open(tmp_path / "out") as parts:
        workers = Workers("serial", 1)
        library = score_library(ListedLibrary(), len(SMILES), (), criteria, parts, workers)
        rows = pd.concat(library.rows(), ignore_index=True)
        candidates = pd.concat(library.candidates())
        parts.clear()
    assert len(library.passes) == passes
    assert (library.funnel is None) == (passes == 1) == rows["scored"].all()
    assert library.n_rows == len(rows) == len(SMILES)
    assert rows["row"].tolist() == list(range(len(SMILES)))
    assert rows.loc[candidates["row"], "scored"].all()


@pytest.mark.usefixtures("_invented_models")
def test_library_with_too_few_valid_molecules_is_scored_in_full(tmp_path):
    smiles = [*SMILES[:20], *["junk"] * 200]
    criteria = with_settings(in_full=10)
    with Parts.open(tmp_path / "out") as parts:
        workers = Workers("serial", 1)
        library = score_library(ListedLibrary(smiles), len(smiles), (), criteria, parts, workers)
        rows = pd.concat(library.rows(), ignore_index=True)
        parts.clear()
    assert library.funnel is None
    assert rows["scored"].tolist() == [*[True] * 20, *[False] * 200]
