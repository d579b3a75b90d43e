"""What a person finds in MLflow after the chain has run."""

import hashlib
import re
from pathlib import Path

import pytest

from conftest import SMALL


@pytest.fixture
def client(trained):
    from mlflow import MlflowClient

    return MlflowClient(f"sqlite:///{trained}/mlflow.db")


def runs(client, experiment, condition=""):
    found = client.get_experiment_by_name(experiment)
    return client.search_runs([found.experiment_id], condition)


@pytest.mark.parametrize("target", ["IE", "EA"])
def test_every_trial_is_a_run_below_its_study_with_each_folds_mae(client, target):
    study, *rest = runs(client, f"organode-{target}-search", "tags.organode.stage = 'search'")
    trials = runs(client, f"organode-{target}-search", "tags.organode.stage = 'trial'")
    assert not rest
    assert len(trials) == 2
    for trial in trials:
        assert trial.data.tags["mlflow.parentRunId"] == study.info.run_id
        assert trial.info.status == "FINISHED"
        assert {"radius", "n_bits", "widths", "dropout", "l2", "counts"} <= set(trial.data.params)
        history = client.get_metric_history(trial.info.run_id, "fold/mae")
        assert [metric.step for metric in history] == [0]
        assert trial.data.metrics["mean_fold_mae"] == pytest.approx(history[0].value)
    best = min(trial.data.metrics["mean_fold_mae"] for trial in trials)
    assert study.data.metrics["mean_fold_mae"] == pytest.approx(best)
    assert study.info.status == "FINISHED"


@pytest.mark.parametrize("target", ["IE", "EA"])
def test_a_model_is_one_run_with_data_settings_curves_metrics_and_figures(client, target):
    (run,) = runs(client, f"organode-{target}-models")
    (dataset,) = run.inputs.dataset_inputs
    assert dataset.dataset.name == "curated molecules"
    assert len(dataset.dataset.digest) == 32
    assert run.data.params["epochs"] == dict(s.split("=") for s in SMALL)["train.epochs"]
    curve = client.get_metric_history(run.info.run_id, "valid_mae_fold_2")
    assert [metric.step for metric in curve] == list(range(1, 41))
    assert len(client.get_metric_history(run.info.run_id, "fold_mae")) == 3
    assert {"outer_mae", "out_of_fold_mae", "whole_set_mae", "margin"} <= set(run.data.metrics)
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
    assert re.search(r"In the domain are molecules of (\w+, )*\w+, all neutral with paired", card)
    assert len(run.data.tags["organode.data_sha256"]) == 64


@pytest.mark.parametrize("target", ["IE", "EA"])
def test_every_run_and_version_says_which_data_it_was_made_from(client, trained, target):
    def md5(name):
        return hashlib.md5((trained / "data" / name / "molecules.parquet").read_bytes()).hexdigest()

    expected = {
        "data_md5": md5("curated"), "raw_md5": md5("raw"), "source": "embedded",
        "reference": "absolute",
    }  # fmt: skip
    (study,) = runs(client, f"organode-{target}-search", "tags.organode.stage = 'search'")
    (model,) = runs(client, f"organode-{target}-models")
    version = client.get_model_version_by_alias(f"organode-{target}", "champion")
    for tags in (study.data.tags, model.data.tags, version.tags):
        assert {key: tags[f"organode.{key}"] for key in expected} == expected
    (dataset,) = model.inputs.dataset_inputs
    assert dataset.dataset.digest == expected["data_md5"]


def test_a_curation_is_a_run_with_its_numbers_and_its_report(client, trained):
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
