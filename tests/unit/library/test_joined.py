"""Chunks that are read as one."""

import numpy as np

from organode.electrochemistry.stability.core_finder import core_finder
from organode.library.joined import joined
from screening import ListedLibrary

SMILES = [
    "O=C1C=CC(=O)C=C1",
    "junk",
    "CC(=O)[O-].[Na+]",
    "CCO",
    "",
    "CN1c2ccccc2Sc2ccccc21",
    "CC(=O)O",
]


def test_joined_chunks_read_like_one_chunk():
    have_core = core_finder().have_core
    (whole,) = (chunk.fingerprinted(have_core) for chunk in ListedLibrary(SMILES, 7).chunks())
    (parts,) = joined(ListedLibrary(SMILES, 2).chunks(), 4)
    read = parts.fingerprinted(have_core)
    for name in ("rows", "ids", "smiles", "status", "notes"):
        assert [*getattr(read, name)] == [*getattr(whole, name)]
    for name in ("good", "molar_mass", "has_core", "key"):
        np.testing.assert_array_equal(getattr(read, name), getattr(whole, name))
    assert (read.counts != whole.counts).nnz == 0
    assert read.counts.dtype == whole.counts.dtype
    assert (parts.n, parts.cap) == (7, "")


def test_last_joined_chunk_may_be_smaller():
    chunks = list(joined(ListedLibrary(SMILES, 2).chunks(), 3))
    assert [(chunk.number, chunk.n, len(chunk.parts)) for chunk in chunks] == [(0, 6, 3), (1, 1, 1)]
    assert list(joined(iter(()), 3)) == []
