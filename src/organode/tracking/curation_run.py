"""Log each curation, the cleaning of the raw table of molecules, as a run in MLflow."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from organode.settings import Settings
from organode.tracking.provenance import TAG, log_curated_table, provenance_tags
from organode.tracking.runs import cost_metrics, open_experiment, parent_tags, run_name
from organode.tracking.store import connect, quiet_mlflow, store_failures

if TYPE_CHECKING:
    from mlflow import MlflowClient


@dataclass
class CurationRun:
    """Logger of curations: `log` makes one MLflow run with a curation's numbers and files.

    Attributes
    ----------
    client : MlflowClient
        Client of the MLflow tracking store.
    experiment : str
        Id of the experiment ``organode-data``.
    """

    client: MlflowClient
    experiment: str

    @classmethod
    @store_failures()
    def open(cls) -> CurationRun:
        """Connect to the MLflow store and open the experiment ``organode-data``.

        The stage `curate` calls this before it writes anything, so that a store that fails is
        noticed in time.
        """
        client = connect()
        experiment = open_experiment(
            client,
            "organode-data",
            "Curations, a run for each: rows, references, repairs; report.html shows them.",
        )
        return cls(client, experiment)

    @store_failures()
    def log(self, summary: dict[str, Any], folder: Path, settings: Settings) -> None:
        """Log a curation as a new run.

        Parameters
        ----------
        summary : dict
            Content of the curation's `summary.json`; the main numbers in it become metrics.
        folder : Path
            Folder of the curation's results; every file in it, such as the report, becomes an
            artefact of the run.
        settings : Settings
            Settings of the project; those of the section `curate` become parameters of the run.
        """
        from mlflow.entities import Metric, Param

        tags = {
            f"{TAG}stage": "curate",
            "mlflow.note.content": f"{summary['clean']:,} clean rows of "
            f"{summary['source_rows']:,}. Energies: {summary['reference']['verdict']}.",
        }
        run = self.client.create_run(
            self.experiment,
            run_name=run_name(f"curate {summary['source_rows']:,} rows"),
            tags=provenance_tags() | parent_tags(self.client) | tags,
        )
        run_id = run.info.run_id
        now = int(time.time() * 1000)
        metrics = [Metric(name, value, now, 0) for name, value in _numbers(summary).items()]
        parameters = [
            Param(f"curate.{name}", str(value))
            for name, value in settings.curate.model_dump().items()
        ]
        self.client.log_batch(run_id, metrics + cost_metrics("curate"), parameters)
        log_curated_table(self.client, run_id, settings.targets)
        with quiet_mlflow():
            self.client.log_artifacts(run_id, str(folder), "curation")
        self.client.set_terminated(run_id)


def _numbers(summary: dict[str, Any]) -> dict[str, float]:
    """Return the main numbers of a curation's summary, keyed by the name of the MLflow metric."""
    numbers = {
        name: summary[name] for name in ("source_rows", "clean", "merged", "rejected", "flagged")
    }
    numbers |= {
        f"reference/{name}": value
        for name, value in summary["reference"].items()
        if isinstance(value, int | float)
    }
    numbers |= {
        f"noise_floor/{name.replace(' ', '_')}": noise["floor"]
        for name, noise in summary["noise"].items()
    }
    return {name: float(value) for name, value in numbers.items()}
