"""The chain as DVC runs it, in a fresh clone."""

import json
import os
import re
import shutil
import signal
import subprocess
from contextlib import contextmanager, suppress

import optuna
import pandas as pd
import pytest
import yaml

from helpers import PROGRAM, ROOT, SMALL, environment, git, new_project, run, set_params, some_ions

# What `dvc exp show` would show beside parameters and the headline; see docs/engineer/sharing.md.
DROPPED = "Created|^src|^data|^results"


@pytest.fixture(scope="module")
def origin(tmp_path_factory, embedded):
    """A committed project: the tracked files of this one around a small part of the data."""
    folder = new_project(tmp_path_factory.mktemp("dvc") / "origin", embedded, rows=300)
    some_ions(300).to_parquet(folder / "data/embedded/ions.parquet")
    measured = folder / "data/measured/potentials.csv"  # all of them take half a minute to fit
    pd.read_csv(measured).iloc[::3].to_csv(measured, index=False)
    few = ["search.n_trials=1", "search.epochs=2", "train.epochs=3", "split.n_folds=2",
           "pretrain.epochs=1"]  # fmt: skip
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


@pytest.fixture(scope="module")
def reproduced(origin, tmp_path_factory):
    """A clone in which the chain has run, with its results committed, and the stages that ran."""
    clone = tmp_path_factory.mktemp("dvc") / "clone"
    git("clone", "--quiet", origin, clone, cwd=origin)
    everything = ran(run("dvc", "repro", cwd=clone))
    git("add", "--all", cwd=clone)
    git("commit", "--quiet", "--message", "Results", cwd=clone)
    return clone, everything


def copied(project, to):
    """Copy a project with links within it, as it is."""
    run("cp", "--archive", project, to, cwd=project)
    return to


def test_a_fresh_clone_reproduces_once_and_reruns_only_what_changed(origin, reproduced, tmp_path):
    from mlflow import MlflowClient

    clone, everything = reproduced
    drawn = run("dvc", "dag", "--md", cwd=clone)
    assert "```mermaid" in drawn and "screen" in drawn
    assert len(everything) == 19
    assert (clone / "results/screen/report.html").exists()
    registry = MlflowClient(f"sqlite:///{clone}/mlflow.db")
    commit = git("rev-parse", "HEAD~1", cwd=clone).strip()
    for target in ("IE", "EA", "stability"):
        version = registry.get_model_version_by_alias(f"organode-{target}", "champion")
        run_of_it = registry.get_run(version.run_id)
        assert run_of_it.data.tags["mlflow.source.git.commit"] == commit

    assert ran(run("dvc", "repro", cwd=clone)) == set()

    clone = copied(clone, tmp_path / "changed")
    params = clone / "params.yaml"
    content = yaml.safe_load(params.read_text())
    content["screen"]["roles"] = {"p": {"low": 2.0}}
    params.write_text(yaml.safe_dump(content, sort_keys=False))
    assert ran(run("dvc", "repro", cwd=clone)) == {"screen"}


def test_a_model_stands_on_the_disk_once(reproduced):
    clone, _ = reproduced
    for name in ("train/EA/fold-0.npz", "calibrate/EA/uncertainty.npz"):
        file = clone / "results" / name
        same = [
            other
            for folder in (".dvc/cache", "mlruns")
            for other in (clone / folder).rglob("*")
            if other.is_file() and other.samefile(file)
        ]
        assert len(same) == 2, name


def test_metrics_fit_a_terminal(reproduced):
    shown = run("dvc", "metrics", "show", cwd=reproduced[0])
    header = shown.splitlines()[0].split()
    assert set(header) == {
        "Path", "IE_mae", "IE_covered", "E_ox_mae", "EA_mae", "EA_covered", "E_red_mae",
        "stable_brier",
    }  # fmt: skip
    assert max(map(len, shown.splitlines())) <= 120


def test_a_clone_that_pulled_runs_nothing_and_is_clean(reproduced, tmp_path):
    clone = copied(reproduced[0], tmp_path / "clone")
    shared(clone, str(tmp_path / "store"))
    pulled(clone, tmp_path / "second")


def shared(clone, address, **more):
    """Push a project's results to a remote, whose settings but the address are no one else's."""
    run("dvc", "remote", "add", "--default", "store", address, cwd=clone)
    for key, value in more.items():
        run("dvc", "remote", "modify", "store", key, value, cwd=clone)
    run("dvc", "push", cwd=clone)
    git("commit", "--quiet", "--all", "--message", "Store", cwd=clone)


def pulled(clone, second):
    """Clone a project, pull its results, and see that all is as its maker left it."""
    git("clone", "--quiet", clone, second, cwd=clone)
    run("dvc", "pull", cwd=second)
    assert ran(run("dvc", "repro", cwd=second)) == set()
    assert git("status", "--porcelain", cwd=second) == ""
    assert not (second / "mlflow.db").exists()
    assert (second / "results/screen/report.html").exists()


@pytest.mark.slow
def test_results_travel_through_s3(reproduced, tmp_path):
    pytest.importorskip("dvc_s3", reason="needs the extra s3")
    server = pytest.importorskip("moto.server").ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        import boto3

        keys = {"access_key_id": "one", "secret_access_key": "two"}
        access = {f"aws_{name}": value for name, value in keys.items()}
        client = boto3.client(
            "s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1", **access
        )
        client.create_bucket(Bucket="organode")
        clone = copied(reproduced[0], tmp_path / "clone")
        address = {"endpointurl": f"http://{host}:{port}", "region": "us-east-1"}
        shared(clone, "s3://organode/results", **address, **keys)
        assert client.list_objects_v2(Bucket="organode")["KeyCount"] > 20
        pulled(clone, tmp_path / "second")
    finally:
        server.stop()


@pytest.mark.slow
def test_a_forced_rerun_gives_the_same_files(reproduced, tmp_path):
    clone = copied(reproduced[0], tmp_path / "clone")
    again = {"train@EA", "evaluate@EA", "stability", "register@EA"}
    assert ran(run("dvc", "repro", "--force", "--single-item", *again, cwd=clone)) == again
    assert ran(run("dvc", "repro", cwd=clone)) == set()
    assert git("status", "--porcelain", cwd=clone) == ""


@pytest.mark.slow
def test_an_experiment_and_a_shared_result(reproduced, tmp_path):
    clone = copied(reproduced[0], tmp_path / "clone")
    # One parameter of the training, the way an engineer tries it.
    output = run("dvc", "exp", "run", "--set-param", "train.epochs=4", cwd=clone)
    assert {name.split("@")[0] for name in ran(output)} == {
        "train",
        "calibrate",
        "evaluate",
        "register",
        "screen",
    }
    shown = run(
        "dvc", "exp", "show", "--only-changed", "--hide-workspace", "--drop", DROPPED,
        "--sort-by", "IE_mae", cwd=clone,
    )  # fmt: skip
    assert "IE_mae" in shown and "train.epochs" in shown
    assert max(map(len, shown.splitlines())) <= 160

    # Pulled into another clone, the registry is there without a rerun.
    shared(clone, str(tmp_path / "store"))
    second = tmp_path / "second"
    git("add", "--all", cwd=clone)
    git("commit", "--quiet", "--allow-empty", "--message", "Results", cwd=clone)
    pulled(clone, second)
    (second / "a.smi").write_text("c1ccccc1\n")
    run("organode", "predict", "a.smi", "--out", "a.csv", cwd=second)
    assert "ok" in (second / "a.csv").read_text()


@contextmanager
def _workers(clone):
    """End those workers of DVC's queue that do not end by themselves."""
    try:
        yield
    finally:
        for file in (clone / ".dvc/tmp/exps/celery").glob("*.json"):
            worker = json.loads(file.read_text())
            if worker["returncode"] is None:
                with suppress(ProcessLookupError):
                    os.kill(worker["pid"], signal.SIGKILL)


@pytest.mark.slow
def test_experiments_in_temporary_workspaces_leave_runs_studies_and_versions(reproduced, tmp_path):
    from mlflow import MlflowClient

    clone = copied(reproduced[0], tmp_path / "clone")
    for name, value in (("name", "t"), ("email", "t@example.org")):  # `dvc exp apply` asks git
        git("config", f"user.{name}", value, cwd=clone)
    # One target up to its registration; what does not depend on these epochs runs once.
    experiment = ["dvc", "exp", "run", "register@IE", "--set-param"]
    run(*experiment, "train.epochs=4", "--temp", "--name", "temporary", cwd=clone)
    for epochs in (5, 6):
        queued = ["--queue", "--name", f"queued-{epochs}"]
        run(*experiment, f"train.epochs={epochs}", *queued, cwd=clone)
    with _workers(clone), open(tmp_path / "said.txt", "w") as said:
        # Not by a pipe: DVC's workers may outlive the command, and would hold it open.
        queue = [PROGRAM.with_name("dvc"), "exp", "run", "--run-all", "--jobs", "2"]
        done = subprocess.run(queue, cwd=clone, env=environment(), stdout=said, stderr=said)
    assert done.returncode == 0, (tmp_path / "said.txt").read_text()

    client = MlflowClient(f"sqlite:///{clone}/mlflow.db")

    def models():
        found = client.get_experiment_by_name("organode-IE-models")
        return {
            run.data.tags["organode.dvc_experiment"]: run
            for run in client.search_runs([found.experiment_id])
            if "organode.dvc_experiment" in run.data.tags  # not that of the chain itself
        }

    def versions():
        return {v.run_id: v for v in client.search_model_versions("name = 'organode-IE'")}

    assert {name: run.data.params["epochs"] for name, run in models().items()} == {
        "temporary": "4",
        "queued-5": "5",
        "queued-6": "6",
    }
    assert set(versions()) > {run.info.run_id for run in models().values()}
    assert len(versions()) == 4  # the chain's, and theirs
    assert len(optuna.get_all_study_names(f"sqlite:///{clone}/.organode/studies.db")) == 2

    # Of every kind: what it made is in the workspace, and in the project's store.
    run(*experiment, "train.epochs=7", "--name", "here", cwd=clone)
    for name, epochs in (("temporary", "4"), ("queued-5", "5"), ("queued-6", "6"), ("here", "7")):
        run("dvc", "exp", "apply", name, cwd=clone)
        assert f"epochs: {epochs}" in (clone / "params.yaml").read_text()
        said = run("organode", "register", "IE", cwd=clone)  # which finds it registered
        (number,) = re.findall(r"version (\d+)", said)
        assert versions()[models()[name].info.run_id].version == int(number)
        assert len(versions()) == 5
        assert ran(run("dvc", "repro", "register@IE", cwd=clone)) == set()


def expanded(stages):
    """Return the files of each stage, as DVC names the stage: what it reads and what it writes."""
    files = {}
    for name, stage in stages.items():
        read, written = stage["deps"], stage["outs"] + stage.get("metrics", [])
        for target in ("IE", "EA") if "matrix" in stage else ("",):
            paths = [
                [next(iter(path)) if isinstance(path, dict) else path for path in part]
                for part in (read, written)
            ]
            files[f"{name}@{target}".rstrip("@")] = [
                {path.replace("${item.target}", target) for path in part} for part in paths
            ]
    return files


def test_make_runs_stages_at_once_that_share_nothing_and_miss_nothing():
    files = expanded(yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"])
    made = {path for _, written in files.values() for path in written}
    done, recipe = set(), re.search(r"^repro:.*?\n\n", (ROOT / "Makefile").read_text(), re.M | re.S)

    def finish(*names):
        for name in names:
            missing = (files[name][0] & made) - {path for each in done for path in files[each][1]}
            finish(*[each for each in files if files[each][1] & missing])
            done.add(name)

    for line in recipe[0].splitlines()[1:]:
        if "$(MAKE)" in line:
            goals = re.findall(r"register-stability", line)
            for prefix in re.findall(r"TARGETS:%=(\w+@)%", line):
                goals += [name for name in files if name.startswith(prefix)]
            told = run("make", "--dry-run", *goals, cwd=ROOT)
            together = [each.split() for each in re.findall(r"--single-item (.+?) 2>", told)]
            assert len(together) == len(goals) > 1
            before = {path for each in done for path in files[each][1]}
            for names in together:
                for place, name in enumerate(names):
                    own = {path for each in names[:place] for path in files[each][1]}
                    assert files[name][0] & made <= before | own, name
            finish(*[name for names in together for name in names])
        elif "dvc repro" in line:
            names = line.split("repro")[1].replace("--glob", "").replace("'", "").split()
            finish(*[
                name for name in files
                if not names or name in names or f"{name.split('@')[0]}@*" in names
            ])  # fmt: skip
    assert done == {*files}
