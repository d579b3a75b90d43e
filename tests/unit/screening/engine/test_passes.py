"""A pass over the chunks of a library: what is processed, kept and resumed."""

import numpy as np
import pandas as pd
import pytest

from organode.library.engine import Workers
from organode.screening.engine import passes
from organode.screening.engine.parts import ChunkStore
from organode.screening.engine.passes import run_pass
from screening import ListedLibrary

LIBRARY = ListedLibrary([f"{'C' * n}O" for n in range(1, 8)], chunk_size=3)  # chunks of 3, 3, 1
SERIAL = Workers("serial", 1)


class Lengths:
    """Returns the length of each SMILES, and remembers which chunks it saw."""

    def __init__(self, fails_at=None):
        self.seen = []
        self._fails_at = fails_at

    def __call__(self, chunk):
        if chunk.number == self._fails_at:
            raise KeyboardInterrupt
        self.seen.append(chunk.number)
        lengths = [len(smiles) for smiles in chunk.smiles]
        rows = pd.DataFrame({"row": list(chunk.rows), "length": lengths})
        return {"rows": rows, "candidates": rows[rows["length"] > 6]}


def run(function, store):
    return run_pass("test", LIBRARY.chunks(), 7, function, store, SERIAL)


def test_every_row_of_every_chunk_is_kept_in_order(tmp_path):
    result = run(Lengths(), ChunkStore(tmp_path))
    assert (result.chunks, result.rows) == (3, 7)
    table = pd.concat(result.tables())
    assert table["row"].tolist() == list(range(7))
    assert table["length"].tolist() == list(range(2, 9))
    assert pd.concat(result.tables(kind="candidates"))["length"].tolist() == [7, 8]
    assert list(next(result.tables(["row"]))) == ["row"]


def test_interrupted_pass_resumes_with_the_unfinished_chunks(tmp_path, capsys):
    store = ChunkStore(tmp_path)
    interrupted = Lengths(fails_at=2)
    with pytest.raises(KeyboardInterrupt):
        run(interrupted, store)
    assert interrupted.seen == [0, 1]
    assert store.done() == {0, 1}
    resumed = Lengths()
    result = run(resumed, store)
    assert resumed.seen == [2]
    assert "test: resuming after 2 finished chunks" in " ".join(capsys.readouterr().err.split())
    assert (result.chunks, result.rows) == (3, 7)
    assert np.concatenate([table["row"] for table in result.tables()]).tolist() == list(range(7))


def test_finished_pass_is_not_repeated(tmp_path):
    store = ChunkStore(tmp_path)
    run(Lengths(), store)
    again = Lengths()
    assert run(again, store).rows == 7
    assert not again.seen


@pytest.mark.parametrize(("rows", "lengths"), [(1, [3, 3, 1]), (5, [6, 1]), (99, [7])])
def test_chunks_are_read_together(tmp_path, monkeypatch, rows, lengths):
    result = run(Lengths(), ChunkStore(tmp_path))
    monkeypatch.setattr(passes, "READ_TOGETHER", rows)
    assert [len(table) for table in result.tables()] == lengths
