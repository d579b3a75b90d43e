"""`mlflow run` with this machine's own environment."""

import json
import shutil
import subprocess
import sys

import yaml

from helpers import ROOT, environment


def test_the_defaults_are_those_of_params_yaml():
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    entry_points = yaml.safe_load((ROOT / "MLproject").read_text())["entry_points"]
    expected = {
        "source": params["fetch"]["source"],
        "path": params["fetch"]["file"]["path"],
        "n_trials": params["search"]["n_trials"],
        "library": params["screen"]["library"],
        "solvent": json.dumps(params["screen"]["solvent"]),
        "cell": params["screen"]["cell"],
        "epochs": params["train"]["epochs"],
        "couples": params["stability"]["couples"],
    }
    for name, entry in entry_points.items():
        for key, parameter in entry["parameters"].items():
            if key not in ("target", "out"):
                assert parameter["default"] == expected[key], (name, key)


def mlflow_run(*arguments, cwd):
    done = subprocess.run(
        [sys.executable, "-m", "mlflow", "run", ".", "--env-manager", "local", *arguments],
        cwd=cwd,
        env=environment(MLFLOW_TRACKING_URI=f"sqlite:///{cwd}/mlflow.db"),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_entry_points_run_stages_with_parameters(project):
    from mlflow import MlflowClient

    for name in ("MLproject", "conda.yaml"):
        shutil.copy(ROOT / name, project)
    mlflow_run("-e", "train", "-P", "target=IE", "-P", "epochs=2", cwd=project)

    client = MlflowClient(f"sqlite:///{project}/mlflow.db")
    experiment = client.get_experiment_by_name("organode-IE-models")
    newest = client.search_runs([experiment.experiment_id], order_by=["start_time DESC"])[0]
    assert newest.data.params["epochs"] == "2"
    # It points to the run that `mlflow run` made, and did not write into it.
    outer = client.get_run(newest.data.tags["mlflow.parentRunId"])
    assert outer.info.experiment_id != experiment.experiment_id
    assert outer.info.status == "FINISHED"
    assert outer.info.run_name == "mlflow run -e train epochs=2 target=IE"
    assert outer.info.run_id in outer.data.tags["mlflow.note.content"]
