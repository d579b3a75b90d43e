"""Runs and registered versions in MLflow after the chain has run."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from helpers import SMALL
from organode.tracking.study_run import OBJECTIVE


@pytest.fixture
def client(trained):
    from mlflow import MlflowClient

    return MlflowClient(f"sqlite:///{trained}/mlflow.db")


def runs(client, experiment, condition=""):
    experiment = client.get_experiment_by_name(experiment)
    return client.search_runs([experiment.experiment_id], condition)


@pytest.mark.parametrize("target", ["IE", "EA"])
def test_every_trial_is_a_run_below_its_study_with_mae_of_each_fold(client, target):
    study, *rest = runs(client, f"organode-{target}-search", "tags.organode.stage = 'search'")
    trials = runs(client, f"organode-{target}-search", "tags.organode.stage = 'trial'")
    assert not rest
    assert len(trials) == 2
    complete = [trial for trial in trials if trial.info.status == "FINISHED"]
    assert complete  # the fixed settings, which are never pruned
    for trial in trials:
        assert trial.data.tags["mlflow.parentRunId"] == study.info.run_id
        assert trial.info.status in ("FINISHED", "KILLED")
        assert {"radius", "n_bits", "widths", "dropout", "l2", "counts"} <= set(trial.data.params)
        history = client.get_metric_history(trial.info.run_id, "fold/mae")
        assert [metric.step for metric in history] == [0]
        assert (OBJECTIVE in trial.data.metrics) == (trial in complete)
        if trial in complete:
            assert trial.data.metrics[OBJECTIVE] == pytest.approx(history[0].value)
    best = min(trial.data.metrics[OBJECTIVE] for trial in complete)
    assert study.data.metrics[OBJECTIVE] == pytest.approx(best)
    assert study.info.status == "FINISHED"


@pytest.mark.parametrize("target", ["IE", "EA"])
def test_model_is_one_run_with_data_settings_curves_metrics_and_figures(client, target):
    (run,) = runs(client, f"organode-{target}-models")
    (dataset,) = run.inputs.dataset_inputs
    assert dataset.dataset.name == "curated molecules"
    assert len(dataset.dataset.digest) == 32
    assert run.data.params["epochs"] == dict(s.split("=") for s in SMALL)["train.epochs"]
    curve = client.get_metric_history(run.info.run_id, "learning_curve/valid_mae")
    assert [metric.step for metric in curve] == list(range(1, 41))
    folds = client.get_metric_history(run.info.run_id, "fold/mae")
    assert len(folds) == 3
    # Of curves the mean over the folds, each of which ends where its network does.
    assert curve[-1].value == pytest.approx(sum(fold.value for fold in folds) / 3)
    assert {"out_of_fold/mae", "whole_set/mae", "overall/margin"} <= set(run.data.metrics)
    # MLflow draws groups in the order of their names, and metrics without a group last.
    assert min(run.data.metrics) == "0_headline/test_mae"
    assert all("/" in name for name in run.data.metrics)
    assert run.data.metrics["0_headline/test_mae"] == run.data.metrics["outer/mae"]
    figures = {file.path for file in client.list_artifacts(run.info.run_id, "figures")}
    drawn = (
        "parity", "residuals", "intervals", "calibration", "map", "by_family", "by_similarity",
        "measured_parity", "measured_by_family",
    )  # fmt: skip
    assert {f"figures/{name}.png" for name in drawn} <= figures
    assert "model_card.md" in {file.path for file in client.list_artifacts(run.info.run_id)}
    for stage in ("train", "evaluate"):
        assert run.data.metrics[f"cost/{stage}_seconds"] > 0
        assert 0.05 < run.data.metrics[f"cost/{stage}_peak_memory_GiB"] < 8
    assert run.data.tags["mlflow.note.content"]
    card = Path(client.download_artifacts(run.info.run_id, "model_card.md")).read_text()
    assert re.search(r"In the domain are molecules of (\w+, )*\w+, neutral or with .*radical", card)
    assert len(run.data.tags["organode.data_sha256"]) == 64


@pytest.mark.parametrize("target", ["IE", "EA"])
def test_every_run_and_version_names_its_training_data(client, trained, target):
    def md5(name):
        return hashlib.md5((trained / "data" / name / "molecules.parquet").read_bytes()).hexdigest()

    expected = {
        "data_md5": md5("curated"),
        "raw_md5": md5("raw"),
        "source": "embedded",
        "reference": "absolute",
    }
    (study,) = runs(client, f"organode-{target}-search", "tags.organode.stage = 'search'")
    (model,) = runs(client, f"organode-{target}-models")
    version = client.get_model_version_by_alias(f"organode-{target}", "champion")
    for tags in (study.data.tags, model.data.tags):
        assert {key: tags[f"organode.{key}"] for key in expected} == expected
    # A version has the numbers that people compare: hashes and metrics are on its run.
    assert version.tags["data"] == f"{expected['data_md5'][:8]} embedded"
    assert version.tags["test_mae"] == f"{model.data.metrics['0_headline/test_mae']:.4f}"
    assert set(version.tags) - {"data", "test_mae"} == {f"organode.{name}" for name in (
        "identity", "promoted", "source", "reference", "source_reference", "level_of_theory",
    )}  # fmt: skip
    (dataset,) = model.inputs.dataset_inputs
    assert dataset.dataset.digest == expected["data_md5"]
    assert version.run_id == model.info.run_id
    kept = json.loads(model.data.tags["organode.version_1.metrics"])
    assert kept["outer"]["mae"] == model.data.metrics["0_headline/test_mae"]


def test_runs_of_one_experiment_have_different_names(client):
    for experiment in client.search_experiments(filter_string="name LIKE 'organode-%'"):
        names = [run.info.run_name for run in client.search_runs([experiment.experiment_id])]
        assert len(set(names)) == len(names) > 0


def test_curation_is_a_run_with_its_numbers_and_its_report(client, trained):
    (run,) = runs(client, "organode-data")
    assert run.info.status == "FINISHED"
    assert run.data.metrics["source_rows"] == run.data.metrics["clean"] == 500
    assert run.data.params["curate.reference"] == "auto"
    assert "clean rows of 500" in run.data.tags["mlflow.note.content"]
    files = {file.path for file in client.list_artifacts(run.info.run_id, "curation")}
    assert {f"curation/{name}" for name in ("report.html", "summary.json", "blocks.png")} <= files
    logged = client.download_artifacts(run.info.run_id, "curation/report.html")
    written = (trained / "results/curate/report.html").read_bytes()
    assert Path(logged).read_bytes() == written
