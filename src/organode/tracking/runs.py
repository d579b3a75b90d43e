"""Helpers for all MLflow runs: experiments, names, parent runs, parameters and metrics."""

from __future__ import annotations

import os
import re
import resource
import sys
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from organode.errors import OrganodeError
from organode.models.network.network import NetworkSettings
from organode.tracking.store import failure, is_absent, shown_address
from organode.utils.progress import say

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Metric

# The group of metrics that runs are compared by: MLflow draws groups in the order of their names,
# and metrics without a group last of all.
HEADLINE = "0_headline"
GENERATED_NAME = re.compile(r"[a-z]+-[a-z]+-\d+")  # such as MLflow gives to a run without a name
MAX_NAME_LENGTH = 120  # characters
PARENT_DESCRIPTION = (
    "One call of `mlflow run`. Its results are in the experiments `organode-…`: its runs there "
    "have `tags.mlflow.parentRunId = '{run_id}'`."
)
STARTED = time.monotonic()  # a second or two after the command began


def open_experiment(client: MlflowClient, name: str, description: str) -> str:
    """Return the id of the experiment `name`; create it with `description` if it is absent.

    A deleted experiment is restored together with its runs, because MLflow allows no new experiment
    with the name of a deleted experiment, and because the deleted experiment may hold earlier runs
    of the same study or model.

    Raises
    ------
    OrganodeError
        If the store fails, or somebody permanently removes the experiment during this call.
    """
    from mlflow.exceptions import MlflowException

    experiment = client.get_experiment_by_name(name)
    if experiment is None:
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
        experiment = client.get_experiment_by_name(name)  # another process has just created it
    if experiment is None:
        raise OrganodeError(
            f"the experiment '{name}' at {shown_address()} was removed for good a moment ago: "
            "start the same command again"
        )
    if experiment.lifecycle_stage != "active":
        say(
            f"the experiment '{name}' was deleted at {shown_address()}: it is restored, with its "
            "runs, since new ones belong there"
        )
        try:
            client.restore_experiment(experiment.experiment_id)
        except MlflowException as error:
            if not is_absent(error):  # another process has just restored it
                raise failure(error) from error
    return str(experiment.experiment_id)


def run_name(content: str) -> str:
    """Return a run's name: the DVC experiment's name, or else the time, followed by `content`.

    An example is ``07-25 14:03:10: curate 500 rows``. The part that differs between runs comes
    first, since MLflow's list of runs shows only about twenty characters of a name.
    """
    when = os.environ.get("DVC_EXP_NAME") or time.strftime("%m-%d %H:%M:%S")
    return f"{when}: {content}"


def parent_tags(client: MlflowClient) -> dict[str, str]:
    """Return the tag that names the parent run if `mlflow run` started this command, else no tag.

    `mlflow run` creates a run, and passes the run's id in the environment variable `MLFLOW_RUN_ID`.
    While this variable is set, MLflow uses that run for everything that this process logs. But the
    runs that organode creates must only name that run as their parent. So this function removes the
    variable, and only the first call returns the tag. A parent run with a name that MLflow
    generated is renamed after the entry point and the parameters of `mlflow run`.
    """
    os.environ.pop("MLFLOW_EXPERIMENT_ID", None)
    os.environ.pop("MLFLOW_EXPERIMENT_NAME", None)
    run_id = os.environ.pop("MLFLOW_RUN_ID", None)
    if not run_id:
        return {}
    parent = client.get_run(run_id)
    if GENERATED_NAME.fullmatch(parent.info.run_name or ""):
        parameters = " ".join(f"{key}={value}" for key, value in sorted(parent.data.params.items()))
        entry = parent.data.tags.get("mlflow.project.entryPoint", "main")
        client.update_run(run_id, name=f"mlflow run -e {entry} {parameters}"[:MAX_NAME_LENGTH])
        client.set_tag(run_id, "mlflow.note.content", PARENT_DESCRIPTION.format(run_id=run_id))
    return {"mlflow.parentRunId": run_id}


def network_parameters(settings: NetworkSettings) -> dict[str, Any]:
    """Return a network's settings as parameters of a run; layer `widths` as text: ``512-256``."""
    parameters = settings.as_dict()
    return parameters | {"widths": "-".join(map(str, parameters["widths"]))}


def cost_metrics(stage: str, seconds: float | None = None) -> list[Metric]:
    """Return wall time (s) and peak memory (GiB) of this process as metrics of a stage.

    The wall time is `seconds` or, by default, the time since this command began.
    """
    from mlflow.entities import Metric

    now = int(time.time() * 1000)
    unit = 2**30 if sys.platform == "darwin" else 2**20  # macOS counts bytes, others KiB
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    seconds = time.monotonic() - STARTED if seconds is None else seconds
    return [
        Metric(f"cost/{stage}_seconds", round(seconds, 1), now, 0),
        Metric(f"cost/{stage}_peak_memory_GiB", round(peak, 3), now, 0),
    ]


def flat_metrics(metrics: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    """Yield (name, number) for each number in nested metrics, such as ``("outer/mae", 0.15)``.

    The name consists of `prefix`, such as ``outer/``, and the keys that lead to the number, joined
    by ``/``. Without a prefix, the name of a number at the top level starts with ``overall/``.
    """
    for name, value in metrics.items():
        if isinstance(value, Mapping):
            yield from flat_metrics(value, f"{prefix}{name}/")
        else:
            yield f"{prefix or 'overall/'}{name}", float(value)
