"""The chain as DVC runs it, in a fresh clone."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import optuna
import pytest
import yaml

from conftest import ROOT, SMALL, environment, new_project, set_params


def run(*command, cwd, ok=True):
    program = Path(sys.executable).parent / command[0]
    done = subprocess.run(
        [program if program.exists() else command[0], *command[1:]],
        cwd=cwd, env=environment(), capture_output=True, text=True,
    )  # fmt: skip
    if ok:
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def git(*arguments, cwd):
    return run("git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments, cwd=cwd)


@pytest.fixture(scope="module")
def origin(tmp_path_factory, embedded):
    """A committed project: the tracked files of this one around a small part of the data."""
    folder = new_project(tmp_path_factory.mktemp("dvc") / "origin", embedded, rows=300)
    few = ["search.n_trials=1", "search.epochs=2", "train.epochs=3", "split.n_folds=2"]
    set_params(folder, *SMALL, *few)
    for name in ("dvc.yaml", "MLproject", "conda.yaml", ".dvcignore", ".gitignore"):
        shutil.copy(ROOT / name, folder)
    (folder / ".dvc").mkdir()
    shutil.copy(ROOT / ".dvc/config", folder / ".dvc")
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    git("init", "--quiet", "--initial-branch=main", cwd=folder)
    git("add", "--all", cwd=folder)
    git("commit", "--quiet", "--message", "Start", cwd=folder)
    return folder


def ran(output: str) -> set[str]:
    lines = output.splitlines()
    return {line.split("'")[1] for line in lines if line.startswith("Running stage")}


def test_a_fresh_clone_reproduces_once_and_reruns_only_what_changed(origin, tmp_path):
    from mlflow import MlflowClient

    clone = tmp_path / "clone"
    git("clone", "--quiet", origin, clone, cwd=tmp_path)
    assert "screen" in run("dvc", "dag", cwd=clone)

    everything = ran(run("dvc", "repro", cwd=clone))
    assert len(everything) == 17
    assert (clone / "results/screen/report.html").exists()
    assert "mae" in run("dvc", "metrics", "show", cwd=clone)
    registry = MlflowClient(f"sqlite:///{clone}/mlflow.db")
    commit = git("rev-parse", "HEAD", cwd=clone).strip()
    for target in ("IE", "EA", "stability"):
        version = registry.get_model_version_by_alias(f"organode-{target}", "champion")
        run_of_it = registry.get_run(version.run_id)
        assert run_of_it.data.tags["mlflow.source.git.commit"] == commit

    assert ran(run("dvc", "repro", cwd=clone)) == set()

    params = clone / "params.yaml"
    content = yaml.safe_load(params.read_text())
    content["screen"]["roles"] = {"p": {"low": 2.0}}
    params.write_text(yaml.safe_dump(content, sort_keys=False))
    assert ran(run("dvc", "repro", cwd=clone)) == {"screen"}


@pytest.mark.slow
def test_an_experiment_and_a_shared_result(origin, tmp_path):
    clone = tmp_path / "clone"
    git("clone", "--quiet", origin, clone, cwd=tmp_path)
    run("dvc", "repro", cwd=clone)
    # One parameter of the training, the way an engineer tries it.
    output = run("dvc", "exp", "run", "--set-param", "train.epochs=4", cwd=clone)
    assert {name.split("@")[0] for name in ran(output)} == {
        "train", "evaluate", "register", "screen",
    }  # fmt: skip

    # Pushed to a remote and pulled into another clone, the registry is there without a rerun.
    run("dvc", "remote", "add", "--default", "store", str(tmp_path / "store"), cwd=clone)
    run("dvc", "push", cwd=clone)
    git("add", "--all", cwd=clone)
    git("commit", "--quiet", "--message", "Results", cwd=clone)
    second = tmp_path / "second"
    git("clone", "--quiet", clone, second, cwd=tmp_path)
    run("dvc", "pull", cwd=second)
    assert ran(run("dvc", "repro", cwd=second)) == set()
    assert not (second / "mlflow.db").exists()
    (second / "a.smi").write_text("c1ccccc1\n")
    run("organode", "predict", "a.smi", "--out", "a.csv", cwd=second)
    assert "ok" in (second / "a.csv").read_text()


@pytest.mark.slow
def test_experiments_in_temporary_workspaces_leave_runs_studies_and_versions(origin, tmp_path):
    from mlflow import MlflowClient

    clone = tmp_path / "clone"
    git("clone", "--quiet", origin, clone, cwd=tmp_path)
    # One target up to its registration; what does not depend on these epochs runs once.
    experiment = ["dvc", "exp", "run", "register@IE", "--set-param"]
    run(*experiment, "train.epochs=4", "--temp", "--name", "temporary", cwd=clone)
    for epochs in (5, 6):
        queued = ["--queue", "--name", f"queued-{epochs}"]
        run(*experiment, f"train.epochs={epochs}", *queued, cwd=clone)
    run("dvc", "exp", "run", "--run-all", "--jobs", "2", cwd=clone)

    client = MlflowClient(f"sqlite:///{clone}/mlflow.db")

    def models():
        found = client.get_experiment_by_name("organode-IE-models")
        return {
            run.data.tags["organode.dvc_experiment"]: run
            for run in client.search_runs([found.experiment_id])
        }

    def versions():
        return {v.run_id: v for v in client.search_model_versions("name = 'organode-IE'")}

    assert {name: run.data.params["epochs"] for name, run in models().items()} == {
        "temporary": "4", "queued-5": "5", "queued-6": "6",
    }  # fmt: skip
    assert set(versions()) == {run.info.run_id for run in models().values()}
    champion = client.get_model_version_by_alias("organode-IE", "champion")
    assert champion.run_id == models()["temporary"].info.run_id
    assert len(optuna.get_all_study_names(f"sqlite:///{clone}/.organode/studies.db")) == 1

    # Of every kind: what it made is in the workspace, and in the project's store.
    run(*experiment, "train.epochs=7", "--name", "here", cwd=clone)
    for name, epochs in (("temporary", "4"), ("queued-5", "5"), ("queued-6", "6"), ("here", "7")):
        run("dvc", "exp", "apply", name, cwd=clone)
        assert f"epochs: {epochs}" in (clone / "params.yaml").read_text()
        said = run("organode", "register", "IE", cwd=clone)  # which finds it registered
        (number,) = re.findall(r"version (\d+)", said)
        assert versions()[models()[name].info.run_id].version == int(number)
        assert len(versions()) == 4
        assert ran(run("dvc", "repro", "register@IE", cwd=clone)) == set()
