"""`organode improve` as a user runs it: labels are bought, and a kill costs nothing."""

import json
import sys
from pathlib import Path

import pandas as pd
import pytest
from rdkit.Chem import CanonSmiles

from helpers import ROOT, killed_when, new_project, run_ok
from helpers import organode as command

LIBRARY = [
    "C=O", "CC=O", "CO", "CCO", "C#N", "CC#N", "CN", "CCN", "C=C", "CC=C", "COC", "CCOC",
    "OC=O", "CC(=O)O", "COC=O", "NC=O", "CC(N)=O", "C1CC1", "C1CO1", "CF", "CCF", "CCl", "CS",
    "CCCl", "CSC", "C=CC=O", "C=CC#N", "C#CC#N", "O=CC=O", "CC(C)=O",
]  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    embedded = pd.read_csv(ROOT / "data/embedded/molecules.csv")
    exact = embedded[embedded["IE_b3lyp"].notna() & embedded["EA_b3lyp"].notna()].head(80)
    others = embedded.drop(exact.index).head(220)
    folder = new_project(tmp_path_factory.mktemp("improve"), pd.concat([exact, others]), 300)
    pd.DataFrame({"smiles": [*LIBRARY, "nonsense"]}).to_csv(folder / "library.csv", index=False)
    return folder


ARGUMENTS = [
    "improve", "library.csv", "--level", "xtb", "--jobs", "2", "--rule", "random",
    "--out", "campaign",
]  # fmt: skip


@pytest.fixture(scope="module")
def campaign(project):
    """A campaign that was killed while it labelled, and resumed."""
    out = project / "campaign"
    partial = out / "round-001/xtb-solvated.csv.partial"
    program = Path(sys.executable).parent / "organode"

    def some_are_labelled():
        return partial.exists() and partial.read_text().count("\n") > 3

    killed_when(
        some_are_labelled, program, *ARGUMENTS, "--budget", "1h", cwd=project
    )  # fmt: skip
    finished = partial.read_text().split("\n")[1:-1]
    assert not (out / "round-001/labels.csv").exists()
    said = run_ok(*ARGUMENTS, "--budget", "1h", cwd=project)
    return out, [json.loads(line) for line in finished], said


def test_labels_are_bought_once_and_learned(campaign):
    out, finished, said = campaign
    labels = pd.read_csv(out / "labels.csv")
    assert sorted(labels["smiles"]) == sorted(map(CanonSmiles, LIBRARY))
    assert (labels["status"] == "ok").all()
    assert labels[["IE", "EA", "seconds", "IE_predicted", "EA_predicted"]].notna().all(axis=None)
    kept = dict(zip(labels["smiles"], labels["seconds"], strict=True))
    for record in finished:  # what was done before the kill was not done again
        assert kept[record["smiles"]] == record["seconds"]
    last = json.loads((out / "round-001/summary.json").read_text())
    assert last["after"]["IE"]["n"] == len(LIBRARY)
    assert "30 labels bought in 1 rounds" in said.stdout


def test_report_and_list_are_written_and_the_model_predicts(campaign, project):
    out, _, _ = campaign
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Measure next in the laboratory" in page
    assert {"role", "smiles", "volts", "P_inside"} <= set(pd.read_csv(out / "list.csv").columns)
    model = out / "round-001/model"
    done = run_ok("predict", "C=CC=O", "--json", "--model", model, cwd=project)
    assert json.loads(done.stdout)[0]["status"] == "ok"


def test_runs_stand_below_that_of_the_campaign(campaign, project):
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{project / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("organode-improve").experiment_id
    runs = client.search_runs([experiment])
    parents = [run for run in runs if run.data.tags["organode.stage"] == "campaign"]
    rounds = [run for run in runs if run.data.tags["organode.stage"] == "round"]
    assert len(parents) == 1  # not one for each command
    assert parents[0].info.status == "FINISHED"
    assert len(rounds) == 2
    for run in rounds:
        assert run.data.tags["mlflow.parentRunId"] == parents[0].info.run_id
    assert any("before/IE/mae" in run.data.metrics for run in rounds)


def test_another_campaign_is_refused(campaign, project):
    (project / "other.csv").write_text("smiles\nCCCO\n")
    for arguments in (
        ["improve", "other.csv", "--level", "xtb", "--rule", "random", "--out", "campaign"],
        [*ARGUMENTS, "--rule", "greedy"],
    ):
        done = command(*arguments, cwd=project)
        assert done.returncode == 2
        assert "another campaign" in done.stderr


def test_the_packaged_model_still_answers_beside_the_campaign(campaign, project):
    done = run_ok("predict", "C=CC=O", cwd=project)
    assert "the packaged model of organode" in " ".join(done.stderr.split())


def test_without_the_embedded_set_it_says_what_it_needs(tmp_path):
    (tmp_path / "library.csv").write_text("smiles\nCCO\n")
    done = command(*ARGUMENTS, "--budget", "1h", cwd=tmp_path)
    assert done.returncode == 2
    assert "--set curate.xtb_reference=PATH" in " ".join(done.stderr.split())
    assert [path.name for path in tmp_path.iterdir()] == ["library.csv"]


def test_wrong_use_is_refused(project):
    done = command(*ARGUMENTS[:-1], "new", "--budget", "soon", cwd=project)
    assert done.returncode == 2
    assert "--budget soon" in done.stderr
    assert not (project / "new").exists()
