"""Files are whole or absent, whatever happens while they are written."""

import errno
import hashlib
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from organode.errors import OrganodeError, UsageError
from organode.utils.files import (
    digest,
    matching_files,
    md5,
    remove_unfinished,
    replacing,
    replacing_folder,
    sha256,
    write_json,
)


def test_failure_leaves_only_the_old_file(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("old")
    with pytest.raises(RuntimeError), replacing(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_failure_leaves_only_the_old_folder(tmp_path):
    path = tmp_path / "report"
    path.mkdir()
    (path / "a").write_text("old")
    with pytest.raises(RuntimeError), replacing_folder(path, ["a"]) as temporary:
        (temporary / "a").write_text("half")
        raise RuntimeError
    assert (path / "a").read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_folder_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / "report"
    for name in ("first", "second"):
        with replacing_folder(path, ["first", "sec*"]) as temporary:
            (temporary / name).write_text(name)
    assert [file.name for file in path.iterdir()] == ["second"]
    assert list(tmp_path.iterdir()) == [path]


def test_files_have_the_usual_permissions(tmp_path):
    with replacing(tmp_path / "a") as temporary:
        temporary.write_text("")
    (tmp_path / "b").write_text("")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


def test_folder_with_foreign_files_is_never_replaced(tmp_path):
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
def test_unwritable_path_is_reported(tmp_path, context):
    (tmp_path / "file").write_text("a file, not a folder")
    with pytest.raises(OrganodeError, match="cannot write"), context(tmp_path / "file" / "out"):
        pass


def test_nan_is_rejected_in_json(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "a.json", {"x": float("nan")})
    assert not list(tmp_path.iterdir())


def test_earlier_result_comes_back_after_an_interrupted_replacement(tmp_path):
    old = tmp_path / ".out.abcd1234.old/out"
    old.mkdir(parents=True)
    (old / "report.html").touch()
    (tmp_path / ".out.efgh5678.tmp").mkdir()
    remove_unfinished(tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out/report.html").exists()


LINKS = ["link.csv", "second.csv", "folder/link.csv"]


@pytest.mark.parametrize("dangling", [True, False])
@pytest.mark.parametrize("name", LINKS)
def test_target_of_a_symbolic_link_is_replaced(tmp_path, name, dangling):
    (tmp_path / "elsewhere").mkdir()
    target = tmp_path / "elsewhere" / "real.csv"
    if not dangling:
        target.write_text("old")
    (tmp_path / "link.csv").symlink_to(Path("elsewhere/real.csv"))
    (tmp_path / "second.csv").symlink_to("link.csv")
    (tmp_path / "folder").symlink_to(tmp_path)
    with replacing(tmp_path / name) as temporary:
        assert temporary.parent == target.parent  # so that it can be moved there at once
        temporary.write_text("new")
    assert (tmp_path / name).is_symlink()
    assert target.read_text() == "new"
    assert not target.is_symlink()
    assert [path.name for path in target.parent.iterdir()] == ["real.csv"]


def test_file_in_the_cache_of_dvc_is_never_written(tmp_path):
    kept = tmp_path / "cache/files/md5/1a" / ("0b" * 15)
    kept.parent.mkdir(parents=True)
    kept.write_text("kept")
    (tmp_path / "table.csv").symlink_to(kept)
    with replacing(tmp_path / "table.csv") as temporary:
        temporary.write_text("new")
    assert kept.read_text() == "kept"
    assert (tmp_path / "table.csv").read_text() == "new"
    assert not (tmp_path / "table.csv").is_symlink()


@pytest.mark.parametrize("exists", [True, False])
def test_target_of_a_link_to_a_folder_is_replaced(tmp_path, exists):
    target, link = tmp_path / "elsewhere" / "report", tmp_path / "out"
    if exists:
        target.mkdir(parents=True)
        (target / "a").write_text("old")
    link.symlink_to(target)
    with replacing_folder(link, ["a"]) as temporary:
        (temporary / "a").write_text("new")
    assert link.is_symlink()
    assert (target / "a").read_text() == "new"
    assert [path.name for path in target.parent.iterdir()] == ["report"]


@pytest.mark.parametrize("context", [replacing, partial(replacing_folder, ours=["*"])])
@pytest.mark.parametrize("links", [{"a": "a"}, {"a": "b", "b": "a"}, {"a": "./c/../a"}])
def test_link_that_leads_to_itself_is_rejected(tmp_path, context, links):
    (tmp_path / "c").mkdir()
    for name, target in links.items():
        (tmp_path / name).symlink_to(target)
    with pytest.raises(UsageError, match="symbolic link that leads back"), context(tmp_path / "a"):
        pass


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_full_disk_is_reported_and_no_device_is_replaced(tmp_path):
    (tmp_path / "out.csv").symlink_to("/dev/full")
    with (
        pytest.raises(OrganodeError, match=r"no space is left on the disk for .*out\.csv"),
        replacing(tmp_path / "out.csv") as temporary,
    ):
        temporary.write_text("much")
    assert not Path("/dev/full").is_file()
    (tmp_path / "null.csv").symlink_to("/dev/null")
    with replacing(tmp_path / "null.csv") as temporary:
        temporary.write_text("nothing")
    assert not Path("/dev/null").is_file()


LIMITED = """
import resource, signal, sys
from pathlib import Path
from organode.errors import OrganodeError
from organode.utils.files import replacing, replacing_folder
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
out = Path(sys.argv[1])
try:
    if out.suffix:
        with replacing(out) as temporary:
            temporary.write_bytes(bytes(10_000))
    else:
        with replacing_folder(out, ["*"]) as temporary:
            (temporary / "a").write_bytes(bytes(10_000))
except OrganodeError as error:
    print(error)
"""


@pytest.mark.parametrize("name", ["out.csv", "out"])
def test_too_large_file_is_reported_by_name(tmp_path, name):
    command = [sys.executable, "-c", LIMITED, tmp_path / name]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert f"{tmp_path / name} would be larger" in done.stdout
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "no space"), (errno.EDQUOT, "quota"), (errno.EIO, "input/output error")],
)
def test_failing_disk_keeps_the_old_file(tmp_path, number, words):
    path = tmp_path / "out.csv"
    path.write_text("old")
    with pytest.raises(OrganodeError, match=rf"{words}.*out\.csv|out\.csv.*{words}"):  # noqa: SIM117
        with replacing(path):
            raise OSError(number, os.strerror(number))
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EBUSY])
def test_target_held_by_another_program_is_reported(tmp_path, monkeypatch, number):
    def fail(*_args):
        raise OSError(number, os.strerror(number))

    path = tmp_path / "out.csv"
    path.write_text("old")
    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OrganodeError, match=r"out\.csv.*close the program"), replacing(path) as new:
        new.write_text("new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_other_exceptions_in_the_block_are_unchanged(tmp_path):
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "out.csv"):
        (tmp_path / "none").read_text()


def test_patterns_are_expanded_and_names_kept(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("in/a.csv", "hard.csv", "[x].csv"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).touch()
    assert sorted(matching_files(["in/*.csv", "CC", "*ard.csv", "none-*.csv", "[x].csv"])) == [
        "CC",
        "[x].csv",
        "hard.csv",
        "in/a.csv",
    ]


def test_digests_are_those_of_the_standard(tmp_path):
    content = b"abc" * 1_000_000
    (tmp_path / "a").write_bytes(content)
    assert sha256(tmp_path / "a") == hashlib.sha256(content).hexdigest()
    assert md5(tmp_path / "a") == hashlib.md5(content).hexdigest()
    assert digest([tmp_path / "a"]) == hashlib.sha256(b"a" + content).hexdigest()
