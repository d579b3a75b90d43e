"""Log a campaign that buys labels in MLflow: one run for the campaign, one below it a round."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from organode.tracking.provenance import TAG, code_tags
from organode.tracking.runs import (
    cost_metrics,
    flat_metrics,
    open_experiment,
    parent_tags,
    run_name,
)
from organode.tracking.store import connect, quiet_mlflow, store_failures

if TYPE_CHECKING:
    from mlflow import MlflowClient

FILES = ("report.html", "labels.csv", "list.csv")
COSTS = ("failed", "not_computed", "cpu_seconds", "label_seconds", "retrain_seconds")


@dataclass
class CampaignRun:
    """The MLflow run of one campaign, the parent of the runs of its rounds.

    Attributes
    ----------
    client : MlflowClient
        Client of the MLflow store.
    experiment, run_id : str
        Ids of the experiment ``organode-improve`` and of the campaign's run.
    """

    client: MlflowClient
    experiment: str
    run_id: str

    @classmethod
    @store_failures()
    def open(cls, identity: str, parameters: Mapping[str, Any], folder: Path) -> CampaignRun:
        """Return the run of a campaign; create it if the store has none.

        Parameters
        ----------
        identity : str
            Hash of what makes two campaigns the same. A campaign in another folder has another run.
        parameters : mapping
            How the campaign is run; the parameters of a new run.
        folder : Path
            Folder of the campaign.
        """
        from mlflow.entities import Param

        client = connect()
        experiment = open_experiment(
            client,
            "organode-improve",
            "Campaigns that buy labels: a run for each, its rounds below it. `before/…/mae` (eV) "
            "is the error for molecules that were not learned when they were predicted.",
        )
        campaign = f"{identity}-{folder.resolve()}"
        quoted = campaign.replace("'", "\\'")
        known = client.search_runs([experiment], f"tags.`{TAG}campaign` = '{quoted}'")
        if known:
            run_id = min(run.info.run_id for run in known)
            client.update_run(run_id, status="RUNNING")
            return cls(client, experiment, run_id)
        tags = {f"{TAG}stage": "campaign", f"{TAG}campaign": campaign}
        run = client.create_run(
            experiment,
            run_name=run_name(f"improve {parameters['library']}"),
            tags=code_tags() | parent_tags(client) | tags,
        )
        run_id = run.info.run_id
        client.log_batch(
            run_id, params=[Param(name, str(value)) for name, value in parameters.items()]
        )
        return cls(client, experiment, run_id)

    @store_failures()
    def log_round(self, number: int, summary: Mapping[str, Any]) -> None:
        """Log a finished round as a run below that of the campaign, unless it is there already."""
        from mlflow.entities import Metric

        condition = (
            f"tags.`mlflow.parentRunId` = '{self.run_id}' and tags.`{TAG}round` = '{number}'"
        )
        known = self.client.search_runs([self.experiment], condition)
        if any(run.info.status == "FINISHED" for run in known):
            return
        if known:
            run_id = min(run.info.run_id for run in known)
        else:
            tags = {
                f"{TAG}stage": "round",
                f"{TAG}round": str(number),
                "mlflow.parentRunId": self.run_id,
            }
            run = self.client.create_run(
                self.experiment, run_name=run_name(f"round {number}"), tags=code_tags() | tags
            )
            run_id = run.info.run_id
        now = int(time.time() * 1000)
        metrics = [
            Metric(name, value, now, number) for name, value in round_metrics(summary).items()
        ]
        self.client.log_batch(run_id, metrics)
        self.client.log_batch(self.run_id, metrics)
        self.client.log_dict(run_id, dict(summary), "summary.json")
        self.client.set_terminated(run_id)

    @store_failures()
    def finish(self, folder: Path, proposed: bool) -> None:
        """Log report and tables of the campaign, and end its run."""
        with quiet_mlflow():
            for name in FILES:
                self.client.log_artifact(self.run_id, str(folder / name))
        self.client.set_tag(self.run_id, f"{TAG}proposed", str(proposed).lower())
        self.client.log_batch(self.run_id, cost_metrics("improve"))
        self.client.set_terminated(self.run_id)


def round_metrics(summary: Mapping[str, Any]) -> dict[str, float]:
    """Return the metrics of a round: errors, changes of the list, and cost."""
    numbers = {f"cost/{name}": float(summary[name]) for name in COSTS}
    numbers["0_headline/certainty"] = float(summary["certainty"])
    for level, n in summary["bought"].items():
        numbers[f"bought/{level}"] = float(n)
    for name in ("before", "start", "after"):
        numbers |= dict(flat_metrics(summary[name], f"{name}/"))
    for role, of_role in summary["list"].items():
        numbers[f"list/{role}"] = float(of_role["listed"])
        numbers[f"list/{role}_joined"] = float(len(of_role["joined"]))
        numbers[f"list/{role}_left"] = float(len(of_role["left"]))
    return numbers
