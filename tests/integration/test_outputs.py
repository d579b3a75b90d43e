"""What commands write: never over an input, never two at once; what a machine lacks is said."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from embedded_set.commands import commands
from helpers import ROOT, environment, set_params
from organode.cli import main as cli
from organode.utils.outputs import exclusive_lock
from organode.utils.tables import read_csv


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A project folder with a few files that are somebody's, as the working folder."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "params.yaml", tmp_path)
    for name in ("in.csv", "screened/candidates.csv", "data/curated/molecules.parquet", "dvc.lock",
                 "data/raw/molecules.parquet", "results/train/IE/ensemble.json",
                 "data/embedded/failures.csv", "pool.csv", "labels.csv"):  # fmt: skip
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("smiles\nCCO\n")
    Path("hard.csv").hardlink_to("in.csv")
    Path("soft.csv").symlink_to("in.csv")
    return tmp_path


def run(monkeypatch, capsys, *arguments) -> tuple[int, str]:
    """Run a command in this process; return its exit code and its error."""
    program = "embedded" if arguments[0] == "embedded" else "organode"
    words = arguments[1:] if program == "embedded" else arguments
    monkeypatch.setattr(sys, "argv", [program, *map(str, words)])
    with pytest.raises(SystemExit) as stop:
        cli.run(commands if program == "embedded" else cli.app)
    code = stop.value.code
    return code if isinstance(code, int) else 0, " ".join(capsys.readouterr().err.split())


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.parametrize(
    "arguments",
    [
        *(["predict", "in.csv", "--out", out] for out in ("in.csv", "./in.csv", "hard.csv",
                                                          "data/../in.csv", "soft.csv")),
        ["predict", "soft.csv", "--out", "in.csv"],
        ["label", "in.csv", "--out", "in.csv"],
        ["label", "soft.csv", "--out", "hard.csv"],
        ["screen", "in.csv", "--out", "in.csv"],
        ["screen", "screened/candidates.csv", "--out", "screened"],
        ["screen", "screened/*.csv", "--out", "screened"],
        ["screen", "screened/candidates.csv", "--out", "data/../screened/."],
        ["screen", "in.csv", "--verify", "1", "--out", "data/embedded", "--set",
         "curate.xtb_reference=data/embedded/failures.csv"],
        ["library", "build", "in.csv", "--out", "in.csv"],
        ["library", "build", "in.csv", "screened/*.csv", "--out", "screened"],
        ["data", "diff", "HEAD", "--csv", "data/curated/molecules.parquet"],
        ["data", "diff", "HEAD", "--csv", "data/curated/../curated/molecules.parquet"],
        ["data", "diff", "HEAD", "--raw", "--csv", "data/raw/molecules.parquet"],
        ["data", "diff", "HEAD", "--csv", "dvc.lock"],
        ["train", "IE", "--best", "results/train/IE/ensemble.json"],
        ["fetch", "--set", "fetch.source=file", "--set",
         "fetch.file.path=data/raw/molecules.parquet"],
        ["curate", "--set", "curate.xtb_reference=data/curated/molecules.parquet"],
        ["embedded", "integrals", "in.csv", "--out", "soft.csv"],
        ["embedded", "join", "pool.csv", "data/embedded/failures.csv", "--dft", "labels.csv",
         "--out", "data/embedded"],
    ],
    ids=lambda arguments: " ".join(arguments)[:70],
)  # fmt: skip
def test_an_output_that_is_an_input_is_refused(here, monkeypatch, capsys, arguments):
    before = contents(here)
    code, error = run(monkeypatch, capsys, *arguments)
    assert code == 2, error
    assert error.startswith("error: ")
    assert "the input" in error
    assert "choose another" in error
    assert contents(here) == before
    assert Path("soft.csv").is_symlink()


@pytest.mark.parametrize(
    ("arguments", "held", "lock"),
    [
        (["fetch"], "data/raw", ".organode/fetch.lock"),
        (["curate"], "data/curated", ".organode/curate.lock"),
        (["split"], "data/splits.parquet", ".organode/split.lock"),
        (["featurize"], "data/features", ".organode/featurize.lock"),
        (["train", "IE"], "results/train/IE", ".organode/train-IE.lock"),
        (["calibrate", "EA"], "results/calibrate/EA", ".organode/calibrate-EA.lock"),
        (["evaluate", "IE"], "results/evaluate/IE", ".organode/evaluate-IE.lock"),
        (["register", "EA"], "results/register/EA", ".organode/register-EA.lock"),
        (["predict", "in.csv", "--out", "out.csv"], "out.csv", None),
        (["label", "in.csv", "--out", "./out.csv"], "out.csv", None),
        (["library", "build", "in.csv", "--out", "data/../out"], "out", None),
        (["screen", "in.csv", "--out", "out"], "out", None),
        (["embedded", "pool", "--out", "work"], "work", None),
        (["embedded", "integrals", "in.csv", "--out", "out.json"], "out.json", None),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_the_second_command_at_an_output_says_so_at_once(
    here, monkeypatch, capsys, arguments, held, lock
):
    before = contents(here)
    with exclusive_lock(Path(held), Path(lock) if lock else None):
        code, error = run(monkeypatch, capsys, *arguments)
    assert code == 2, error
    assert "another command is at" in error
    assert contents(here) == before


def test_different_stages_and_targets_do_not_wait_for_each_other(here, monkeypatch, capsys):
    with exclusive_lock(Path("results/train/IE"), Path(".organode/train-IE.lock")):
        code, error = run(monkeypatch, capsys, "train", "EA")
    assert code == 1
    assert "is missing" in error or "is damaged" in error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "out.csv"), "no space is left"),
        (OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)), "quota"),
        (PermissionError(errno.EACCES, "Permission denied", "out.csv"), "close the program"),
        (MemoryError(), "too little memory"),
        (OSError(errno.EMFILE, "Too many open files"), "too many files"),
    ],
)
@pytest.mark.parametrize("stage", ["fetch", "featurize"])
def test_what_the_machine_lacks_is_never_unexpected(here, monkeypatch, capsys, error, words, stage):
    def fail(*_args, **_more):
        raise RuntimeError("passed on") from error

    monkeypatch.setattr(f"organode.pipeline.{stage}.{stage}", fail)
    code, said = run(monkeypatch, capsys, stage)
    assert code == 1
    assert words in said
    assert "unexpected" not in said


def test_a_defect_is_still_unexpected(here, monkeypatch, capsys):
    def fail(*_args, **_more):
        raise KeyError("IE")

    monkeypatch.setattr("organode.pipeline.fetch.fetch", fail)
    code, said = run(monkeypatch, capsys, "fetch")
    assert code == 1
    assert "unexpected KeyError" in said


LIMITED = """
import resource, signal, sys
from organode.cli.main import main
kind, limit = sys.argv.pop(1), int(sys.argv.pop(1))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(getattr(resource, kind), (limit, limit))
main()
"""


def limited(kind: str, limit: int, *arguments: str, cwd: Path) -> str:
    """Return the last line that a command says that may use only so much."""
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, kind, str(limit), *arguments],
        cwd=cwd, env=environment(), capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    return " ".join(done.stderr.split()).rpartition("error: ")[2]


def test_a_table_too_large_for_the_file_system_is_named(here):
    shutil.copy(ROOT / "data/embedded/molecules.csv", "data/embedded")
    before = contents(here)
    said = limited("RLIMIT_FSIZE", 10_000, "fetch", cwd=here)
    assert "data/raw/molecules.parquet would be larger than" in said
    assert contents(here) == before


def test_too_few_open_files_are_said(here):
    Path("many.smi").write_text("C\n" * 10)
    said = limited("RLIMIT_NOFILE", 3, "label", "many.smi", "--out", "out.csv", cwd=here)
    assert "too many files are open at once" in said


def test_texts_of_the_source_do_not_become_formulas_in_curated_tables(tmp_path, root, called_ok):
    formulas = ["=cmd|' /C calc'!A0", "@SUM(1)", "+1+1", "-1+1"]
    shutil.copytree(root / "data/embedded", tmp_path / "data/embedded")
    shutil.copy(root / "params.yaml", tmp_path)
    set_params(tmp_path, "fetch.source=file", "fetch.file.path=own.csv")
    cells = [*formulas, "CCO", "c1ccccc1", "OCC"]
    pd.DataFrame({"smiles": cells, "IE": 9.0, "EA": -1.0}).to_csv(tmp_path / "own.csv", index=False)
    called_ok("fetch", cwd=tmp_path)
    called_ok("curate", cwd=tmp_path)
    rejected = tmp_path / "data/curated/rejected.csv"
    assert pd.read_csv(rejected)["input"].tolist() == [f"'{cell}" for cell in formulas]
    assert read_csv(rejected)["input"].tolist() == formulas


def test_damage_is_one_sentence_on_the_command_line(project, called):
    weights = project / "results/train/IE/fold-1.npz"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:])
    for command in (["evaluate", "IE"], ["calibrate", "IE"], ["register", "IE"]):
        done = called(*command, cwd=project)
        assert done.returncode == 1
        said = " ".join(done.stderr.split())
        assert "results/train/IE/fold-1.npz is damaged: run `organode train`" in said
    weights.write_bytes(whole)
    path = project / "data/features/morgan.parquet"
    path.write_bytes(path.read_bytes()[:-500])
    done = called("evaluate", "IE", cwd=project)
    assert done.returncode == 1
    said = " ".join(done.stderr.split())
    assert "data/features/morgan.parquet is damaged" in said
    assert "organode featurize" in said
