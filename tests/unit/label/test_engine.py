import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from organode.errors import OrganodeError, UsageError
from organode.label import engine
from organode.label.engine import label_table
from organode.label.method import COLUMNS
from organode.utils.tables import read_csv

CLUSTER = "more than one fragment (cluster, salt or solvate)"


def labelled(row, smiles):
    return {"row": row, "smiles": smiles, "status": "ok"}


@pytest.fixture
def labelled_now(monkeypatch):
    rows = []

    def label_all(smiles, todo, method, jobs, stop):
        for row in todo:
            rows.append(row)
            yield labelled(row, smiles[row])

    monkeypatch.setattr(engine, "label_all", label_all)
    return rows


def test_invalid_rows_have_reasons_and_valid_rows_labels(tmp_path):
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


@pytest.mark.parametrize(
    ("method", "reason"),
    [
        ({"solvent": "treacle"}, "treacle"),
        ({"level": "b3lyp", "solvent": "acetone"}, "choose water or acetonitrile"),
        ({"level": "mp2"}, "no level 'mp2'"),
    ],
)
def test_invalid_method_is_rejected_first(tmp_path, method, reason):
    with pytest.raises(UsageError, match=reason):
        label_table(["C"], tmp_path / "labels.csv", **method)
    assert list(tmp_path.iterdir()) == []


def test_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OrganodeError, match="cannot write"):
        label_table(["C"], tmp_path / "file" / "labels.csv")


@pytest.mark.parametrize("spelling", ["labels.csv", "link.csv", "./labels.csv"])
def test_second_labelling_of_the_same_output_is_rejected(tmp_path, monkeypatch, spelling):
    monkeypatch.chdir(tmp_path)
    Path("link.csv").symlink_to("labels.csv")

    def second(smiles, todo, method, jobs, stop):
        before = sorted(path.name for path in tmp_path.iterdir())
        with pytest.raises(UsageError, match="another command is at"):
            label_table(["C", "CC", "CCC"], Path(spelling))
        assert sorted(path.name for path in tmp_path.iterdir()) == before
        for row in todo:
            yield labelled(row, smiles[row])

    monkeypatch.setattr(engine, "label_all", second)
    table = label_table(["C", "CC", "CCC"], Path("labels.csv"))
    assert table["row"].tolist() == [0, 1, 2]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["labels.csv", "link.csv"]


def test_output_that_is_a_folder_is_rejected_first(tmp_path, labelled_now):
    (tmp_path / "labels").mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        label_table(["C"], tmp_path / "labels")
    assert labelled_now == []
    assert list(tmp_path.iterdir()) == [tmp_path / "labels"]


def test_no_cell_becomes_a_formula(tmp_path):
    cells = ["=cmd|' /C calc'!A0", "-C", "@SUM(1)", "+1+1"]
    label_table(cells, tmp_path / "labels.csv", jobs=1)
    assert pd.read_csv(tmp_path / "labels.csv")["smiles"].tolist() == [f"'{cell}" for cell in cells]
    assert read_csv(tmp_path / "labels.csv")["smiles"].tolist() == cells


LIMITED = """
import resource, signal, sys
from pathlib import Path
from organode.errors import OrganodeError
from organode.label import engine

def label_all(smiles, todo, method, jobs, stop):
    for row in todo:
        yield {"row": row, "smiles": smiles[row], "status": "ok", "IE": 8.5}

engine.label_all = label_all
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    engine.label_table(["C" * n for n in range(1, 100)], Path(sys.argv[1]))
except OrganodeError as error:
    print(error)
"""


def test_full_disk_is_an_error_and_labelling_is_resumed(tmp_path):
    out = tmp_path / "labels.csv"
    for limit, words in ((3_000, "labels.csv.partial would be larger"), (10**6, "")):
        done = subprocess.run(
            [sys.executable, "-c", LIMITED, out, str(limit)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert words in done.stdout
        assert bool(done.stdout) == bool(words)
        assert not (tmp_path / ".labels.csv.lock").exists()
    assert "resuming after" in done.stderr
    assert len(pd.read_csv(out)) == 99


def test_time_of_each_molecule_is_recorded_if_asked_for(tmp_path):
    table = label_table(["C", "not a molecule", "CCO"], tmp_path / "labels.csv", jobs=1, timed=True)
    assert list(table.columns) == [*COLUMNS, "seconds"]
    assert table["seconds"].gt(0).tolist()[::2] == [True, True]


def test_labelling_that_is_stopped_keeps_what_is_finished(tmp_path, monkeypatch):
    finished = []

    def line(record):
        finished.append(record["row"])
        return partial_line(record)

    partial_line = engine.line
    monkeypatch.setattr(engine, "line", line)
    cells = ["C" * length for length in range(1, 40)]
    table = label_table(cells, tmp_path / "labels.csv", jobs=1, stop=lambda: len(finished) >= 2)
    done = table["status"] == "ok"
    assert table.index[done].tolist() == sorted(finished)
    assert 2 <= done.sum() < len(cells)
    assert (table.loc[~done, "status"] == engine.NOT_COMPUTED).all()
    assert table.loc[~done, "IE"].isna().all()
    assert not (tmp_path / "labels.csv.partial").exists()
