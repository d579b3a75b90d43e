"""Experiments and names of runs."""

import pytest

from organode.tracking.provenance import code_tags
from organode.tracking.runs import flat_metrics, open_experiment, run_name
from organode.tracking.store import connect


def test_runs_of_a_temporary_workspace_go_to_its_project(tmp_path, monkeypatch):
    workspace = tmp_path / ".dvc/tmp/exps/tmpab12"
    workspace.mkdir(parents=True)
    monkeypatch.chdir(workspace)
    monkeypatch.setenv("DVC_EXP_NAME", "bumpy-oven")
    client = connect()
    number = open_experiment(client, "an experiment", "of a workspace")
    assert (tmp_path / "mlflow.db").exists()
    location = client.get_experiment(number).artifact_location
    assert location == f"{tmp_path}/mlruns/{number}"
    assert open_experiment(client, "an experiment", "again") == number
    assert code_tags()["organode.dvc_experiment"] == "bumpy-oven"
    assert [*workspace.iterdir()] == []


@pytest.mark.parametrize("experiment", ["bumpy-oven", None])
def test_run_name_starts_with_experiment_or_time(monkeypatch, experiment):
    if experiment:
        monkeypatch.setenv("DVC_EXP_NAME", experiment)
        assert run_name("IE") == "bumpy-oven: IE"
    else:
        monkeypatch.delenv("DVC_EXP_NAME", raising=False)
        assert run_name("IE").endswith(": IE")
        assert run_name("IE")[2] == "-"  # month and day


def test_every_metric_is_in_a_group():
    metrics = {"margin": 1, "outer": {"mae": 0.5, "by": {"family": 2}}}
    assert dict(flat_metrics(metrics)) == {
        "overall/margin": 1.0,
        "outer/mae": 0.5,
        "outer/by/family": 2.0,
    }
