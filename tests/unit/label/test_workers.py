import errno
import os
import signal
from multiprocessing import active_children

import pytest

from organode.errors import OrganodeError
from organode.label import engine, workers, xtb
from organode.label.engine import label_table
from organode.label.method import Method
from organode.label.record import LabelError

CLUSTER = "more than one fragment (cluster, salt or solvate)"


class Bomb:
    """Kills the process that unpickles it: a molecule that crashes its worker."""

    def __reduce__(self):
        return os._exit, (1,)

    def __str__(self):
        return "bomb"

    def __call__(self):
        """A worker's initializer has to be callable."""


def test_molecule_that_kills_its_worker_affects_no_other(tmp_path):
    cells = ["C", "CC", Bomb(), "CCC", "CO", "C#N"]
    table = label_table(cells, tmp_path / "labels.csv", jobs=2)
    assert table["status"].tolist() == ["ok", "ok", "the computation crashed", "ok", "ok", "ok"]


def test_killed_worker_affects_no_molecule(tmp_path, monkeypatch):
    cells = ["C", "CC", "CO", "CN", "C=C", "C#C", "C#N", "C=O", "CF", "CCl", "CCO", "COC"]
    killed = []
    label_all = engine.label_all

    def disturbed(*arguments):
        for number, record in enumerate(label_all(*arguments)):
            yield record
            if number == 1:  # at most eight are submitted by now: work is left
                killed.append(active_children()[0].pid)
                os.kill(killed[0], signal.SIGKILL)

    monkeypatch.setattr(engine, "label_all", disturbed)
    table = label_table(cells, tmp_path / "labels.csv", jobs=2)
    assert len(killed) == 1
    assert (table["status"] == "ok").all()
    assert table["smiles"].tolist() == cells


def test_workers_that_cannot_start_are_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "end_with_parent", Bomb())  # unpickled as a worker starts
    with pytest.raises(OrganodeError, match="cannot start"):
        label_table(["C"], tmp_path / "labels.csv", jobs=1)
    assert not (tmp_path / "labels.csv").exists()


def test_unexpected_error_is_the_status(monkeypatch):
    def fail(molecule, solvent, *, adiabatic):
        raise KeyError("what\nis this")

    monkeypatch.setattr(xtb, "label", fail)
    record = workers.label_row(7, "CC", Method())
    assert record == {
        "row": 7,
        "smiles": "CC",
        "note": "",
        "status": r"unexpected error: KeyError: 'what\nis this'",
    }


def test_label_error_is_the_status(monkeypatch):
    def fail(molecule, solvent, *, adiabatic):
        raise LabelError("no conformer could be embedded")

    monkeypatch.setattr(xtb, "label", fail)
    assert workers.label_row(0, "CC", Method())["status"] == "no conformer could be embedded"


def test_missing_package_is_an_error(monkeypatch):
    def fail(molecule, solvent, *, adiabatic):
        raise ModuleNotFoundError("No module named 'tblite'")

    monkeypatch.setattr(xtb, "label", fail)
    with pytest.raises(ModuleNotFoundError):
        workers.label_row(0, "CC", Method())


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/tmp/xtb"), "no space is left"),
        (OSError(errno.EMFILE, "Too many open files"), "too many files"),
        (OSError(errno.EROFS, "Read-only file system", "/tmp/xtb"), "read-only"),
    ],
)
@pytest.mark.parametrize("wrapped", [False, True])
def test_lack_of_disk_or_files_is_an_error(monkeypatch, error, words, wrapped):
    def fail(molecule, solvent, *, adiabatic):
        if wrapped:
            raise LabelError("relaxation failed") from error
        raise error

    monkeypatch.setattr(xtb, "label", fail)
    with pytest.raises(OrganodeError, match=words):
        workers.label_row(0, "CC", Method())


def test_molecule_too_large_for_memory_affects_no_other(monkeypatch):
    def fail(molecule, solvent, *, adiabatic):
        raise MemoryError

    monkeypatch.setattr(xtb, "label", fail)
    status = workers.label_row(0, "CC", Method())["status"]
    assert status == "too little memory for this molecule"
