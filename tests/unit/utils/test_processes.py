"""No process outlives the command that started it, however the command ends."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import Marked, wait_until

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")

WORKERS = """
import os, sys, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from organode.utils.processes import end_with_parent

if __name__ == "__main__":
    pool = ProcessPoolExecutor(2, get_context("spawn"), end_with_parent, (os.getpid(),))
    for _ in range(2):
        pool.submit(time.sleep, 3_600)
    time.sleep(3_600)
"""

PIECES = """
import os, sys, time
from dataclasses import dataclass
from organode.library.engine import Workers, run_chunks

def work(piece):
    time.sleep(3_600)

if __name__ == "__main__":
    run_chunks(Workers("processes", 2), iter(range(9)), work, print)
"""

SERVER = """
import os, sys
from organode.utils.processes import run_server, stop_on_signals

stop_on_signals()
inner = "import time; time.sleep(3_600)"
outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
sys.exit(run_server([sys.executable, "-c", outer], os.environ))
"""

DEAF = SERVER.replace("import time;", "import signal, time; signal.signal(15, signal.SIG_IGN);")


@pytest.mark.parametrize(
    ("script", "processes"),
    [(WORKERS, 3), (PIECES, 3), (SERVER, 4), (DEAF, 4)],
    ids=["pool", "pieces", "server", "server that ignores SIGTERM"],
)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_started_processes_end_with_their_parent(tmp_path, script, processes, number):
    (tmp_path / "run.py").write_text(script)
    marked = Marked([sys.executable, tmp_path / "run.py"], cwd=tmp_path)
    try:
        marked.wait_for_processes(processes)
        marked.started.send_signal(number)
        marked.started.wait()
        marked.wait_for_none()
    finally:
        marked.kill_all()


def test_exit_code_of_a_server_is_returned(tmp_path):
    (tmp_path / "run.py").write_text(
        "import os, sys\n"
        "from organode.utils.processes import run_server\n"
        "print(run_server([sys.executable, '-c', 'raise SystemExit(7)'], os.environ))\n"
    )
    done = subprocess.run(
        [sys.executable, tmp_path / "run.py"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "7\n"


COMMAND = """
import os, sys, time
from pathlib import Path
from organode.cli import main as cli
import organode.pipeline.featurize, organode.settings

def work(*_):
    try:
        Path("begun").touch()
        time.sleep(3_600)
    finally:
        Path("tidied").touch()

organode.settings.load_settings = lambda *_: None
organode.pipeline.featurize.featurize = work
sys.argv = ["organode", "featurize"]
cli.main()
"""


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)]
)
def test_signal_ends_a_command_like_ctrl_c(tmp_path, number, code):
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    wait_until((tmp_path / "begun").exists, process)
    process.send_signal(number)
    _, said = process.communicate()
    assert process.returncode == code
    assert (tmp_path / "tidied").exists()
    assert "start the same command again" in said
    assert "Traceback" not in said


def test_command_under_nohup_outlives_its_terminal(tmp_path):
    process = subprocess.Popen(
        ["nohup", sys.executable, "-c", COMMAND.replace("3_600", "1")],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until((tmp_path / "begun").exists, process)
    process.send_signal(signal.SIGHUP)
    assert process.wait() != 129
    assert (tmp_path / "tidied").exists()


@pytest.mark.parametrize("module", ["multiprocessing", "joblib", "organode", "mlflow"])
def test_modules_in_the_working_folder_are_not_imported(tmp_path, module):
    (tmp_path / module).mkdir()
    (tmp_path / module / "__init__.py").write_text("open('planted', 'w'); raise SystemExit(3)")
    script = (
        "import os, subprocess, sys\n"
        "from organode.cli import main as cli\n"
        "sys.argv = ['organode', '--version']\n"
        "try:\n    cli.main()\nexcept SystemExit:\n    pass\n"
        f"subprocess.run([sys.executable, '-c', 'import {module}'], check=True)\n"
    )
    source = tmp_path / "elsewhere"
    source.mkdir()
    (source / "run.py").write_text(script)
    done = subprocess.run([sys.executable, source / "run.py"], cwd=tmp_path, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "planted").exists()
