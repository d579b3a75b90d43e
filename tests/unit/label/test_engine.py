import errno
import json
import os
import random
import signal
import subprocess
import sys
from multiprocessing import active_children
from pathlib import Path

import pandas as pd
import pytest

from organode.errors import OrganodeError, UsageError
from organode.label import engine, xtb
from organode.label.engine import COLUMNS, Method, label_table
from organode.label.record import LabelError
from organode.utils.tables import read_csv

CLUSTER = "more than one fragment (cluster, salt or solvate)"


def ok(row, smiles, solvent=None):
    return {"row": row, "smiles": smiles, "status": "ok"}


class Bomb:
    """Kills the process that unpickles it: a molecule that crashes its worker."""

    def __reduce__(self):
        return os._exit, (1,)

    def __str__(self):
        return "bomb"

    def __call__(self):
        """A worker's initializer has to be callable."""


def test_bad_rows_have_reasons_and_good_rows_beside_them_labels(tmp_path):
    cells = ["C", "not a molecule", "", None, 3.5, "CC.CC", "[Na+].[Cl-]", "C[I]", "C[O]", "CO"]
    cells += ["CC(=O)[O-].CC", "O", "C"]
    table = label_table(cells, tmp_path / "labels.csv", jobs=2)
    assert list(table.columns) == COLUMNS
    assert list(table["row"]) == list(range(len(cells)))
    assert table["status"].tolist() == [
        "ok", "not a valid SMILES: white space within it", *["empty SMILES"] * 3,
        CLUSTER, CLUSTER, "element not covered: I", "ok",
        "ok", CLUSTER, "no carbon", "ok",
    ]  # fmt: skip
    good = table["status"] == "ok"
    assert table.loc[good, COLUMNS[4:]].notna().all(axis=None)
    assert table.loc[~good, COLUMNS[4:]].isna().all(axis=None)
    assert table.loc[0, "IE"] == table.loc[12, "IE"] != table.loc[9, "IE"]
    assert table.loc[[0, 9, 12], "unbound"].all()
    written = pd.read_csv(tmp_path / "labels.csv", keep_default_na=False)
    assert written["status"].tolist() == table["status"].tolist()
    assert float(written.loc[0, "IE"]) == round(table.loc[0, "IE"], 4)
    assert not (tmp_path / "labels.csv.partial").exists()


def test_a_molecule_that_kills_its_worker_costs_only_itself(tmp_path):
    cells = ["C", "CC", Bomb(), "CCC", "CO", "C#N"]
    table = label_table(cells, tmp_path / "labels.csv", jobs=2)
    assert table["status"].tolist() == ["ok", "ok", "the computation crashed", "ok", "ok", "ok"]


def test_a_worker_killed_from_outside_costs_nothing(tmp_path, monkeypatch):
    cells = ["C", "CC", "CO", "CN", "C=C", "C#C", "C#N", "C=O", "CF", "CCl", "CCO", "COC"]
    killed = []
    label_all = engine._label_all

    def disturbed(*arguments):
        for number, record in enumerate(label_all(*arguments)):
            yield record
            if number == 1:  # at most eight are submitted by now: work is left
                killed.append(active_children()[0].pid)
                os.kill(killed[0], signal.SIGKILL)

    monkeypatch.setattr(engine, "_label_all", disturbed)
    table = label_table(cells, tmp_path / "labels.csv", jobs=2)
    assert len(killed) == 1
    assert (table["status"] == "ok").all()
    assert table["smiles"].tolist() == cells


def test_workers_that_cannot_start_blame_no_molecule(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "end_with_parent", Bomb())  # unpickled as a worker starts
    with pytest.raises(OrganodeError, match="cannot start"):
        label_table(["C"], tmp_path / "labels.csv", jobs=1)
    assert not (tmp_path / "labels.csv").exists()


def test_an_unforeseen_error_is_a_reason(monkeypatch):
    def fail(molecule, solvent, *, adiabatic):
        raise KeyError("what\nis this")

    monkeypatch.setattr(xtb, "label", fail)
    record = engine._label_row(7, "CC", Method())
    assert record == {
        "row": 7, "smiles": "CC", "note": "",
        "status": r"unexpected error: KeyError: 'what\nis this'",
    }  # fmt: skip


def test_a_label_error_is_a_reason(monkeypatch):
    def fail(molecule, solvent, *, adiabatic):
        raise LabelError("no conformer could be embedded")

    monkeypatch.setattr(xtb, "label", fail)
    assert engine._label_row(0, "CC", Method())["status"] == "no conformer could be embedded"


def test_a_missing_package_is_nobodys_reason(monkeypatch):
    def fail(molecule, solvent, *, adiabatic):
        raise ModuleNotFoundError("No module named 'tblite'")

    monkeypatch.setattr(xtb, "label", fail)
    with pytest.raises(ModuleNotFoundError):
        engine._label_row(0, "CC", Method())


@pytest.mark.parametrize(
    ("method", "reason"),
    [
        ({"solvent": "treacle"}, "treacle"),
        ({"level": "b3lyp", "solvent": "acetone"}, "choose water or acetonitrile"),
        ({"level": "mp2"}, "no level 'mp2'"),
    ],
)
def test_wrong_wishes_are_refused_before_anything_runs(tmp_path, method, reason):
    with pytest.raises(UsageError, match=reason):
        label_table(["C"], tmp_path / "labels.csv", **method)
    assert list(tmp_path.iterdir()) == []


def test_unfinished_labels_of_another_version_are_no_part_of_a_table(monkeypatch):
    now = engine._identity(["C", "CC"], Method(solvent="water"))
    assert now == engine._identity(["C", "CC"], Method(solvent="water"))
    monkeypatch.setattr(engine, "code_digest", lambda *modules: f"another {modules}")
    assert now != engine._identity(["C", "CC"], Method(solvent="water"))


def test_every_option_of_b3lyp_has_an_identity():
    methods = [
        Method(level, solvent, adiabatic)
        for level, solvent, adiabatic in [
            ("xtb", None, False), ("b3lyp", None, False), ("b3lyp", "water", False),
            ("b3lyp", "acetonitrile", False), ("b3lyp", None, True), ("b3lyp", "water", True),
            ("xtb", None, True), ("xtb", "water", True),
        ]
    ]  # fmt: skip
    assert len({engine._identity(["C"], method) for method in methods}) == len(methods)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OrganodeError, match="cannot write"):
        label_table(["C"], tmp_path / "file" / "labels.csv")


@pytest.fixture
def interrupted(tmp_path):
    """A partial file of two finished rows of three, and the labelling of the rest replaced."""
    cells = ["C", "CC", "CCC"]
    partial = tmp_path / "labels.csv.partial"
    identity = engine._identity(cells, Method())
    lines = [json.dumps({"identity": identity}), json.dumps(ok(0, "C")), json.dumps(ok(2, "CCC"))]
    partial.write_text("\n".join(lines) + "\n")
    return cells, tmp_path / "labels.csv", partial


@pytest.fixture
def labelled_now(monkeypatch):
    rows = []

    def label_all(smiles, todo, method, jobs):
        for row in todo:
            rows.append(row)
            yield ok(row, smiles[row])

    monkeypatch.setattr(engine, "_label_all", label_all)
    return rows


def test_finished_rows_are_not_done_again(interrupted, labelled_now):
    cells, out, partial = interrupted
    table = label_table(cells, out)
    assert labelled_now == [1]
    assert table["smiles"].tolist() == cells
    assert not partial.exists()


@pytest.mark.parametrize("torn", ['{"row": 1, "smi', '{"row": 1, "smiles": "CC", "status": "ok"}'])
def test_a_torn_last_line_is_done_again(interrupted, monkeypatch, torn):
    cells, out, partial = interrupted
    with partial.open("a") as stream:
        stream.write(torn)
    rows = []

    def killed_after_one(smiles, todo, method, jobs):
        rows.extend(todo)
        yield ok(todo[0], smiles[todo[0]])
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "_label_all", killed_after_one)
    with pytest.raises(KeyboardInterrupt):
        label_table(cells, out)
    assert rows == [1]
    # What was appended is whole, although half a line stood there.
    monkeypatch.setattr(engine, "_label_all", lambda *_: iter(()))
    table = label_table(cells, out)
    assert table["row"].tolist() == [0, 1, 2]
    assert table["smiles"].tolist() == cells


def test_a_torn_first_line_is_a_new_start(interrupted, labelled_now):
    cells, out, partial = interrupted
    partial.write_text('{"identi')
    label_table(cells, out)
    assert labelled_now == [0, 1, 2]


@pytest.mark.parametrize(
    ("cells", "method"),
    [
        (["C", "CC", "CCCC"], {}),
        (["C", "CC"], {}),
        (["C", "CC", "CCC"], {"solvent": "acetonitrile"}),
        (["C", "CC", "CCC"], {"level": "b3lyp"}),
    ],
)
def test_a_partial_of_another_input_or_method_is_refused(interrupted, labelled_now, cells, method):
    _, out, partial = interrupted
    before = partial.read_bytes()
    with pytest.raises(OrganodeError, match="another input, level, solvent"):
        label_table(cells, out, **method)
    assert partial.read_bytes() == before
    assert labelled_now == []


@pytest.mark.parametrize("content", ["smiles,IE\nC,1\n", "[1]\n", '{"a": 1}\n', "\n"])
def test_a_file_that_is_no_partial_is_refused(interrupted, labelled_now, content):
    cells, out, partial = interrupted
    partial.write_text(content)
    with pytest.raises(OrganodeError, match="no file of unfinished labels"):
        label_table(cells, out)
    assert partial.read_text() == content


@pytest.fixture
def resumable(tmp_path, monkeypatch):
    """Twelve molecules, nine of them finished by an interrupted command; its partial file."""
    cells = [f"C{'C' * n}O" for n in range(12)]

    def label_all(smiles, todo, method, jobs):
        for row in todo:
            yield {
                "row": row, "smiles": smiles[row], "status": "ok", "IE": 8.25 + row / 7,
                "EA": -1.5 - row / 3, "unbound": True,
            }  # fmt: skip

    def interrupted(smiles, todo, method, jobs):
        for record in label_all(smiles, todo, method, jobs):
            if record["row"] == 9:
                raise KeyboardInterrupt
            yield record

    out = tmp_path / "labels.csv"
    monkeypatch.setattr(engine, "_label_all", interrupted)
    with pytest.raises(KeyboardInterrupt):
        label_table(cells, out)
    monkeypatch.setattr(engine, "_label_all", label_all)
    return cells, out, tmp_path / "labels.csv.partial"


def test_a_damaged_partial_file_is_one_sentence_and_never_other_labels(resumable, tmp_path):
    cells, out, partial = resumable
    whole = partial.read_bytes()
    label_table(cells, tmp_path / "undisturbed.csv")
    expected = (tmp_path / "undisturbed.csv").read_bytes()
    chance = random.Random(5)
    refused = 0
    for turn in range(200):
        content = bytearray(whole)
        if turn % 4:
            content[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        else:  # as a kill leaves it
            content = content[: chance.randrange(len(whole))]
        partial.write_bytes(content)
        try:
            label_table(cells, out)
        except OrganodeError as error:
            refused += 1
            assert turn % 4, "what a kill leaves is resumed"
            assert str(partial) in str(error)
            assert "remove it" in str(error)
            assert "\n" not in str(error)
            assert partial.read_bytes() == content
        else:
            assert out.read_bytes() == expected
    assert refused > 100


@pytest.mark.parametrize(
    "line",
    ['{"row": 1}', '{"row": 12, "status": "ok"}', '{"row": -1, "status": "ok"}', "[1]", "null",
     '{"row": "1", "status": "ok"}', '{"row": 1, "status": 2}', '{"status": "ok"}',
     '{"row": 1, "status": "ok", "IX": 1}', '{"row": 1, "status": "ok", "crc": 1}', "[" * 9999],
)  # fmt: skip
def test_a_line_that_no_labelling_wrote_is_refused(resumable, line):
    cells, out, partial = resumable
    with partial.open("a") as stream:
        stream.write(line + "\n")
    with pytest.raises(OrganodeError, match=r"labels\.csv\.partial is no file of"):
        label_table(cells, out)


@pytest.mark.parametrize("spelling", ["labels.csv", "link.csv", "./labels.csv"])
def test_two_labellings_of_one_output(tmp_path, monkeypatch, spelling):
    monkeypatch.chdir(tmp_path)
    Path("link.csv").symlink_to("labels.csv")

    def second(smiles, todo, method, jobs):
        before = sorted(path.name for path in tmp_path.iterdir())
        with pytest.raises(UsageError, match="another command is at"):
            label_table(["C", "CC", "CCC"], Path(spelling))
        assert sorted(path.name for path in tmp_path.iterdir()) == before
        for row in todo:
            yield ok(row, smiles[row])

    monkeypatch.setattr(engine, "_label_all", second)
    table = label_table(["C", "CC", "CCC"], Path("labels.csv"))
    assert table["row"].tolist() == [0, 1, 2]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["labels.csv", "link.csv"]


def test_an_output_that_is_a_folder_is_refused_before_the_work(tmp_path, labelled_now):
    (tmp_path / "labels").mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        label_table(["C"], tmp_path / "labels")
    assert labelled_now == []
    assert list(tmp_path.iterdir()) == [tmp_path / "labels"]


def test_no_cell_of_the_input_becomes_a_formula(tmp_path):
    cells = ["=cmd|' /C calc'!A0", "-C", "@SUM(1)", "+1+1"]
    label_table(cells, tmp_path / "labels.csv", jobs=1)
    assert pd.read_csv(tmp_path / "labels.csv")["smiles"].tolist() == [f"'{cell}" for cell in cells]
    assert read_csv(tmp_path / "labels.csv")["smiles"].tolist() == cells


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/tmp/xtb"), "no space is left"),
        (OSError(errno.EMFILE, "Too many open files"), "too many files"),
        (OSError(errno.EROFS, "Read-only file system", "/tmp/xtb"), "read-only"),
    ],
)
@pytest.mark.parametrize("wrapped", [False, True])
def test_what_the_machine_lacks_is_no_molecules_reason(monkeypatch, error, words, wrapped):
    def fail(molecule, solvent, *, adiabatic):
        if wrapped:
            raise LabelError("relaxation failed") from error
        raise error

    monkeypatch.setattr(xtb, "label", fail)
    with pytest.raises(OrganodeError, match=words):
        engine._label_row(0, "CC", Method())


def test_a_molecule_too_large_for_the_memory_costs_only_itself(monkeypatch):
    def fail(molecule, solvent, *, adiabatic):
        raise MemoryError

    monkeypatch.setattr(xtb, "label", fail)
    status = engine._label_row(0, "CC", Method())["status"]
    assert status == "too little memory for this molecule"


LIMITED = """
import resource, signal, sys
from pathlib import Path
from organode.errors import OrganodeError
from organode.label import engine

def label_all(smiles, todo, method, jobs):
    for row in todo:
        yield {"row": row, "smiles": smiles[row], "status": "ok", "IE": 8.5}

engine._label_all = label_all
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    engine.label_table(["C" * n for n in range(1, 100)], Path(sys.argv[1]))
except OrganodeError as error:
    print(error)
"""


def test_a_disk_that_is_full_in_the_middle_is_one_sentence_and_resumed(tmp_path):
    out = tmp_path / "labels.csv"
    for limit, words in ((3_000, "labels.csv.partial would be larger"), (10**6, "")):
        done = subprocess.run(
            [sys.executable, "-c", LIMITED, out, str(limit)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert words in done.stdout
        assert bool(done.stdout) == bool(words)
        assert not (tmp_path / ".labels.csv.lock").exists()
    assert "resuming after" in done.stderr
    assert len(pd.read_csv(out)) == 99


def test_a_device_is_no_partial_file(tmp_path, labelled_now):
    (tmp_path / "labels.csv.partial").symlink_to("/dev/zero")
    with pytest.raises(OrganodeError, match=r"\.partial is no file"):
        label_table(["C", "CC"], tmp_path / "labels.csv")
