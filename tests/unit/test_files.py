from functools import partial

import pytest

from organode.errors import OrganodeError, UsageError
from organode.files import (
    alone,
    remove_unfinished,
    replacing,
    replacing_folder,
    write_json,
)


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("old")
    with pytest.raises(RuntimeError), replacing(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_the_old_folder_and_nothing_else(tmp_path):
    path = tmp_path / "report"
    path.mkdir()
    (path / "a").write_text("old")
    with pytest.raises(RuntimeError), replacing_folder(path, ["a"]) as temporary:
        (temporary / "a").write_text("half")
        raise RuntimeError
    assert (path / "a").read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / "report"
    for name in ("first", "second"):
        with replacing_folder(path, ["first", "sec*"]) as temporary:
            (temporary / name).write_text(name)
    assert [file.name for file in path.iterdir()] == ["second"]
    assert list(tmp_path.iterdir()) == [path]


def test_files_are_readable_as_usual(tmp_path):
    with replacing(tmp_path / "a") as temporary:
        temporary.write_text("")
    (tmp_path / "b").write_text("")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


def test_a_folder_that_holds_anything_else_is_never_replaced(tmp_path):
    (tmp_path / "thesis.docx").write_text("years of work")
    (tmp_path / "report.html").write_text("old")
    with pytest.raises(UsageError, match=r"thesis\.docx"), replacing_folder(tmp_path, ["*.html"]):
        pass
    assert (tmp_path / "thesis.docx").read_text() == "years of work"
    with (
        pytest.raises(UsageError, match="is a file"),
        replacing_folder(tmp_path / "thesis.docx", ["*"]),
    ):
        pass


@pytest.mark.parametrize("context", [replacing, partial(replacing_folder, ours=["*"])])
def test_where_nothing_can_be_written_one_sentence_says_so(tmp_path, context):
    (tmp_path / "file").write_text("a file, not a folder")
    with pytest.raises(OrganodeError, match="cannot write"), context(tmp_path / "file" / "out"):
        pass


def test_json_never_holds_what_is_no_json(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "a.json", {"x": float("nan")})
    assert not list(tmp_path.iterdir())


def test_a_result_whose_replacement_was_killed_halfway_comes_back(tmp_path):
    old = tmp_path / ".out.abcd1234.old/out"
    old.mkdir(parents=True)
    (old / "report.html").touch()
    (tmp_path / ".out.efgh5678.tmp").mkdir()
    remove_unfinished(tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out/report.html").exists()


def test_only_one_command_at_a_time(tmp_path):
    lock = tmp_path / ".out.lock"
    with (
        alone(tmp_path / "out", lock),
        pytest.raises(UsageError, match="another command is at"),
        alone(tmp_path / "out", lock),
    ):
        pass
    with alone(tmp_path / "out", lock):
        assert lock.exists()
    assert not lock.exists()
