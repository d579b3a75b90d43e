"""Finished chunks become a single result."""

import pandas as pd
import pyarrow as pa
import pytest

from organode.electrochemistry.cells import N, P
from organode.screening.engine import passes
from organode.screening.engine import repeats as repeats_module
from organode.screening.engine.parts import Parts
from organode.screening.engine.passes import PassResult
from organode.screening.engine.repeats import repeats_by_key
from organode.screening.engine.score_library import ScoredLibrary
from organode.screening.shortlist.merge import merge
from screening import FINISHED, with_settings


class LibraryWithColumns:
    """A library with columns of its own, in other chunks than those of the result."""

    columns = pa.schema([("price", pa.string()), ("IE", pa.int64())])

    def own_columns(self):
        for rows in (range(4), range(4, 5), range(5, 9)):
            yield pa.table({"price": list(map(str, rows)), "IE": list(rows)})


@pytest.mark.parametrize(("keys_in_memory", "read_together"), [(10**6, 99), (2, 6), (2, 1)])
def test_repeats_are_marked_across_chunks_and_the_best_are_kept(
    tmp_path, monkeypatch, keys_in_memory, read_together
):
    monkeypatch.setattr(repeats_module, "KEYS_IN_MEMORY", keys_in_memory)
    monkeypatch.setattr(passes, "READ_TOGETHER", read_together)
    with Parts.open(tmp_path / "out") as parts:
        parts.claim("job")
        result = PassResult(parts.store("whole"), 3, 9)
        for number, tables in enumerate(FINISHED):
            result.store.write(number, tables)
        scored = ScoredLibrary([result], repeats_by_key(result))
        path = tmp_path / "all.parquet"
        merged = merge(scored, LibraryWithColumns(), with_settings(keep=3), path)
    table = pd.read_parquet(path)
    assert table["row"].tolist() == list(range(9))
    assert list(table.columns[:6]) == ["row", "id", "smiles", "price", "IE_given", "status"]
    assert table["price"].tolist() == [str(row) for row in range(9)]
    assert table["IE_given"].tolist() == list(range(9))
    assert merged.candidates[P]["price"].tolist() == ["1", "3", "8"]
    assert table["status"].tolist() == [
        "ok", "ok", "repeat of row 0", "ok", "repeat of row 1", "ok", "ok", "repeat of row 6", "ok",
    ]  # fmt: skip
    assert not table.loc[[2, 4, 7], "p_type"].any()
    assert merged.own_columns == ["price", "IE_given"]
    counts = merged.counts
    assert counts.rows == counts.scored == 9
    assert counts.status == {"ok": 6, "repeat of an earlier row": 3}
    assert counts.remarks[P] == {"": 6}
    assert counts.remarks[N] == {"outside the window": 6}
    shown = [(f"m{key}", "CCO", 4.0) for key in (7, 8, 9, 10)]
    assert counts.examples == {P: {}, N: {"outside the window": shown}}
    assert counts.library_histogram[P].sum() == 6
    assert merged.candidates[P]["row"].tolist() == [1, 3, 8]
    assert merged.candidates[N].empty
