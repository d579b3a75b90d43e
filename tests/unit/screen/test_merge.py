"""Finished chunks: whose they are, and how they become one result."""

import numpy as np
import pandas as pd
import pytest

from organode.errors import UsageError
from organode.screen import merge as module
from organode.screen.chunk import CANDIDATE, FLAGS, REMARKS, VALUES, Screened
from organode.screen.merge import merge
from organode.screen.parts import Parts
from organode.screen.properties import ENERGIES


def screened(first: int, keys: list[int], scores: list[float]) -> Screened:
    """A chunk whose rows are all candidates for a positive electrode."""
    n = len(keys)
    rows = pd.DataFrame({
        "row": range(first, first + n), "id": [f"m{key}" for key in keys], "smiles": "CCO",
        "status": "ok", **dict.fromkeys(VALUES, 4.0), **dict.fromkeys(FLAGS, True),
        **dict.fromkeys(REMARKS, ""), "positive": True, "negative": False,
        "key": np.array(keys, np.uint64),
        **{f"by_{margin}_{electrode}": True for margin in ("interval", "thesis")
           for electrode in ("positive", "negative")},
    })  # fmt: skip
    rows["negative_remark"] = "outside the window"
    candidates = rows[list(CANDIDATE)].assign(**dict.fromkeys(ENERGIES, 100.0))
    candidates["P_positive"] = scores
    candidates.insert(0, "electrode", "positive")
    return Screened(rows, candidates)


@pytest.mark.parametrize("at_once", [10**6, 2])
def test_repeats_are_found_across_chunks_and_the_best_are_kept(tmp_path, monkeypatch, at_once):
    monkeypatch.setattr(module, "AT_ONCE", at_once)
    with Parts.open(tmp_path / "out") as parts:
        parts.claim("job")
        parts.write(0, screened(0, [7, 8, 7], [0.1, 0.9, 1.0]))
        parts.write(1, screened(3, [9, 8, 10, 2**63 + 5], [0.5, 1.0, 0.2, 0.3]))
        parts.write(2, screened(7, [2**63 + 5, 11], [1.0, 0.4]))
        found = merge(parts, 3, 9, 3, tmp_path / "all.parquet")
    table = pd.read_parquet(tmp_path / "all.parquet")
    assert table["row"].tolist() == list(range(9))
    assert table["status"].tolist() == [
        "ok", "ok", "repeat of row 0", "ok", "repeat of row 1", "ok", "ok", "repeat of row 6", "ok",
    ]  # fmt: skip
    assert not table.loc[[2, 4, 7], "positive"].any()
    assert found.rows == 9
    assert found.status == {"ok": 6, "repeat of an earlier row": 3}
    assert found.remarks["positive"] == {"": 6}
    assert found.remarks["negative"] == {"outside the window": 6}
    assert found.histogram["positive"].sum() == 6
    assert found.candidates["positive"]["row"].tolist() == [1, 3, 8]
    assert found.candidates["negative"].empty


def test_chunks_of_other_work_are_not_used(tmp_path):
    with Parts.open(tmp_path / "out") as parts:
        parts.claim("one job")
        parts.write(0, screened(0, [1], [1.0]))
    with Parts.open(tmp_path / "out") as parts:
        parts.claim("one job")
        assert parts.done() == {0}
        parts.claim("another job")
        assert parts.done() == set()
        parts.clear()
    assert not list(tmp_path.iterdir())


def test_two_commands_do_not_work_on_one_result(tmp_path):
    other = tmp_path / ".out.EC.abcd1234.tmp"  # of a command whose result lies beside
    other.mkdir()
    with Parts.open(tmp_path / "out"):
        with pytest.raises(UsageError, match="another command"), Parts.open(tmp_path / "out"):
            pass
        (tmp_path / ".out.abcd1234.tmp").mkdir()
    with Parts.open(tmp_path / "out"):
        pass
    assert list(tmp_path.iterdir()) == [other]
