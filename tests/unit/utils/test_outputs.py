"""Outputs are protected from replacing inputs, from other commands and from other users."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from organode.errors import OrganodeError, UsageError
from organode.utils.outputs import check_own, exclusive_lock, keep_apart, private_folder


def test_only_one_command_at_a_time_holds_the_lock(tmp_path):
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
def test_all_spellings_of_an_output_share_one_lock(tmp_path, monkeypatch, spelling):
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


def test_lock_ends_with_a_killed_process(tmp_path):
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


def test_no_two_processes_ever_hold_the_lock(tmp_path):
    (tmp_path / "count").write_text("0")
    processes = [subprocess.Popen([sys.executable, "-c", COUNT, tmp_path]) for _ in range(3)]
    assert [process.wait(120) for process in processes] == [0, 0, 0]
    assert (tmp_path / "count").read_text() == "90"
    assert [path.name for path in tmp_path.iterdir()] == ["count"]


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_unwritable_lock_file_is_reported(tmp_path, monkeypatch, number):
    def fail(*_args, **_more):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("filelock.FileLock.acquire", fail)
    with (
        pytest.raises(OrganodeError, match=str(tmp_path / "out")),
        exclusive_lock(tmp_path / "out"),
    ):
        pass


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_work_is_done_with_a_warning_if_locks_are_impossible(tmp_path, monkeypatch, capsys, number):
    def fail(*_args, **_more):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("filelock.FileLock.acquire", fail)
    with exclusive_lock(tmp_path / "out"):
        (tmp_path / "out").touch()
    assert "cannot be locked" in " ".join(capsys.readouterr().err.split())
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


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
def test_output_that_is_an_input_is_rejected(inputs, given, out):
    with pytest.raises(UsageError, match=r"--out .* is the input .*: choose another name"):
        keep_apart(Path(out.format(folder=inputs)), ["other.csv", given.format(folder=inputs)])
    assert Path("in/a.csv").read_text() == "smiles\nC\n"


@pytest.mark.parametrize("out", ["in", "linked", ".", "in/../in", "{folder}", "/"])
@pytest.mark.parametrize("given", ["in/a.csv", "linked/a.csv", "in"])
def test_output_folder_that_is_or_holds_an_input_is_rejected(inputs, given, out):
    if out == "/" and given == "in":
        given = str(inputs / "in")
    with pytest.raises(UsageError, match=r"(is|holds) the input"):
        keep_apart(Path(out.format(folder=inputs)), [given])


def test_link_in_the_output_folder_counts_as_an_input_there(inputs):
    Path("out").mkdir()
    Path("out/link.csv").symlink_to("../in/a.csv")
    with pytest.raises(UsageError, match="holds the input"):
        keep_apart(Path("out"), ["out/link.csv"])


def test_output_inside_an_input_folder_is_rejected(inputs):
    with pytest.raises(UsageError, match="lies in the input linked"):
        keep_apart(Path("in/report"), ["linked"])


@pytest.mark.parametrize(
    "given",
    [["CCO"], ["C" * 5_000], ["C\0"], ["in/a.csv"], ["-"], ["missing.csv"], ["/dev/null"], []],
)
def test_other_outputs_are_accepted(inputs, given):
    for out in ("new.csv", "in/b.csv", "new", "CCO", "/dev/null"):
        keep_apart(Path(out), given)


def test_redirected_standard_input_is_an_input(inputs):
    script = (
        "import sys; from pathlib import Path; from organode.utils.outputs import keep_apart\n"
        "keep_apart(Path(sys.argv[1]), ['-'])"
    )
    for out, code in (("hard.csv", 1), ("new.csv", 0)):
        with open("in/a.csv") as stream:
            done = subprocess.run(
                [sys.executable, "-c", script, out],
                stdin=stream,
                capture_output=True,
                text=True,
                check=False,
            )
        assert done.returncode == code
        assert ("is the input from standard input" in done.stderr) == bool(code)


def test_private_folder_is_closed_to_others(tmp_path):
    before = os.umask(0)
    try:
        private_folder(tmp_path / "deep" / "parts")
    finally:
        os.umask(before)
    assert (tmp_path / "deep" / "parts").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o700, 0o750, 0o755, 0o500])
def test_folder_readable_by_others_is_closed_to_them(tmp_path, mode):
    folder = tmp_path / "parts"
    folder.mkdir()
    (folder / "kept").touch()
    folder.chmod(mode)
    private_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "kept").exists()


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o775, 0o757, 0o1777, 0o722])
@pytest.mark.parametrize("check", [private_folder, check_own])
def test_folder_writable_by_others_is_rejected(tmp_path, mode, check):
    folder = tmp_path / "parts"
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(UsageError, match=r"parts may be written by others.*remove it"):
        check(folder)
    assert folder.stat().st_mode & 0o7777 == mode


@pytest.mark.parametrize("check", [private_folder, check_own])
def test_link_in_place_of_a_private_folder_is_rejected(tmp_path, check):
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
def test_folder_of_another_user_is_rejected(tmp_path, check):
    folder = tmp_path / "parts"
    folder.mkdir(mode=0o700)
    os.chown(folder, 65534, -1)
    with pytest.raises(UsageError, match="belongs to another user"):
        check(folder)


def test_file_in_place_of_a_private_folder_is_rejected(tmp_path):
    (tmp_path / "parts").touch(mode=0o600)
    with pytest.raises(UsageError, match="is a file"):
        private_folder(tmp_path / "parts")


def test_lock_of_a_link_that_leads_to_itself_is_rejected(tmp_path):
    (tmp_path / "a").symlink_to("a")
    with (
        pytest.raises(UsageError, match="symbolic link that leads back"),
        exclusive_lock(tmp_path / "a"),
    ):
        pass
