"""A registered version that cannot be loaded is reported with its cause, never deleted."""

import errno
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from faults import unreadable
from helpers import environment, run_ok
from organode.errors import OrganodeError
from organode.tracking.registry.champions import champions, named_version
from organode.tracking.registry.load import ArtefactsMissingError
from organode.tracking.registry.promote import promote, rollback
from organode.tracking.registry.register import register_model
from organode.tracking.relocation import relocate


class Killed(BaseException):
    """Stands for a kill: organode never catches it."""


@pytest.fixture
def here(project, monkeypatch):
    """A copy of the trained project as the working folder."""
    monkeypatch.chdir(project)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{project}/mlflow.db")
    relocate(project / "mlflow.db")
    return project


def registry(folder):
    """Return everything that the registry records of IE, and the files of its artefacts."""
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{folder}/mlflow.db")
    versions = {
        str(version.version): (version.run_id, version.tags)
        for version in client.search_model_versions("name = 'organode-IE'")
    }
    model = client.get_registered_model("organode-IE")
    aliases = {alias: str(version) for alias, version in model.aliases.items()}
    files = sorted(
        (str(path), path.stat().st_size, path.stat().st_mtime_ns)
        for path in (folder / "mlruns").rglob("*")
        if path.is_file()
    )
    return versions, aliases, model.tags, files


def other_model(folder):
    """Make the model in `results` another one than the registered."""
    path = folder / "results/evaluate/IE/metrics.json"
    path.write_text(path.read_text() + "\n")


def artifacts(folder):
    (model,) = (folder / "mlruns/3/models").iterdir()
    return model / "artifacts"


def os_error(number):
    return OSError(number, os.strerror(number))


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("MLmodel", os_error(errno.EACCES), "permission denied"),
        ("fold-1.npz", os_error(errno.EPERM), "permission denied"),
        ("uncertainty.json", os_error(errno.EACCES), "permission denied"),
        ("ensemble.json", os_error(errno.EIO), "input/output error"),
        ("inputs.npz", os_error(errno.EMFILE), "too many files"),
        ("fold-2.npz", os_error(errno.ENOMEM), "too little memory"),
        ("uncertainty.npz", MemoryError("Unable to allocate 12 GiB"), "too little memory"),
    ],
)
def test_unreadable_champion_is_reported_and_kept(here, name, error, words):
    before = registry(here)
    with unreadable(name, error), pytest.raises(OrganodeError, match=words) as said:
        champions(["IE"])
    assert "organode-IE version 1 (champion) cannot be loaded" in str(said.value)
    assert "cannot be reached" not in str(said.value)
    assert "damaged" not in str(said.value)
    assert registry(here) == before
    assert champions(["IE"])[0].registered.version == "1"


@pytest.mark.parametrize("missing", ["artifacts/0/IE/fold-0.npz", "MLmodel", "artifacts/1", "."])
def test_same_model_in_results_replaces_lost_artefacts(here, missing, capsys):
    expected = champions(["IE"])[0].model
    place = artifacts(here) / missing
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    before = registry(here)
    (loaded,) = champions(["IE"])
    said = " ".join(capsys.readouterr().err.split())
    assert "is missing" in said
    assert "`organode register IE` registers it again" in said
    assert loaded.registered.version == "1"
    assert len(loaded.model.networks.members) == len(expected.networks.members)
    assert registry(here) == before

    other_model(here)
    with pytest.raises(ArtefactsMissingError, match=r"version 1 \(champion\) cannot be loaded"):
        champions(["IE"])
    assert registry(here) == before


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("artifacts/0/IE/fold-0.npz", lambda content: content[: len(content) // 2]),
        ("artifacts/0/IE/inputs.npz", lambda content: b""),
        ("artifacts/0/IE/ensemble.json", lambda content: b"\xff\x00{"),
        ("artifacts/1/IE/uncertainty.json", lambda content: b"{}"),
        ("MLmodel", lambda content: b""),
        ("MLmodel", lambda content: b"flavors: {keras: {}}"),
        ("MLmodel", lambda content: b"{"),
    ],
)
def test_damaged_artifacts_are_reported_and_kept(here, name, damage):
    path = artifacts(here) / name
    path.write_bytes(damage(path.read_bytes()))
    before = registry(here)
    with pytest.raises(OrganodeError, match=r"version 1 \(champion\) cannot be loaded \(") as said:
        champions(["IE"])
    assert "damaged" in str(said.value)
    assert "organode train" not in str(said.value)
    assert registry(here) == before


def test_register_brings_a_model_with_lost_artefacts_back(project, called_ok):
    ((_, story),) = registry(project)[0].values()
    shutil.rmtree(project / "mlruns")
    said = run_ok("predict", "CCO", cwd=project)
    assert "registers it again" in " ".join(said.stderr.split())
    assert set(registry(project)[0]) == {"1"}

    again = called_ok("register", "IE", cwd=project)
    assert "version 2, alias champion" in again.stdout
    versions, aliases, _, _ = registry(project)
    assert set(versions) == {"1", "2"}
    assert aliases == {"champion": "2"}
    assert versions["1"][1] == story
    assert "registered again" in versions["2"][1]["organode.promoted"]


def test_model_registered_again_stays_one_champion(here):
    other_model(here)
    register_model("IE")
    promote("IE", "2", force=True, reason="x")
    shutil.rmtree(here / "mlruns")
    assert register_model("IE").version == register_model("IE").version == "3"
    assert registry(here)[1]["champion"] == "3"
    assert rollback("IE").candidate.version == "1"


def test_too_little_memory_changes_nothing(project, called):
    failed = called("rollback", "IE", cwd=project)  # there is nothing to roll back to
    assert failed.returncode == 1
    before = registry(project)
    limit = int(0.9 * 2**30)
    subprocess.run(
        [Path(sys.executable).parent / "organode", "predict", "CCO"],
        cwd=project,
        env=environment(OPENBLAS_NUM_THREADS="1"),
        capture_output=True,
        stdin=subprocess.DEVNULL,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )
    assert registry(project) == before


def test_loading_runs_no_registered_code_and_writes_nothing(here):
    folder = artifacts(here)
    for path in (folder / "energies.py", folder / "code/organode/__init__.py"):
        path.write_text("raise SystemExit('the registered code was run')\n")
    before = registry(here)
    assert champions(["IE"])[0].registered.version == "1"
    assert named_version("IE", "1").registered.version == "1"
    assert registry(here) == before


def test_lock_file_that_cannot_be_opened_stops_no_reading(here):
    lock = here / ".mlflow.db.lock"
    lock.unlink()
    lock.mkdir()  # as good as another user's file, for root too
    assert champions(["IE"])[0].registered.version == "1"


def test_deleted_champion_is_not_replaced_by_a_guess(here):
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{here}/mlflow.db")
    other_model(here)
    register_model("IE")
    promote("IE", force=True, reason="x")
    client.delete_model_version("organode-IE", "2")
    before = registry(here)
    with pytest.raises(OrganodeError, match="`organode rollback IE` makes version 1 champion"):
        champions(["IE"])
    assert registry(here) == before
    rollback("IE")
    assert champions(["IE"])[0].registered.version == "1"


def test_experiment_that_was_deleted_is_restored(here, capsys):
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{here}/mlflow.db")
    number = client.get_experiment_by_name("organode-IE-models").experiment_id
    client.delete_experiment(number)
    other_model(here)
    assert register_model("IE").version == "2"
    assert client.get_experiment(number).lifecycle_stage == "active"
    runs = client.search_runs([number])  # the model's own run, and none in its stead
    assert [run.info.run_id for run in runs] == [
        client.get_model_version("organode-IE", version).run_id for version in ("1",)
    ]
    assert "it is restored, with its runs" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("method", "after"),
    [
        ("update_model_version", 0),
        ("set_model_version_tag", 0),
        ("set_model_version_tag", 2),
        ("set_model_version_tag", 7),
        ("set_registered_model_alias", 0),
        ("set_registered_model_tag", 0),
    ],
)
def test_registration_killed_anywhere_is_completed_by_the_next(here, monkeypatch, method, after):
    from mlflow import MlflowClient

    MlflowClient(f"sqlite:///{here}/mlflow.db").delete_registered_model("organode-IE")
    write, left = getattr(MlflowClient, method), [after]

    def dying(*arguments, **keywords):
        if left[0] == 0:
            raise Killed
        left[0] -= 1
        return write(*arguments, **keywords)

    with monkeypatch.context() as patch:
        patch.setattr(MlflowClient, method, dying)
        with pytest.raises(Killed):
            register_model("IE")
    (loaded,) = champions(["IE"])
    versions, aliases, _, _ = registry(here)
    assert aliases == {"champion": loaded.registered.version}
    whole = [number for number, (_, tags) in versions.items() if "organode.identity" in tags]
    assert whole == [loaded.registered.version]
    assert register_model("IE").version == loaded.registered.version
    assert registry(here)[0][whole[0]][1]["organode.promoted"] == "first version"
