"""Finished chunks: whose they are, and how they become one result."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from organode.electrochemistry.cells import ROLES, N, P
from organode.errors import UsageError
from organode.library.engine import Workers
from organode.library.read import sketch
from organode.screen.criteria.properties import ENERGIES
from organode.screen.engine import repeats as of_repeats
from organode.screen.engine import work as of_work
from organode.screen.engine.chunk import CANDIDATE, FLAGS, MARGINS, REMARKS, VALUES, Tables
from organode.screen.engine.parts import Parts
from organode.screen.engine.repeats import confirmed, repeats
from organode.screen.engine.surrogate import ESTIMATES
from organode.screen.engine.work import PassResult
from organode.screen.shortlist.merge import merge, scored_in_part


def screened(first: int, keys: list[int], scores: list[float]) -> Tables:
    """A chunk whose rows are all candidates for a positive electrode."""
    n = len(keys)
    rows = pd.DataFrame({
        "row": range(first, first + n), "id": [f"m{key}" for key in keys], "smiles": "CCO",
        "status": "ok", "note": "", **dict.fromkeys(VALUES, 4.0), **dict.fromkeys(FLAGS, True),
        **dict.fromkeys(REMARKS, ""), "p_type": True, "n_type": False, "scored": True,
        "key": np.array(keys, np.uint64), **dict.fromkeys(MARGINS, True),
    })  # fmt: skip
    rows["n_remark"] = "outside the window"
    candidates = rows[list(CANDIDATE)].assign(**dict.fromkeys(ENERGIES, 100.0))
    candidates["P_inside"] = 1.0
    candidates["expected_Wh_kg"] = scores
    candidates.insert(0, "electrode", "positive")
    candidates.insert(1, "role", P)
    candidates["tier"] = "fine"
    candidates["P_stable"] = 1.0
    candidates["structure"] = ["C" * (1 + key % 97) for key in keys]
    return {"rows": rows, "candidates": candidates}


class Own:
    """A library with columns of its own, in pieces other than the result's chunks."""

    columns = pa.schema([("price", pa.string()), ("IE", pa.int64())])

    def own_columns(self):
        for rows in (range(4), range(4, 5), range(5, 9)):
            yield pa.table({"price": list(map(str, rows)), "IE": list(rows)})


CHUNKS = (
    screened(0, [7, 8, 7], [0.1, 0.9, 1.0]),
    screened(3, [9, 8, 10, 2**63 + 5], [0.5, 1.0, 0.2, 0.3]),
    screened(7, [2**63 + 5, 11], [1.0, 0.4]),
)


@pytest.mark.parametrize(("keys_at_once", "chunks_at_once"), [(10**6, 25), (2, 2), (2, 1)])
def test_repeats_are_found_across_chunks_and_the_best_are_kept(
    tmp_path, monkeypatch, keys_at_once, chunks_at_once
):
    monkeypatch.setattr(of_repeats, "AT_ONCE", keys_at_once)
    monkeypatch.setattr(of_work, "AT_ONCE", chunks_at_once)
    with Parts.open(tmp_path / "out") as parts:
        parts.claim("job")
        done = PassResult(parts.store("whole"), 3, 9)
        for number, tables in enumerate(CHUNKS):
            done.store.write(number, tables)
        candidates = done.tables(kind="candidates")
        found = merge(
            done.tables(), 9, candidates, repeats(done), Own(), ROLES, 3, tmp_path / "all.parquet"
        )
    table = pd.read_parquet(tmp_path / "all.parquet")
    assert table["row"].tolist() == list(range(9))
    assert list(table.columns[:6]) == ["row", "id", "smiles", "price", "IE_given", "status"]
    assert table["price"].tolist() == [str(row) for row in range(9)]
    assert table["IE_given"].tolist() == list(range(9))
    assert found.candidates[P]["price"].tolist() == ["1", "3", "8"]
    assert table["status"].tolist() == [
        "ok", "ok", "repeat of row 0", "ok", "repeat of row 1", "ok", "ok", "repeat of row 6", "ok",
    ]  # fmt: skip
    assert not table.loc[[2, 4, 7], "p_type"].any()
    assert found.rows == found.scored == 9
    assert found.status == {"ok": 6, "repeat of an earlier row": 3}
    assert found.remarks[P] == {"": 6}
    assert found.remarks[N] == {"outside the window": 6}
    shown = [(f"m{key}", "CCO", 4.0) for key in (7, 8, 9, 10)]
    assert found.examples == {P: {}, N: {"outside the window": shown}}
    assert found.histogram[P].sum() == 6
    assert found.candidates[P]["row"].tolist() == [1, 3, 8]
    assert found.candidates[N].empty


def test_what_was_judged_takes_the_place_of_an_estimate(tmp_path):
    with Parts.open(tmp_path / "out") as parts:
        estimated, scored = (
            PassResult(parts.store("estimate"), 3, 9),
            PassResult(parts.store("score"), 1, 2),
        )
        for number, tables in enumerate(CHUNKS):
            rows = tables["rows"].assign(scored=False, IE=1.0, **dict.fromkeys(ESTIMATES, 0.5))
            estimated.store.write(number, {"rows": rows})
        scored.store.write(0, {"rows": CHUNKS[1]["rows"].iloc[[0, 3]]})
        joined = pd.concat(scored_in_part(estimated, [scored]))
    assert joined["row"].tolist() == list(range(9))
    assert np.flatnonzero(joined["scored"]).tolist() == [3, 6]
    assert joined["IE"].tolist() == [1.0, 1.0, 1.0, 4.0, 1.0, 1.0, 4.0, 1.0, 1.0]
    assert set(joined) == set(CHUNKS[0]["rows"])


def test_structures_that_share_a_key_are_told_apart(tmp_path):
    # Butane's and pentane's environments up to one bond differ in number only, these in nothing.
    smiles = ("C1CCCCC1C1CCCCC1", "C1CCC2CCCCC2C1", "C1CCCCCCCCC1", "C1CCCCC1", "C1CCCCCCCCC1")
    alike = sketch(range(5), smiles, smiles, (), "")
    assert alike.key[2] == alike.key[4]
    rows = pd.DataFrame({"row": range(5), "id": smiles, "smiles": smiles, "status": "ok",
                         "key": np.zeros(5, np.uint64)})  # fmt: skip
    with Parts.open(tmp_path / "out") as parts:
        done = PassResult(parts.store("estimate"), 1, 5)
        done.store.write(0, {"rows": rows})
        found = confirmed(done, parts.store("compare"), Workers("serial", 1), "")
    assert (found.rows.tolist(), found.firsts.tolist()) == ([4], [2])


def test_chunks_of_other_work_are_not_used(tmp_path):
    with Parts.open(tmp_path / "out") as parts:
        parts.claim("one job")
        parts.store("whole").write(0, CHUNKS[0])
    with Parts.open(tmp_path / "out") as parts:
        parts.claim("one job")
        assert parts.store("whole").done() == {0}
        parts.claim("another job")
        assert parts.store("whole").done() == set()
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


def test_what_no_screening_put_there_is_not_deleted(tmp_path):
    folder = tmp_path / ".out.parts"
    folder.mkdir(mode=0o700)
    (folder / "thesis.docx").write_text("years of work")
    with (
        pytest.raises(UsageError, match=r"holds thesis\.docx, which no screening"),
        Parts.open(tmp_path / "out") as parts,
    ):
        parts.claim("one job")
    assert (folder / "thesis.docx").read_text() == "years of work"


def test_chunks_that_others_may_have_written_are_not_read(tmp_path):
    with Parts.open(tmp_path / "out") as parts:
        parts.claim("one job")
        parts.store("whole").write(0, CHUNKS[0])
    folder = tmp_path / ".out.parts"
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o770)
    with pytest.raises(UsageError, match="may be written by others"), Parts.open(tmp_path / "out"):
        pass
    folder.chmod(0o700)
    with Parts.open(tmp_path / "out") as parts:
        parts.claim("one job")
        assert parts.store("whole").done() == {0}
