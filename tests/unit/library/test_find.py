"""The library that a command line names."""

import pytest

from organode.errors import UsageError
from organode.library.build import build
from organode.library.built import BuiltLibrary
from organode.library.columns import Wanted
from organode.library.engine import Run
from organode.library.find import find_library
from organode.library.formats import DEFAULT_OPTIONS, ReadOptions
from organode.library.stream import Library


@pytest.fixture
def files(tmp_path):
    for name in ("a.smi", "b.smi"):
        (tmp_path / name).write_text("*CC(*)c1ccccc1\nCCO\n")
    return tmp_path


def find(folder, *names, cap=""):
    given = [str(folder / name) for name in names]
    return find_library(given, Wanted(), folder, ReadOptions(cap=cap))


@pytest.fixture
def built(files):
    """The name of a folder with a library that was built with a cap."""
    build(find(files, "a.smi", cap="methyl"), files / "built", Run("serial", 1, None), 0)
    return "built"


def test_files_are_a_library_of_files(files):
    for names in (["a.smi"], ["a.smi", "b.smi"], ["*.smi"]):
        library = find(files, *names)
        assert isinstance(library, Library)
        rows = sum(chunk.n for chunk in library.chunks())
        assert rows == (2 if names == ["a.smi"] else 4)


def test_folder_is_a_built_library(files, built):
    library = find(files, built)
    assert isinstance(library, BuiltLibrary)
    assert library.approximate_rows() == 2


def test_built_library_keeps_its_end_group(files, built):
    assert find(files, built).cap == "methyl"
    assert find(files, built, cap="methyl").cap == "methyl"
    with pytest.raises(UsageError, match="built was built with --cap methyl: build it again"):
        find(files, built, cap="H")


def test_library_built_without_end_group_cannot_be_given_one(files):
    build(find(files, "a.smi"), files / "plain", Run("serial", 1, None), 0)
    assert find(files, "plain").cap == ""
    with pytest.raises(UsageError, match="plain was built without --cap: build it again"):
        find(files, "plain", cap="H")


def test_folder_that_is_no_library_is_rejected_with_remedy(files):
    (files / "folder").mkdir()
    with pytest.raises(UsageError, match=r"folder holds no finished library: run `organode lib"):
        find(files, "folder")


def test_folder_beside_a_file_is_rejected(files, built):
    with pytest.raises(UsageError, match="built is a folder: name the files in it"):
        find(files, built, "a.smi")


@pytest.mark.parametrize("given", [["nothing.smi"], ["*.csv"]])
def test_missing_file_is_named(files, given):
    with pytest.raises(UsageError, match=given[0].replace("*", r"\*")):
        find_library([str(files / name) for name in given], Wanted(), files, DEFAULT_OPTIONS)
