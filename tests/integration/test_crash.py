"""A library in C that crashes leaves the place where it was called, not silence."""

import subprocess
import sys

from helpers import environment

CRASHING = """
import ctypes

from organode.cli import main as cli


def app(**options):
    ctypes.string_at(0)


cli.app = app
cli.main()
"""


def test_a_crash_says_where(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", CRASHING],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode < 0
    assert "Segmentation fault" in done.stderr
    assert "main.py" in done.stderr
