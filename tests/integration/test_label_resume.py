"""A labelling run that is killed again and again ends with the table of an undisturbed run."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import environment, wait_until

CELLS = [
    "C", "CC", "C=C", "C#C", "CO", "C=O", "CN", "C#N", "CF", "CCl", "not a molecule", "CS", "CCO",
    "CC=O", "CC#N", "COC", "C=CC", "CC.C", "CCN", "OC=O", "c1ccccc1", "c1ccoc1",
]  # fmt: skip

SCRIPT = """
import sys
from pathlib import Path
from organode.label.engine import label_table

if __name__ == "__main__":
    label_table({cells!r}, Path(sys.argv[1]), solvent="acetonitrile", jobs=2)
"""


def records(partial: Path) -> list[dict]:
    """Whole lines after the first; a kill may have left half a line at the end."""
    if not partial.exists():
        return []
    lines = partial.read_text().split("\n")
    return [json.loads(line) for line in lines[1:-1]]


def workers(parent: int) -> set[int]:
    """The processes that `parent` started."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            if int(stat.rsplit(")", 1)[1].split()[1]) == parent:
                found.add(int(entry.name))
    return found


def alive(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")
def test_killed_again_and_again(tmp_path):
    script = tmp_path / "run.py"
    script.write_text(SCRIPT.format(cells=CELLS))

    def start(out: Path) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, script, out], env=environment(), stderr=subprocess.DEVNULL
        )

    undisturbed = tmp_path / "undisturbed.csv"
    assert start(undisturbed).wait() == 0

    out = tmp_path / "labels.csv"
    partial = tmp_path / "labels.csv.partial"
    before: list[dict] = []
    # At once, before any molecule is done, then after ever more of them.
    for wanted in (0, 1, 3, 5, 7, 9, 11, 13, 15, len(CELLS) - 4):
        process = start(out)
        wait_until(lambda wanted=wanted: len(records(partial)) >= wanted, process)
        assert process.poll() is None, "it ended before it could be killed"
        started = workers(process.pid)
        process.send_signal(signal.SIGKILL)
        process.wait()
        now = records(partial)
        assert now[: len(before)] == before, "a finished row was done again or lost"
        assert len({record["row"] for record in now}) == len(now) >= wanted
        assert not out.exists()
        before = now
        # A worker that outlived the run that started it would let this wait for ever.
        wait_until(lambda started=started: not any(map(alive, started)))
        if wanted == 7:  # what a kill in the middle of a write leaves
            with partial.open("a") as stream:
                stream.write('{"row": 21, "smiles": "c1cco')

    assert start(out).wait() == 0
    assert out.read_bytes() == undisturbed.read_bytes()
    assert not partial.exists()
    assert [path.name for path in tmp_path.glob("*labels*")] == ["labels.csv"]


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_a_polite_interrupt_keeps_what_is_done_and_another_input_is_refused(tmp_path):
    script = tmp_path / "run.py"
    cells = [*CELLS, *("C" * length for length in range(8, 20))]  # so that it is not done at once
    script.write_text(SCRIPT.format(cells=cells))
    out, partial = tmp_path / "labels.csv", tmp_path / "labels.csv.partial"
    process = subprocess.Popen(
        [sys.executable, script, out], env=environment(), stderr=subprocess.DEVNULL
    )
    wait_until(lambda: len(records(partial)) >= 2, process)
    assert process.poll() is None, "it ended before it could be interrupted"
    process.send_signal(signal.SIGINT)
    assert process.wait() != 0
    kept = partial.read_bytes()
    assert len(records(partial)) >= 2
    assert not out.exists()

    script.write_text(SCRIPT.format(cells=cells[:-1]))
    other = subprocess.run(
        [sys.executable, script, out], env=environment(), capture_output=True, text=True
    )
    assert other.returncode != 0
    assert "another input, level, solvent" in other.stderr
    assert partial.read_bytes() == kept
