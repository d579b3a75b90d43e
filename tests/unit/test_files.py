import os
from functools import partial

import pytest

from organode.errors import OrganodeError, UsageError
from organode.files import (
    alone,
    check_own,
    private_folder,
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


def test_a_private_folder_is_nobody_else_s(tmp_path):
    before = os.umask(0)
    try:
        private_folder(tmp_path / "deep" / "parts")
    finally:
        os.umask(before)
    assert (tmp_path / "deep" / "parts").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o700, 0o750, 0o755, 0o500])
def test_a_folder_that_others_could_only_read_is_taken_and_closed(tmp_path, mode):
    folder = tmp_path / "parts"
    folder.mkdir()
    (folder / "kept").touch()
    folder.chmod(mode)
    private_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "kept").exists()


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o775, 0o757, 0o1777, 0o722])
@pytest.mark.parametrize("check", [private_folder, check_own])
def test_what_others_may_write_is_not_trusted(tmp_path, mode, check):
    folder = tmp_path / "parts"
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(UsageError, match=r"parts may be written by others.*remove it"):
        check(folder)
    assert folder.stat().st_mode & 0o7777 == mode


@pytest.mark.parametrize("check", [private_folder, check_own])
def test_a_link_is_not_followed(tmp_path, check):
    (tmp_path / "theirs").mkdir(mode=0o755)
    (tmp_path / "parts").symlink_to(tmp_path / "theirs")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for name in ("parts", "dangling"):
        with pytest.raises(UsageError, match="is a link"):
            check(tmp_path / name)
    assert not (tmp_path / "nowhere").exists()
    assert (tmp_path / "theirs").stat().st_mode & 0o777 == 0o755


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("check", [private_folder, check_own])
def test_what_belongs_to_another_user_is_not_trusted(tmp_path, check):
    folder = tmp_path / "parts"
    folder.mkdir(mode=0o700)
    os.chown(folder, 65534, -1)
    with pytest.raises(UsageError, match="belongs to another user"):
        check(folder)


def test_a_file_in_the_place_of_a_private_folder_is_named(tmp_path):
    (tmp_path / "parts").touch(mode=0o600)
    with pytest.raises(UsageError, match="is a file"):
        private_folder(tmp_path / "parts")
