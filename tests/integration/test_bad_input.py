"""What users get wrong: one clear sentence, the right exit code, nothing half-written."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from helpers import SMALL, free_port, organode, run_ok, set_params

OK = {"smiles": ["CCO", "c1ccccc1"], "IE": [8.0, 9.0], "EA": [0.1, 0.2]}


def failed(done, code, *parts):
    assert done.returncode == code, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
    error = done.stderr.strip().splitlines()[-1]
    assert error.startswith("error: "), done.stderr
    assert "Traceback" not in done.stderr
    for part in parts:
        assert part in done.stderr, done.stderr


@pytest.fixture
def empty(tmp_path, trained):
    """A project folder without any data of its own."""
    (tmp_path / "params.yaml").write_bytes((trained / "params.yaml").read_bytes())
    return tmp_path


@pytest.fixture
def with_xtb_reference(empty, trained):
    """The same with the labels that show curation the absolute scale."""
    shutil.copytree(trained / "data/embedded", empty / "data/embedded")
    return empty


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("name", "content", "parts"),
    [
        ("a.csv", "mol,IE,EA\nCCO,1,2\n", ["no column 'smiles'", "fetch.file.columns.smiles"]),
        ("a.csv", "smiles,IE\nCCO,1\n", ["no column 'EA'", "fetch.file.columns.EA"]),
        ("a.csv", "", ["is empty"]),
        ("a.csv", "smiles,IE,EA\n", ["no rows"]),
        ("a.csv", b"\x7fELF\x00\x01\x02\xff\xfe" * 50, ["not a text table"]),
        ("a.xlsx", b"\x00\x01 not a workbook", ["not an XLSX"]),
        ("a.parquet", b"PAR1 not a table", ["not a Parquet"]),
        ("a.docx", "text", ["unknown kind"]),
        ("gone.csv", None, ["does not exist"]),
    ],
)
def test_files_that_cannot_be_fetched(empty, name, content, parts, called):
    path = empty / name
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    before = files(empty)
    done = called(
        "fetch", "--set", "fetch.source=file", "--set", f"fetch.file.path={path}", cwd=empty
    )
    failed(done, 2, *parts, name)
    assert files(empty) == before


@pytest.mark.parametrize(
    ("columns", "parts"),
    [
        (OK | {"smiles": ["junk", "[Na+].[Cl-]"]}, ["none of the 2 rows", "row 0", "not a valid"]),
        (OK | {"IE": ["nan", ""], "EA": ["n/a", None]}, ["none of the 2 rows", "no label"]),
    ],
)
def test_tables_without_one_usable_row(with_xtb_reference, columns, parts, called, called_ok):
    empty = with_xtb_reference
    path = empty / "own.csv"
    pd.DataFrame(columns).to_csv(path, index=False)
    called_ok("fetch", "--set", "fetch.source=file", "--set", f"fetch.file.path={path}", cwd=empty)
    before = files(empty)
    failed(called("curate", cwd=empty), 1, *parts)
    assert files(empty) == before


def test_bad_rows_among_good_ones_cost_only_themselves(with_xtb_reference, called_ok):
    empty = with_xtb_reference
    table = pd.DataFrame(OK).loc[[0, 1] * 2]
    table["smiles"] = ["CCO", "broken(", "c1ccccc1", "CC"]
    table["IE"] = [8.0, 9.0, float("nan"), 10.0]
    table.to_csv(empty / "own.csv", index=False)
    called_ok("fetch", "--set", "fetch.source=file", "--set", "fetch.file.path=own.csv", cwd=empty)
    called_ok("curate", cwd=empty)
    rejected = pd.read_csv(empty / "data/curated/rejected.csv")
    assert rejected[["row", "input", "reason"]].to_numpy().tolist() == [
        [1, "broken(", "not a valid SMILES"]
    ]
    clean = pd.read_parquet(empty / "data/curated/molecules.parquet")
    assert clean["row"].tolist() == [0, 2, 3]


def test_a_xtb_reference_is_named(empty, called, called_ok):
    pd.DataFrame(OK).to_csv(empty / "own.csv", index=False)
    called_ok("fetch", "--set", "fetch.source=file", "--set", "fetch.file.path=own.csv", cwd=empty)
    failed(called("curate", cwd=empty), 1, "data/embedded/molecules.csv", "curate.xtb_reference")


def test_a_reference_column_that_was_not_fetched_is_named(empty, called, called_ok):
    pd.DataFrame(OK).to_csv(empty / "own.csv", index=False)
    fetch = ["fetch", "--set", "fetch.source=file", "--set", "fetch.file.path=own.csv"]
    called_ok(*fetch, cwd=empty)
    said = ["--set", "curate.reference=column:zero"]
    failed(called("curate", *said, cwd=empty), 2, "column:zero", "organode fetch")
    failed(called(*fetch, *said, cwd=empty), 2, "no column 'zero'", "curate.reference")
    failed(called("curate", "--set", "curate.reference=lithium", cwd=empty), 2, "lithium")


def test_a_wrong_key_stops_everything_before_it_begins(empty, called):
    text = (empty / "params.yaml").read_text().replace("n_trials", "n_trails")
    (empty / "params.yaml").write_text(text)
    before = files(empty)
    for stage in (["fetch"], ["search", "IE"], ["screen", "x.csv", "--out", "o"]):
        failed(called(*stage, cwd=empty), 2, "search.n_trails", "did you mean 'n_trials'?")
    assert files(empty) == before


def test_a_stage_without_its_input_names_the_stage_before(empty, called):
    for stage, before in (("curate", "fetch"), ("split", "curate"), ("featurize", "curate")):
        failed(called(stage, cwd=empty), 1, "is missing", f"organode {before}")
    failed(called("search", "IE", cwd=empty), 1, "organode curate")


def test_no_registered_model(empty, called, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{empty}/mlflow.db")
    (empty / "a.smi").write_text("CCO\n")
    done = called("screen", "a.smi", "--out", "out", cwd=empty)
    failed(done, 1, "no model organode-IE@champion", "dvc repro")
    assert not (empty / "out").exists()


def test_no_api_key(empty, called):
    before = files(empty)
    done = called("fetch", "--set", "fetch.source=materials-project", cwd=empty)
    failed(done, 2, "MP_API_KEY")
    assert files(empty) == before


@pytest.mark.parametrize("stage", [pytest.param("search", marks=pytest.mark.slow), "train"])
def test_a_tracking_server_that_is_not_there_is_noticed_first(project, stage):
    host = f"127.0.0.1:{free_port()}"
    before = files(project)
    done = organode(
        stage,
        "IE",
        cwd=project,
        MLFLOW_HTTP_REQUEST_MAX_RETRIES="1",
        MLFLOW_TRACKING_URI=f"http://someone:s3cret@{host}",
    )
    failed(done, 1, f"http://{host}", "cannot be reached", "MLFLOW_TRACKING_URI")
    assert "s3cret" not in done.stdout + done.stderr
    assert files(project) - before <= {".organode/studies.db"}


def test_an_output_that_cannot_be_written(project, called):
    (project / "file").write_text("in the way")
    (project / "a.smi").write_text("CCO\n")
    for command in (
        ["screen", "a.smi", "--out", "file/out"],
        ["predict", "a.smi", "--out", "file/out.csv"],
        ["label", "a.smi", "--out", "file/out.csv"],
    ):
        failed(called(*command, cwd=project), 1, "cannot write")
    assert (project / "file").read_text() == "in the way"
    assert not [name for name in files(project) if name.endswith(".tmp")]


def test_a_read_only_folder(trained, tmp_path, as_user):
    (tmp_path / "a.smi").write_text("CCO\n")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    for command, name in (("screen", "out"), ("predict", "out.csv"), ("label", "out.csv")):
        done = organode(
            command, tmp_path / "a.smi", "--out", closed / name, cwd=trained, through=as_user
        )
        failed(done, 1, "cannot open or write", "permission denied")
    assert not list(closed.iterdir())


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["screen", "a.smi", "--out", "o", "--solvent", "H2O"], ["unknown solvent 'H2O'", "ACN"]),
        (["screen", "a.smi", "--out", "o", "--collector", "Fe"], ["unknown collector", "Al"]),
        (["screen", "a.csv", "--out", "o", "--column", "mol"], ["no column 'mol'", "--column"]),
        (["predict", "a.smi", "--out", "o.docx"], ["must end in .csv or .parquet"]),
        (["predict", "gone.smi", "--out", "o.csv"], ["does not exist"]),
        (["predict", "empty.csv", "--out", "o.csv"], ["has no row"]),
    ],
)
def test_wrong_use_of_a_command(trained, tmp_path, arguments, parts, called):
    (tmp_path / "params.yaml").write_bytes((trained / "params.yaml").read_bytes())
    (tmp_path / "a.smi").write_text("CCO\n")
    (tmp_path / "a.csv").write_text("smiles\nCCO\n")
    (tmp_path / "empty.csv").write_text("smiles\n")
    before = files(tmp_path)
    failed(called(*arguments, cwd=tmp_path), 2, *parts)
    assert files(tmp_path) == before


def test_wrong_words_are_wrong_use(tmp_path):
    for arguments in (["serch", "IE"], ["search", "IP"], ["screen"], ["search", "IE", "--trials"]):
        assert organode(*arguments, cwd=tmp_path).returncode == 2


def test_a_table_with_one_target_runs_for_that_target(
    tmp_path, embedded, trained, called, called_ok
):
    (tmp_path / "params.yaml").write_bytes((trained / "params.yaml").read_bytes())
    embedded.head(200)[["smiles", "EA"]].to_excel(tmp_path / "own.xlsx", index=False)
    set_params(
        tmp_path, *SMALL, "search.n_trials=1", "search.epochs=2", "targets=[EA]",
        "fetch.source=file", "fetch.file.path=own.xlsx", "fetch.file.columns.IE=null",
    )  # fmt: skip
    for stage in ("fetch", "curate", "split", "featurize", "search EA"):
        called_ok(*stage.split(), cwd=tmp_path)
    failed(called("search", "IE", cwd=tmp_path), 1, "only 0 rows have a label IE", "'targets'")


def test_debug_shows_the_traceback(tmp_path):
    done = organode("--debug", "curate", cwd=tmp_path)
    assert "Traceback" in done.stderr


def test_quiet_says_only_the_result(trained, tmp_path):
    (tmp_path / "a.smi").write_text("CCO\n")
    done = run_ok(
        "--quiet", "predict", tmp_path / "a.smi", "--out", tmp_path / "o.csv", cwd=trained
    )
    assert done.stderr == ""
