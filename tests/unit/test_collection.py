"""Processes that run the tests side by side must collect the same ones, in the same order."""

import subprocess
import sys

import pytest

from helpers import COLLECTED, ROOT, environment


@pytest.mark.slow
def test_another_process_at_another_time_collects_the_same_tests(request, tmp_path):
    names = request.config.stash[COLLECTED]
    files = dict.fromkeys(str(ROOT / name.split("::")[0]) for name in names)
    # Sets are ordered by the seed; what was collected here was so in another second.
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider",
         "--rootdir", ROOT, "-c", ROOT / "pyproject.toml", *files],
        cwd=tmp_path, env=environment(PYTHONHASHSEED="4711", TZ="Asia/Seoul", TMPDIR=str(tmp_path)),
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    collected = [line for line in done.stdout.splitlines() if "::" in line]
    # In random order (`-p randomly`) the seed decides, which xdist gives to all of its workers.
    shuffled = request.config.pluginmanager.has_plugin("randomly")
    expected, found = (sorted(each) if shuffled else each for each in (names, collected))
    assert [name for name in found if name in set(names)] == expected
