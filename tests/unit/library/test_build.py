"""Building a library: content, resuming, and folders that hold something else."""

import json

import numpy as np
import pandas as pd
import pytest

from organode.chem import parse_flat
from organode.chem.count_fingerprint import count_environments, folded
from organode.electrochemistry.stability import OXIDISED, REDUCED
from organode.electrochemistry.stability.core_finder import core_finder
from organode.electrochemistry.stability.relaxed_ions import linear_inputs
from organode.errors import UsageError
from organode.library import build as module
from organode.library import stream
from organode.library.build import UNFINISHED, build
from organode.library.built import FEATURES, INDEX, OWN_COLUMNS, chunk_folder
from organode.library.columns import Wanted
from organode.library.engine import Run
from organode.library.stream import Library
from organode.screening.engine.scoring import stability_inputs
from organode.utils.progress import console

SMILES = ["CCO", "c1ccccc1", "junk", "", "O=C1C=CC(=O)C=C1", "CC(=O)[O-].[Na+]", "C[Mg]"]
SERIAL = Run("serial", 1, None)


@pytest.fixture
def library(tmp_path, monkeypatch):
    """A library of three chunks, one of them shorter."""
    monkeypatch.setattr(stream, "CHUNK", 3)
    return found(tmp_path)


def found(folder, smiles=SMILES, name="library.csv"):
    table = pd.DataFrame({"id": [f"m{row}" for row in range(len(smiles))], "smiles": smiles,
                          "price": range(len(smiles))})  # fmt: skip
    table.to_csv(folder / name, index=False)
    return Library.find([str(folder / name)], Wanted(), folder)


def files(folder):
    return {path.relative_to(folder): path.read_bytes()
            for path in folder.rglob("*") if path.is_file()}  # fmt: skip


@pytest.mark.parametrize("in_full", [1_000, 0])
def test_built_rows_are_those_of_the_files(library, tmp_path, in_full):
    built = build(library, tmp_path / "built", SERIAL, in_full)
    assert built.sizes == (3, 3, 1)
    assert built.has_features == (in_full > 0)
    assert built.digest() == library.digest()
    for ours, theirs in zip(built.chunks(), library.chunks(), strict=True):
        given, expected = ours.featurized(), theirs.featurized()
        assert list(given.status) == list(expected.status)
        assert list(ours.as_given().ids) == list(theirs.ids)
        assert list(ours.as_given().smiles) == list(theirs.smiles)
        assert list(given.notes) == list(expected.notes)
        np.testing.assert_array_equal(given.good, expected.good)
        np.testing.assert_array_equal(given.molar_mass, expected.molar_mass)
        np.testing.assert_array_equal(given.key, expected.key)
        np.testing.assert_array_equal(given.features.descriptors, expected.features.descriptors)
        np.testing.assert_array_equal(given.features.bits, expected.features.bits)
        assert given.features.composition.parts == expected.features.composition.parts
        last_first = range(expected.features.n)[::-1]
        read, computed = (stability_inputs(each).select(last_first) for each in (given, expected))
        for side in (OXIDISED, REDUCED):
            assert read.verdicts(side) == computed.verdicts(side)
            np.testing.assert_array_equal(read.orbital(side), computed.orbital(side))
            of_read, of_computed = (
                linear_inputs(each.features, np.zeros(1), np.ones(1)) for each in (read, computed)
            )
            assert (of_read != of_computed).nnz == 0


def test_fingerprints_are_kept_of_valid_molecules(library, tmp_path):
    built = build(library, tmp_path / "built", SERIAL, 0)
    first = next(built.chunks()).fingerprinted(core_finder().have_core)
    counts = folded(count_environments([parse_flat("CCO"), parse_flat("c1ccccc1")]))
    np.testing.assert_array_equal(first.counts.toarray(), counts.toarray())
    assert len(set(first.key.tolist())) == 2
    assert first.good.tolist() == [0, 1]


def test_other_columns_of_the_files_are_kept(library, tmp_path):
    built = build(library, tmp_path / "built", SERIAL, 0)
    prices = [table["price"].to_pylist() for table in built.own_columns()]
    assert prices == [["0", "1", "2"], ["3", "4", "5"], ["6"]]  # as they are written
    assert built.columns.names == ["price"]


def test_features_are_kept_of_short_libraries_only(library, tmp_path):
    for name, in_full, kept in (("short", 7, True), ("long", 3, False)):
        build(library, tmp_path / name, SERIAL, in_full)
        assert (chunk_folder(tmp_path / name, 0) / FEATURES).exists() == kept
    (tmp_path / "plain.smi").write_text("CCO\n")
    plain = Library.find([str(tmp_path / "plain.smi")], Wanted(), tmp_path)
    build(plain, tmp_path / "plain", SERIAL, 0)
    assert not (chunk_folder(tmp_path / "plain", 0) / OWN_COLUMNS).exists()


def interrupt_after(monkeypatch, chunks):
    """Let a command be interrupted when it has written so many chunks and half of another."""
    write, written = module._write_chunk, []

    def interrupted(folder, chunk, result):
        if len(written) == chunks:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / ".rows.parquet.x.tmp").write_bytes(b"half")
            raise KeyboardInterrupt
        written.append(chunk.number)
        write(folder, chunk, result)

    monkeypatch.setattr(module, "_write_chunk", interrupted)


@pytest.mark.parametrize("chunks", [0, 1, 2])
def test_interrupted_build_resumes_to_the_same_files(library, tmp_path, monkeypatch, chunks):
    build(library, tmp_path / "whole", SERIAL, 1_000)
    out = tmp_path / "built"
    with monkeypatch.context() as patch:
        interrupt_after(patch, chunks)
        with pytest.raises(KeyboardInterrupt):
            build(library, out, SERIAL, 1_000)
    assert (out / UNFINISHED).exists()
    assert not (out / INDEX).exists()
    parsed = []
    featurize = module.featurize
    monkeypatch.setattr(module, "featurize", lambda rows, *given: (
        parsed.extend(rows) or featurize(rows, *given)))  # fmt: skip
    with console.capture() as captured:
        build(library, out, SERIAL, 1_000)
    said = f"resuming after {chunks} finished chunks" in captured.get()
    assert said == (chunks > 0)
    assert parsed == list(range(3 * chunks, 7))  # finished chunks are not computed again
    assert files(out) == files(tmp_path / "whole")


def test_chunk_without_checksums_is_built_again(library, tmp_path, monkeypatch):
    out = tmp_path / "built"
    with monkeypatch.context() as patch:
        interrupt_after(patch, 2)
        with pytest.raises(KeyboardInterrupt):
            build(library, out, SERIAL, 1_000)
    before = files(chunk_folder(out, 0))
    (chunk_folder(out, 0) / module.CHECKSUMS).unlink()
    build(library, out, SERIAL, 1_000)
    assert files(chunk_folder(out, 0)) == before


def test_finished_library_is_not_built_over(library, tmp_path):
    build(library, tmp_path / "built", SERIAL, 0)
    before = files(tmp_path / "built")
    with pytest.raises(UsageError, match="built holds a finished library: choose a new folder"):
        build(library, tmp_path / "built", SERIAL, 0)
    assert files(tmp_path / "built") == before


@pytest.mark.parametrize("change", ["library", "features", "damage", "nothing of ours"])
def test_folder_of_something_else_is_left_alone(library, tmp_path, monkeypatch, change):
    out = tmp_path / "built"
    with monkeypatch.context() as patch:
        interrupt_after(patch, 1)
        with pytest.raises(KeyboardInterrupt):
            build(library, out, SERIAL, 0)
    other = found(tmp_path, SMILES[::-1], "other.csv") if change == "library" else library
    if change == "damage":
        (out / UNFINISHED).write_text('{"describing": ')
    elif change == "nothing of ours":
        (out / UNFINISHED).unlink()
    before = files(out)
    with pytest.raises(UsageError, match="built holds something else: choose a new folder"):
        build(other, out, SERIAL, 1_000 if change == "features" else 0)
    assert files(out) == before


def test_identity_says_what_was_read(library, tmp_path):
    built = build(library, tmp_path / "built", SERIAL, 0)
    content = json.loads((tmp_path / "built" / INDEX).read_text())
    assert content["source"] == library.digest()
    assert content["sizes"] == [3, 3, 1]
    assert content["name"] == built.name == library.name
    assert not (tmp_path / "built" / UNFINISHED).exists()


def test_empty_library_is_rejected_before_a_folder_is_made(tmp_path):
    (tmp_path / "empty.smi").write_text("")
    with pytest.raises(UsageError):
        build(Library.find([str(tmp_path / "empty.smi")], Wanted(), tmp_path),
              tmp_path / "built", SERIAL, 0)  # fmt: skip
    assert not (tmp_path / "built" / INDEX).exists()
