"""MLflow: where runs go and what they hold. Beside `register` the only place that imports it."""

from __future__ import annotations

import contextlib
import getpass
import io
import json
import logging
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from organode import __version__
from organode.artifacts import CURATED, CURATION_SUMMARY, PROVENANCE, RAW, SPLITS
from organode.errors import OrganodeError, UsageError, without_password
from organode.models.network.network import NetworkSettings
from organode.settings import Settings
from organode.tracking import relocation, stores
from organode.utils.checksums import damaged, read_json
from organode.utils.files import md5, sha256
from organode.utils.processes import Stopped, run_server
from organode.utils.progress import say
from organode.utils.resources import explained

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Metric
    from mlflow.exceptions import MlflowException

DEFAULT_STORE = "mlflow.db"
# The group of metrics that runs are compared by: MLflow draws groups in the order of their names,
# and what is in none last of all.
HEADLINE = "0_headline"
TAG = "organode."
GIVEN_NAME = re.compile(r"[a-z]+-[a-z]+-\d+")  # such as MLflow gives to a run without a name
LONGEST_NAME = 120  # characters
PARENT = (
    "One call of `mlflow run`. What it did stands in the experiments `organode-…`: its runs there "
    "have `tags.mlflow.parentRunId = '{run_id}'`."
)
STARTED = time.monotonic()  # a second or two after the command began


def address() -> str:
    """Return the tracking address: `MLFLOW_TRACKING_URI`, or SQLite in the project's folder."""
    named = os.environ.get("MLFLOW_TRACKING_URI")
    return stores.resolved(named) if named else _own_address()


def _own_address() -> str:
    """Return this project's database, by its whole path: MLflow opens an address only once."""
    path = stores.project() / DEFAULT_STORE
    return f"sqlite:///{DEFAULT_STORE if '?' in str(path) else path}"  # ? ends a path in an address


def shown_address() -> str:
    """Return the tracking address without a password, fit for messages."""
    return without_password(address())


def connect() -> MlflowClient:
    """Return a client of the tracking store that has answered once.

    Raises
    ------
    OrganodeError
        If the store cannot be reached: said before any work is begun.
    """
    # A dead server should be noticed in seconds: MLflow's own patience is several minutes.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("DO_NOT_TRACK", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")  # it is the answer's
    warnings.filterwarnings("ignore", module="mlflow")
    import mlflow
    from mlflow import MlflowClient

    _quiet_logs()
    uri = address()
    mlflow.set_tracking_uri(uri)
    try:
        # MLflow puts artefacts below the folder in which its store is first opened.
        with stores.exclusively(uri), contextlib.chdir(stores.project()):
            client = MlflowClient(uri)
            client.search_experiments(max_results=1)
            if own := _own_database():
                relocation.relocate(own)
    except OrganodeError:
        raise
    except Exception as error:  # MLflow passes on what its store or its transport raised
        if said := explained(error, shown_address()):
            raise said from error
        if uri.startswith("sqlite:"):
            raise OrganodeError(
                f"the MLflow store at {shown_address()} cannot be used: {reason(error)}"
            ) from error
        raise OrganodeError(
            f"the MLflow store at {shown_address()} cannot be reached ({one_line(error)}): "
            "start it, or set MLFLOW_TRACKING_URI to one that answers (unset, runs go to "
            "./mlflow.db)"
        ) from error
    return client


def _own_database() -> Path | None:
    """Return this project's database if it is the store: `mlflow.db` itself, and no link to one."""
    uri, own = address(), stores.project() / DEFAULT_STORE
    is_it = uri.startswith("sqlite:///") and Path(uri.removeprefix("sqlite:///")).absolute() == own
    return own if is_it and own.is_file() and not own.is_symlink() else None


def present_location(location: str) -> str:
    """Return where an artefact is whose location the store records, by `relocation`."""
    own = _own_database()
    return location if own is None else relocation.present_location(location, own)


def store_exists() -> bool:
    """Tell whether there is a store to ask: the default one is made by the first run."""
    return address() != _own_address() or (stores.project() / DEFAULT_STORE).exists()


def says_absent(error: MlflowException) -> bool:
    """Tell whether a store answered that a thing does not exist, and did not merely fail."""
    absent = error.error_code == "RESOURCE_DOES_NOT_EXIST"
    # The SQL store says so of an alias in another code.
    return absent or (error.error_code == "INVALID_PARAMETER_VALUE" and "not found" in str(error))


def failure(error: Exception) -> OrganodeError:
    """Return the sentence for a store that answered before and fails now."""
    return explained(error, shown_address()) or OrganodeError(
        f"the MLflow store at {shown_address()} failed ({reason(error)}): "
        "start the same command again when it answers, and it resumes"
    )


@contextlib.contextmanager
def store_failures() -> Iterator[None]:
    """Turn what a store raises while a block or a function runs into that sentence."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as error:
        raise failure(error) from error


# What a machine may lack, by error number.


def reason(error: Exception) -> str:
    """Return why something failed, in one line: what was lacking, or the error's own words."""
    said = explained(error)
    return one_line(error) if said is None else str(said)


def _quiet_logs() -> None:
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # it raises its errors, too


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep MLflow's own progress and hints off the terminal; its errors are exceptions."""
    with contextlib.redirect_stderr(io.StringIO()):
        yield


def one_line(error: Exception) -> str:
    """Return an error's text in one line, without passwords."""
    return without_password(" ".join(str(error).split()))[:200]


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without a name for its user
        return "unknown"


def open_experiment(client: MlflowClient, name: str, description: str) -> str:
    """Return the id of an experiment, made with its description where there is none.

    One that was deleted is restored, with its runs: a name stays taken, and what was learned before
    is looked for there.
    """
    from mlflow.exceptions import MlflowException

    known = client.get_experiment_by_name(name)
    if known is None:
        tags = {
            "mlflow.note.content": description,
            # So that the pages open on runs and models, not on traces of language models.
            "mlflow.experimentKind": "custom_model_development",
        }
        try:
            return str(client.create_experiment(name, tags=tags))
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise failure(error) from error
        known = client.get_experiment_by_name(name)  # another process made it a moment ago
    if known is None:
        raise OrganodeError(f"the experiment '{name}' at {shown_address()} was removed for good a "
                            "moment ago: start the same command again")  # fmt: skip
    if known.lifecycle_stage != "active":
        say(f"the experiment '{name}' was deleted at {shown_address()}: it is restored, with its "
            "runs, since new ones belong there")  # fmt: skip
        try:
            client.restore_experiment(known.experiment_id)
        except MlflowException as error:
            if not says_absent(error):  # another process restored it a moment ago
                raise failure(error) from error
    return str(known.experiment_id)


def run_name(what: str) -> str:
    """Return a run's name: which one, by DVC's name for it or the time, and what it is of.

    In this order, since MLflow's list of runs shows about twenty characters.
    """
    which = os.environ.get("DVC_EXP_NAME") or time.strftime("%m-%d %H:%M:%S")
    return f"{which}: {what}"


def outer_run(client: MlflowClient) -> dict[str, str]:
    """Return the parent tag when `mlflow run` started us, and give that run a telling name.

    It exports its own run to its children; a run in another experiment must not take over
    that id, only point to it.
    """
    os.environ.pop("MLFLOW_EXPERIMENT_ID", None)
    os.environ.pop("MLFLOW_EXPERIMENT_NAME", None)
    run_id = os.environ.pop("MLFLOW_RUN_ID", None)
    if not run_id:
        return {}
    parent = client.get_run(run_id)
    if GIVEN_NAME.fullmatch(parent.info.run_name or ""):
        asked = " ".join(f"{key}={value}" for key, value in sorted(parent.data.params.items()))
        entry = parent.data.tags.get("mlflow.project.entryPoint", "main")
        client.update_run(run_id, name=f"mlflow run -e {entry} {asked}"[:LONGEST_NAME])
        client.set_tag(run_id, "mlflow.note.content", PARENT.format(run_id=run_id))
    return {"mlflow.parentRunId": run_id}


def provenance() -> dict[str, str]:
    """Return what code and data were: `code_tags`, hashes of tables, what the labels are."""
    tags = code_tags()
    if CURATED.exists():
        tags[f"{TAG}data_sha256"] = sha256(CURATED)
        tags[f"{TAG}data_md5"] = md5(CURATED)
    if RAW.exists():
        tags[f"{TAG}raw_md5"] = md5(RAW)
    if SPLITS.exists():
        tags[f"{TAG}splits_sha256"] = sha256(SPLITS)
    return tags | {f"{TAG}{key}": value for key, value in what_the_labels_are().items()}


def code_tags() -> dict[str, str]:
    """Return what the code was: commit, dirtiness, versions, lock file; and who ran what."""

    def git(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else ""

    tags = {
        f"{TAG}version": __version__,
        f"{TAG}python": platform.python_version(),
        "mlflow.source.name": without_password(" ".join(["organode", *sys.argv[1:]])),
        "mlflow.source.type": "LOCAL",
        "mlflow.user": _user(),
    }
    with contextlib.suppress(FileNotFoundError):  # no git on this machine: no commit to name
        commit = git("rev-parse", "HEAD")
        if commit:
            tags["mlflow.source.git.commit"] = commit
            # dvc.lock and results change with every stage of the chain itself
            status = git("status", "--porcelain", "--", "src", "params.yaml", "dvc.yaml")
            tags[f"{TAG}git_dirty"] = str(bool(status)).lower()
    if experiment := os.environ.get("DVC_EXP_NAME"):
        tags[f"{TAG}dvc_experiment"] = experiment
    if Path("dvc.lock").exists():
        tags[f"{TAG}dvc_lock_sha256"] = sha256(Path("dvc.lock"))
    return tags


def what_the_labels_are() -> dict[str, str]:
    """Return source, level of theory and energy reference of the labels.

    `reference` is that of the curated table, `source_reference` what the source said of its own.
    """
    if not PROVENANCE.exists():
        return {}
    path, remedy = PROVENANCE, "run `organode fetch` again"
    try:
        provenance = read_json(path, remedy)
        known = {key: provenance[key] for key in ("source", "level_of_theory")}
        known["source_reference"] = known["reference"] = provenance["reference"]
        if CURATION_SUMMARY.exists():
            path, remedy = CURATION_SUMMARY, "run `organode curate` again"
            known["reference"] = read_json(path, remedy)["reference"]["scale"]
    except (KeyError, TypeError) as error:
        raise damaged(path, remedy) from error
    return known


def log_dataset(client: MlflowClient, run_id: str, targets: Sequence[str]) -> None:
    """Show on the run which data it read."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    if not CURATED.exists():  # a model restored without its data
        return
    table = pd.read_parquet(CURATED, columns=list(targets))
    profile: dict[str, Any] = {"rows": len(table)}
    for target in targets:
        labels = table[target].dropna()
        profile[f"{target}_rows"] = len(labels)
        for name in ("mean", "min", "max"):
            profile[f"{target}_{name}_eV"] = round(float(getattr(labels, name)()), 3)
    dataset = Dataset(
        name="curated molecules",
        digest=md5(CURATED),
        source_type="local",
        source=json.dumps({"uri": str(CURATED)}),
        schema=json.dumps({"mlflow_colspec": [
            {"name": "smiles", "type": "string"},
            *({"name": target, "type": "double"} for target in targets),
        ]}),
        profile=json.dumps(profile),
    )  # fmt: skip
    client.log_inputs(run_id, [DatasetInput(dataset, [InputTag("mlflow.data.context", "all")])])


def network_parameters(settings: NetworkSettings) -> dict[str, Any]:
    """Return settings as a run's parameters show them."""
    content = settings.as_dict()
    return content | {"widths": "-".join(map(str, content["widths"]))}


def cost(stage: str, seconds: float | None = None) -> list[Metric]:
    """Return wall time, by default since this command began, and peak memory, as metrics."""
    from mlflow.entities import Metric

    now = int(time.time() * 1000)
    unit = 2**30 if sys.platform == "darwin" else 2**20  # bytes there, KiB elsewhere
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    seconds = time.monotonic() - STARTED if seconds is None else seconds
    return [
        Metric(f"cost/{stage}_seconds", round(seconds, 1), now, 0),
        Metric(f"cost/{stage}_peak_memory_GiB", round(peak, 3), now, 0),
    ]


@dataclass
class CurationRun:
    """The run of one curation: its numbers, its figures and the report."""

    client: MlflowClient
    experiment: str

    @classmethod
    @store_failures()
    def open(cls) -> CurationRun:
        """Make sure that the store answers and takes runs, before anything is written."""
        client = connect()
        experiment = open_experiment(
            client,
            "organode-data",
            "What curation did to each table: rows, references, repairs; report.html shows it.",
        )
        return cls(client, experiment)

    @store_failures()
    def log(self, summary: dict[str, Any], folder: Path, settings: Settings) -> None:
        """Log what `summary.json` holds, and every file of `folder`."""
        from mlflow.entities import Metric, Param

        reference = summary["reference"]
        run = self.client.create_run(
            self.experiment,
            run_name=run_name(f"curate {summary['source_rows']:,} rows"),
            tags=provenance() | outer_run(self.client) | {
                f"{TAG}stage": "curate",
                "mlflow.note.content": f"{summary['clean']:,} clean rows of "
                f"{summary['source_rows']:,}. Energies: {reference['verdict']}.",
            },
        )  # fmt: skip
        run_id = run.info.run_id
        now = int(time.time() * 1000)
        counts = {
            name: summary[name]
            for name in ("source_rows", "clean", "merged", "rejected", "flagged")
        }
        counts |= {
            f"reference/{name}": value
            for name, value in reference.items()
            if isinstance(value, int | float)
        }
        counts |= {
            f"noise_floor/{name.replace(' ', '_')}": value["floor"]
            for name, value in summary["noise"].items()
        }
        self.client.log_batch(
            run_id,
            [Metric(name, float(value), now, 0) for name, value in counts.items()] + cost("curate"),
            [
                Param(f"curate.{name}", str(value))
                for name, value in settings.curate.model_dump().items()
            ],
        )
        log_dataset(self.client, run_id, settings.targets)
        with quiet():
            self.client.log_artifacts(run_id, str(folder), "curation")
        self.client.set_terminated(run_id)


def serve(port: int) -> int:
    """Run MLflow's server on this machine's loopback until it is stopped; return its exit code.

    Raises
    ------
    UsageError
        If `MLFLOW_TRACKING_URI` already is a server.
    """
    uri = address()
    if uri.startswith("http"):
        raise UsageError(
            f"MLFLOW_TRACKING_URI is a server already: open {shown_address()} in a browser"
        )
    with contextlib.ExitStack() as kept:
        own = _own_database()
        if own is not None and relocation.pending(own):
            folder = kept.enter_context(tempfile.TemporaryDirectory(prefix="organode-ui-"))
            uri = f"sqlite:///{relocation.relocated_copy(own, Path(folder))}"
            say(f"{own.name} cannot be written and was moved: what is changed in the pages is lost")
        return _serve(uri, port)


def _serve(uri: str, port: int) -> int:
    say(f"MLflow on http://127.0.0.1:{port} (stop it with Ctrl-C)")
    environment = os.environ | {
        # Ten processes and 2.4 GB otherwise, for jobs that nothing here uses.
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_BACKEND_STORE_URI": uri,  # not as an argument: others can read those
    }
    command = [sys.executable, "-P", "-m", "mlflow", "server", "--host", "127.0.0.1",
               "--port", str(port), "--workers", "1"]  # fmt: skip
    try:
        return run_server(command, environment)
    except Stopped:
        raise
    except KeyboardInterrupt:
        return 0
