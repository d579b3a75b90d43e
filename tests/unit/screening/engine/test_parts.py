"""Finished chunks on disk: whose they are, and who may use them."""

import pytest

from organode.errors import UsageError
from organode.screening.engine.parts import Parts
from screening import FINISHED


def test_chunks_of_another_screening_are_deleted(tmp_path):
    with Parts.open(tmp_path / "out") as parts:
        parts.claim("one job")
        parts.store("whole").write(0, FINISHED[0])
    with Parts.open(tmp_path / "out") as parts:
        parts.claim("one job")
        assert parts.store("whole").done() == {0}
        parts.claim("another job")
        assert parts.store("whole").done() == set()
        parts.clear()
    assert not list(tmp_path.iterdir())


def test_two_commands_cannot_write_to_the_same_folder(tmp_path):
    other = tmp_path / ".out.EC.abcd1234.tmp"  # of a command whose result lies beside
    other.mkdir()
    with Parts.open(tmp_path / "out"):
        with pytest.raises(UsageError, match="another command"), Parts.open(tmp_path / "out"):
            pass
        (tmp_path / ".out.abcd1234.tmp").mkdir()
    with Parts.open(tmp_path / "out"):
        pass
    assert list(tmp_path.iterdir()) == [other]


def test_foreign_files_are_not_deleted(tmp_path):
    folder = tmp_path / ".out.parts"
    folder.mkdir(mode=0o700)
    (folder / "thesis.docx").write_text("years of work")
    with (
        pytest.raises(UsageError, match=r"holds thesis\.docx, which no screening"),
        Parts.open(tmp_path / "out") as parts,
    ):
        parts.claim("one job")
    assert (folder / "thesis.docx").read_text() == "years of work"


def test_chunks_in_a_folder_writable_by_others_are_not_read(tmp_path):
    with Parts.open(tmp_path / "out") as parts:
        parts.claim("one job")
        parts.store("whole").write(0, FINISHED[0])
    folder = tmp_path / ".out.parts"
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o770)
    with pytest.raises(UsageError, match="may be written by others"), Parts.open(tmp_path / "out"):
        pass
    folder.chmod(0o700)
    with Parts.open(tmp_path / "out") as parts:
        parts.claim("one job")
        assert parts.store("whole").done() == {0}
