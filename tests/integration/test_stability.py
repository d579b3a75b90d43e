"""Which ions last: a model that is fitted, registered, promoted and used like the others."""

import json
import shutil

import pandas as pd
import pytest

from helpers import run_ok, set_params
from organode.electrochemistry.stability import chance
from organode.tracking.registry.champions import named_version

COUPLES = "data/measured/reversibility.csv"
RESULTS = "results/evaluate/stability"
STABLE = ["stable_ox", "stable_ox_reason", "stable_red", "stable_red_reason"]


def client(folder):
    from mlflow import MlflowClient

    return MlflowClient(f"sqlite:///{folder}/mlflow.db")


def champion(folder):
    found = client(folder).get_model_version_by_alias("organode-stability", "champion")
    return str(found.version)


def predicted(run, *smiles, cwd):
    done = run("predict", *smiles, "--json", cwd=cwd)
    return json.loads(done.stdout), " ".join(done.stderr.split())


@pytest.fixture
def fitted(called_ok, monkeypatch):
    """Fit with a ridge of another size, register what comes of it, and return its version."""

    def run(folder, ridge):
        monkeypatch.setattr(chance, "RIDGE", ridge)
        called_ok("stability", cwd=folder)
        return called_ok("register", "stability", cwd=folder).stdout.split("version ")[1].strip()

    return run


def test_metrics_are_those_of_couples_whose_family_was_left_out(trained):
    metrics = json.loads((trained / RESULTS / "metrics.json").read_text())
    table = pd.read_csv(trained / RESULTS / "couples.csv")
    square = (table["left_out"] - table["reversible"]) ** 2
    assert metrics["left_out"]["brier"] == pytest.approx(square.mean(), abs=1e-3)
    assert metrics["left_out"]["auc"] > 0.9
    for name in ("side", "origin"):
        parts = metrics[f"by_{name}"]
        assert {key: part["n"] for key, part in parts.items()} == dict(table[name].value_counts())
        for key, part in parts.items():
            assert part["brier"] == pytest.approx(square[table[name] == key].mean(), abs=1e-3)
    assert (trained / RESULTS / "calibration.png").read_bytes().startswith(b"\x89PNG")


def test_a_model_is_one_run_and_one_version_with_its_card(trained):
    store = client(trained)
    experiment = store.get_experiment_by_name("organode-stability-models")
    (run,) = store.search_runs([experiment.experiment_id])
    assert run.info.status == "FINISHED"
    assert run.data.params["couples"] == COUPLES
    assert {
        "0_headline/test_auc",
        "left_out/auc",
        "by_side/oxidised/brier",
        "cost/stability_seconds",
    } <= set(run.data.metrics)
    (dataset,) = run.inputs.dataset_inputs
    version = store.get_model_version_by_alias("organode-stability", "champion")
    assert version.run_id == run.info.run_id
    assert version.tags["organode.promoted"] == "first version"
    assert run.data.tags["organode.data_sha256"].startswith(dataset.dataset.digest)
    assert version.tags["data"] == dataset.dataset.digest[:8]
    assert version.tags["test_auc"] == f"{run.data.metrics['0_headline/test_auc']:.4f}"
    files = {file.path for file in store.list_artifacts(run.info.run_id)}
    assert {"couples.csv", "model_card.md", "figures"} <= files
    for heading in ("## Data", "## Test", "## Limits", "## References"):
        assert heading in version.description


def test_predict_says_of_every_potential_whether_the_ion_lasts(trained):
    (quinone, phenol, junk), said = predicted(
        run_ok, "O=C1C=CC(=O)C=C1", "Oc1ccccc1", "junk", cwd=trained
    )
    assert quinone["stable_red"] == 0.95
    assert quinone["stable_red_reason"].startswith("measured: reversible (")
    assert 0 < quinone["stable_ox"] < 1
    assert phenol["stable_red"] < 0.2
    assert phenol["stable_red_reason"].startswith("O-H of a phenol")
    assert [junk[name] for name in STABLE] == [None, "", None, ""]
    assert "stable" not in said


def test_a_project_without_such_a_model_goes_on_without_it(project, called_ok):
    client(project).delete_registered_model("organode-stability")
    shutil.rmtree(project / "results/stability")
    (quinone,), said = predicted(called_ok, "O=C1C=CC(=O)C=C1", cwd=project)
    assert [quinone[name] for name in STABLE] == [None, "", None, ""]
    assert quinone["E_red"] is not None
    assert "`dvc repro`, or `organode stability` and `organode register stability`" in said
    assert "stable" not in called_ok("predict", "CCO", cwd=project).stdout


def test_lost_artefacts_are_answered_for_by_the_same_model_in_results(project, called):
    (folder,) = project.glob("mlruns/*/models/*/artifacts/artifacts/stability")
    shutil.rmtree(folder)
    (quinone,), said = predicted(called, "O=C1C=CC(=O)C=C1", cwd=project)
    assert quinone["stable_red"] == 0.95
    assert "`organode register stability` registers it again" in said
    shutil.rmtree(project / "results/stability")
    lost = called("predict", "CCO", cwd=project)
    assert lost.returncode == 1
    assert "organode-stability version 1 (champion) cannot be loaded" in " ".join(
        lost.stderr.split()
    )


@pytest.mark.slow
def test_a_worse_model_is_promoted_only_by_force_and_can_be_rolled_back(
    project, fitted, called, called_ok, monkeypatch
):
    assert fitted(project, 3_000.0) == "2"
    assert fitted(project, 3_000.0) == "2"  # the same model makes no further version
    refused = called("promote", "stability", cwd=project)
    assert refused.returncode == 1
    assert "not better than the champion, version 1, by more than chance: Brier" in refused.stderr
    assert "95 % interval +" in refused.stderr
    (scores,) = [line for line in refused.stdout.splitlines() if line.startswith("Brier score")]
    mine, theirs = (float(number) for number in scores.split()[-2:])
    assert mine > theirs
    assert champion(project) == "1"

    assert called("promote", "stability", "--force", cwd=project).returncode == 2
    called_ok("promote", "stability", "--force", "--reason", "a test", cwd=project)
    assert champion(project) == "2"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{project}/mlflow.db")
    assert (
        named_version("stability", "1").model.weight
        != named_version("stability", "champion").model.weight
    )
    back = called_ok("promote", "stability", "--version", "1", cwd=project)
    assert "95 % interval -" in back.stdout
    assert "version 2 is now champion: rolled back: x" in (
        called_ok("rollback", "stability", "--reason", "x", cwd=project).stdout
    )


def test_models_of_other_couples_are_not_compared(project, fitted, called):
    table = pd.read_csv(project / COUPLES, dtype=str, keep_default_na=False)
    table.drop(index=table.index[:5]).to_csv(project / "own.csv", index=False)
    set_params(project, "stability.couples=own.csv")
    assert fitted(project, chance.RIDGE) == "2"
    refused = called("promote", "stability", cwd=project)
    assert refused.returncode == 1
    assert "have different couples, so their errors cannot be compared" in refused.stderr
    assert champion(project) == "1"


def test_a_table_that_is_missing_is_named_before_anything_is_written(project, called):
    before = (project / RESULTS / "metrics.json").read_bytes()
    failed = called("stability", "--set", "stability.couples=none.csv", cwd=project)
    assert failed.returncode == 1
    assert "none.csv is missing" in failed.stderr
    assert (project / RESULTS / "metrics.json").read_bytes() == before
