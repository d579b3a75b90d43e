import errno
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from organode.errors import OrganodeError, UsageError
from organode.utils.files import (
    matching_files,
    remove_unfinished,
    replacing,
    replacing_folder,
    write_json,
)
from organode.utils.outputs import check_own, exclusive_lock, keep_apart, private_folder


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
    with (
        exclusive_lock(tmp_path / "out"),
        pytest.raises(UsageError, match="another command is at"),
        exclusive_lock(tmp_path / "out"),
    ):
        pass
    with exclusive_lock(tmp_path / "out"):
        assert (tmp_path / ".out.lock").exists()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("spelling", ["link", "../{name}/out", "./out", "folder/out"])
def test_one_output_has_one_lock_however_it_is_spelled(tmp_path, monkeypatch, spelling):
    monkeypatch.chdir(tmp_path)
    Path("link").symlink_to("out")
    Path("folder").symlink_to(tmp_path)
    with (
        exclusive_lock(Path("out")),
        pytest.raises(UsageError, match="another command is at"),
        exclusive_lock(Path(spelling.format(name=tmp_path.name))),
    ):
        pass


HOLD = """
import sys, time
from pathlib import Path
from organode.utils.outputs import exclusive_lock
with exclusive_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_killed_process_leaves_nothing_that_blocks(tmp_path):
    command = [sys.executable, "-c", HOLD, tmp_path / "out"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        with pytest.raises(UsageError, match="another command"), exclusive_lock(tmp_path / "out"):
            pass
        process.kill()
    with exclusive_lock(tmp_path / "out"):
        pass
    assert not list(tmp_path.iterdir())


COUNT = """
import sys, time
from pathlib import Path
from organode.errors import UsageError
from organode.utils.outputs import exclusive_lock
folder = Path(sys.argv[1])
done = 0
while done < 30:
    try:
        with exclusive_lock(folder / "out"):
            count = int((folder / "count").read_text())
            time.sleep(0.001)
            (folder / "count").write_text(str(count + 1))
            done += 1
    except UsageError:
        pass
"""


def test_no_two_processes_ever_hold_a_lock_that_comes_and_goes(tmp_path):
    (tmp_path / "count").write_text("0")
    processes = [subprocess.Popen([sys.executable, "-c", COUNT, tmp_path]) for _ in range(3)]
    assert [process.wait(120) for process in processes] == [0, 0, 0]
    assert (tmp_path / "count").read_text() == "90"
    assert [path.name for path in tmp_path.iterdir()] == ["count"]


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_a_lock_that_cannot_be_written_is_one_sentence(tmp_path, monkeypatch, number):
    def fail(*_args, **_more):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("filelock.FileLock.acquire", fail)
    with (
        pytest.raises(OrganodeError, match=str(tmp_path / "out")),
        exclusive_lock(tmp_path / "out"),
    ):
        pass


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_where_nothing_can_be_locked_the_work_is_done_all_the_same(
    tmp_path, monkeypatch, capsys, number
):
    def fail(*_args, **_more):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("filelock.FileLock.acquire", fail)
    with exclusive_lock(tmp_path / "out"):
        (tmp_path / "out").touch()
    assert "cannot be locked" in " ".join(capsys.readouterr().err.split())
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


LINKS = ["link.csv", "second.csv", "folder/link.csv"]


@pytest.mark.parametrize("dangling", [True, False])
@pytest.mark.parametrize("name", LINKS)
def test_a_symbolic_link_is_written_through(tmp_path, name, dangling):
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


def test_what_dvc_keeps_is_never_written_through(tmp_path):
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
def test_a_link_to_a_folder_is_written_through(tmp_path, exists):
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


@pytest.mark.parametrize(
    "context", [replacing, partial(replacing_folder, ours=["*"]), exclusive_lock]
)
@pytest.mark.parametrize("links", [{"a": "a"}, {"a": "b", "b": "a"}, {"a": "./c/../a"}])
def test_a_link_that_leads_to_itself_is_one_sentence(tmp_path, context, links):
    (tmp_path / "c").mkdir()
    for name, target in links.items():
        (tmp_path / name).symlink_to(target)
    with pytest.raises(UsageError, match="symbolic link that leads back"), context(tmp_path / "a"):
        pass


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_one_sentence_and_no_device_is_replaced(tmp_path):
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
def test_a_file_that_would_be_too_large_is_named(tmp_path, name):
    command = [sys.executable, "-c", LIMITED, tmp_path / name]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert f"{tmp_path / name} would be larger" in done.stdout
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "no space"), (errno.EDQUOT, "quota"), (errno.EIO, "input/output error")],
)
def test_a_disk_that_fails_meanwhile_keeps_the_old_file(tmp_path, number, words):
    path = tmp_path / "out.csv"
    path.write_text("old")
    with pytest.raises(OrganodeError, match=rf"{words}.*out\.csv|out\.csv.*{words}"):  # noqa: SIM117
        with replacing(path):
            raise OSError(number, os.strerror(number))
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EBUSY])
def test_a_target_that_another_program_holds_is_named(tmp_path, monkeypatch, number):
    def fail(*_args):
        raise OSError(number, os.strerror(number))

    path = tmp_path / "out.csv"
    path.write_text("old")
    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OrganodeError, match=r"out\.csv.*close the program"), replacing(path) as new:
        new.write_text("new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_defect_in_the_block_stays_one(tmp_path):
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "out.csv"):
        (tmp_path / "none").read_text()


@pytest.fixture
def inputs(tmp_path, monkeypatch):
    """A file of molecules under many names, in the working folder."""
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    Path("in/a.csv").write_text("smiles\nC\n")
    Path("hard.csv").hardlink_to("in/a.csv")
    Path("soft.csv").symlink_to("in/a.csv")
    Path("chain.csv").symlink_to("soft.csv")
    Path("linked").symlink_to("in")
    return tmp_path


SAME = [
    "in/a.csv", "./in/a.csv", "in/../in/a.csv", "in//a.csv", "hard.csv", "soft.csv", "chain.csv",
    "linked/a.csv", "{folder}/in/a.csv",
]  # fmt: skip


@pytest.mark.parametrize("out", SAME)
@pytest.mark.parametrize("given", ["in/a.csv", "soft.csv", "{folder}/hard.csv"])
def test_an_output_that_is_an_input_is_refused(inputs, given, out):
    with pytest.raises(UsageError, match=r"--out .* is the input .*: choose another name"):
        keep_apart(Path(out.format(folder=inputs)), ["other.csv", given.format(folder=inputs)])
    assert Path("in/a.csv").read_text() == "smiles\nC\n"


@pytest.mark.parametrize("out", ["in", "linked", ".", "in/../in", "{folder}", "/"])
@pytest.mark.parametrize("given", ["in/a.csv", "linked/a.csv", "in"])
def test_a_folder_that_is_or_holds_an_input_is_refused(inputs, given, out):
    if out == "/" and given == "in":
        given = str(inputs / "in")
    with pytest.raises(UsageError, match=r"(is|holds) the input"):
        keep_apart(Path(out.format(folder=inputs)), [given])


def test_a_link_in_the_output_folder_is_an_input_there(inputs):
    Path("out").mkdir()
    Path("out/link.csv").symlink_to("../in/a.csv")
    with pytest.raises(UsageError, match="holds the input"):
        keep_apart(Path("out"), ["out/link.csv"])


def test_an_output_inside_an_input_folder_is_refused(inputs):
    with pytest.raises(UsageError, match="lies in the input linked"):
        keep_apart(Path("in/report"), ["linked"])


@pytest.mark.parametrize(
    "given",
    [["CCO"], ["C" * 5_000], ["C\0"], ["in/a.csv"], ["-"], ["missing.csv"], ["/dev/null"], []],
)
def test_other_outputs_are_fine(inputs, given):
    for out in ("new.csv", "in/b.csv", "new", "CCO", "/dev/null"):
        keep_apart(Path(out), given)


def test_standard_input_is_an_input_too(inputs):
    script = (
        "import sys; from pathlib import Path; from organode.utils.outputs import keep_apart\n"
        "keep_apart(Path(sys.argv[1]), ['-'])"
    )
    for out, code in (("hard.csv", 1), ("new.csv", 0)):
        with open("in/a.csv") as stream:
            done = subprocess.run(
                [sys.executable, "-c", script, out],
                stdin=stream, capture_output=True, text=True, check=False,
            )  # fmt: skip
        assert done.returncode == code
        assert ("is the input from standard input" in done.stderr) == bool(code)


def test_patterns_are_files(inputs):
    assert sorted(matching_files(["in/*.csv", "CC", "*ard.csv", "none-*.csv"])) == [
        "CC", "hard.csv", "in/a.csv",
    ]  # fmt: skip


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
