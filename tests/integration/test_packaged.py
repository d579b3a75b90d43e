"""The packaged model: it answers where no registry is in use, and a stage makes it."""

import json
import zipfile

import pandas as pd
import pytest

from helpers import PROGRAM, ROOT, killed_when, run_ok
from organode.api.load import PACKAGED
from organode.models.ensemble import Ensemble
from organode.models.model import Model
from organode.models.student import Student
from organode.tracking.model_run import EnsembleRun

MOLECULES = ["O=C1C=CC(=O)C=C1", "CN1c2ccccc2Sc2ccccc21", "no molecule", "anthraquinone"]


def test_command_answers_in_an_empty_folder_and_says_by_which_model(tmp_path):
    done = run_ok("predict", *MOLECULES, "--json", cwd=tmp_path)
    rows = json.loads(done.stdout)
    assert [row["status"] == "ok" for row in rows] == [True, True, False, True]
    assert rows[0]["E_red_lower"] < 2.39 < rows[0]["E_red_upper"]
    assert rows[1]["E_ox_lower"] < 3.6 < rows[1]["E_ox_upper"]
    assert "the packaged model of organode" in " ".join(done.stderr.split())
    assert list(tmp_path.iterdir()) == []


def test_screen_and_comparison_need_no_registry(tmp_path, called_ok):
    library = ROOT / "data/embedded/library.csv"
    pd.read_csv(library).head(120).to_csv(tmp_path / "library.csv", index=False)
    called_ok("screen", "library.csv", "--out", "screened", cwd=tmp_path)
    assert len(pd.read_csv(tmp_path / "screened/candidates.csv"))
    report = (tmp_path / "screened/report.html").read_text()
    assert json.loads((PACKAGED / "model.json").read_text())["models"]["IE"]["version"] in report
    done = called_ok("compare", "chloranil", "--reference", "BQ", "--json", cwd=tmp_path)
    assert json.loads(done.stdout)


def test_packaged_model_is_as_good_as_its_teachers_and_small(tmp_path):
    content = json.loads((PACKAGED / "model.json").read_text())
    for target in ("IE", "EA"):
        student, teacher = (content["figures"][target][who] for who in ("student", "teacher"))
        for error in ("mae", "measured_mae"):
            assert student[error] <= 1.05 * teacher[error]
        for share in ("covered", "measured_covered"):
            assert abs(student[share] - teacher[share]) <= 0.01
    with zipfile.ZipFile(tmp_path / "all.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for file in PACKAGED.rglob("*"):
            packed.write(file, file.relative_to(PACKAGED))
    assert (tmp_path / "all.zip").stat().st_size <= 30e6


@pytest.fixture
def unlabelled(tmp_path):
    table = pd.read_csv(ROOT / "data/embedded/library.csv").head(4_100)
    path = tmp_path / "molecules.parquet"
    table[["smiles"]].to_parquet(path)
    return path


SMALL = "--out", "packaged", "--set", "package.widths=[16]", "--set", "package.epochs=2"


@pytest.mark.slow
def test_stage_resumes_after_a_kill(project, unlabelled):
    work = project / ".organode/package"
    command = "package", unlabelled, *SMALL
    killed_when(lambda: list(work.glob("*/answers/*.npz")), PROGRAM, *command, cwd=project)
    assert not (project / "packaged").exists()
    done = run_ok(*command, cwd=project)
    assert "were computed before" in " ".join(done.stderr.split())
    assert Model.load(project / "packaged").stability is not None


@pytest.mark.slow
def test_stage_teaches_students(project, unlabelled, monkeypatch, called):
    done = called("package", "nowhere.parquet", "--out", "packaged", cwd=project)
    assert done.returncode == 1
    assert "python data/embedded/build unlabelled" in " ".join(done.stderr.split())
    assert not (project / "packaged").exists()

    run_ok("package", unlabelled, *SMALL, cwd=project)
    assert not list((project / ".organode/package").glob("*"))
    model = Model.load(project / "packaged")
    assert all(isinstance(each.networks, Student) for each in model.energies)
    assert model.stability is not None
    answer = model.predict(MOLECULES[:2])
    assert answer["status"].tolist() == ["ok", "ok"]
    content = json.loads((project / "packaged/model.json").read_text())
    figures = content["figures"]["IE"]["student"]
    assert content["models"]["IE"]["run_id"] == ""
    assert content["models"]["IE"]["metrics"]["outer"]["mae"] == pytest.approx(
        figures["mae"], abs=1e-4
    )
    assert "Level of theory" in (project / "packaged/card.md").read_text()
    # The registered version keeps the ensemble, and has the student beside it.
    monkeypatch.chdir(project)
    ensemble = Ensemble.load(project / "results/train/IE")
    run = EnsembleRun.resume("IE", ensemble.settings, project / "results/train/IE")
    files = {each.path for each in run.client.list_artifacts(run.run_id, "student")}
    assert "student/student.npz" in files
    assert run.client.get_run(run.run_id).data.metrics["student/mae"] == figures["mae"]
