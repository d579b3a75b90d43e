"""The MLflow runs of models: each model has one run, from training to registration."""

from __future__ import annotations

import io
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from organode.artifacts import CURVES, PREDICTIONS, TRAINING, stored_ensemble
from organode.electrochemistry.stability.couples import couples_sha256
from organode.models.ensemble import Ensemble
from organode.models.network.network import NetworkSettings
from organode.tracking.provenance import (
    TAG,
    code_tags,
    log_curated_table,
    log_input,
    provenance_tags,
)
from organode.tracking.runs import (
    HEADLINE,
    cost_metrics,
    flat_metrics,
    network_parameters,
    open_experiment,
    parent_tags,
    run_name,
)
from organode.tracking.store import connect, failure, is_absent, store_failures

if TYPE_CHECKING:
    from mlflow import MlflowClient

MODEL = f"{TAG}model"  # tag of a run: the SHA-256 of the model that it made
MAX_METRICS = 1000  # most metrics that MLflow takes in one call


@dataclass
class ModelRun(ABC):
    """The MLflow run of one model: settings, evaluation and, once registered, the model's files.

    The files do not name the run, so that equal models have equal files. The run is found by its
    tag ``organode.model``, which holds the model's digest.

    Attributes
    ----------
    client : MlflowClient
        Client of the store.
    run_id : str
        The run's id.
    """

    client: MlflowClient
    run_id: str

    @classmethod
    def find(cls, run_id: str) -> Self | None:
        """Return the run with this id, or None if the store has no such run or it was deleted."""
        from mlflow.exceptions import MlflowException

        client = connect()
        try:
            is_active = client.get_run(run_id).info.lifecycle_stage == "active"
        except MlflowException as error:
            if not is_absent(error):
                raise failure(error) from error
            return None
        return cls(client, run_id) if is_active else None

    @classmethod
    def _start(
        cls,
        experiment: tuple[str, str],
        name: str,
        parameters: Mapping[str, Any],
        tags: Mapping[str, str],
    ) -> Self:
        """Start a run in an experiment, given as (name, description) and created if absent.

        A tag's name without a dot gets the prefix ``organode.``.
        """
        from mlflow.entities import Param

        client = connect()
        tags = {key if "." in key else f"{TAG}{key}": value for key, value in tags.items()}
        run = client.create_run(
            open_experiment(client, *experiment),
            run_name=run_name(name),
            tags=parent_tags(client) | tags,
        )
        run_id = run.info.run_id
        client.log_batch(run_id, params=[Param(k, str(v)) for k, v in parameters.items()])
        return cls(client, run_id)

    @classmethod
    def _of_model(cls, experiment: tuple[str, str], model: str) -> Self | None:
        """Return the first run of a model, given its digest, or None if the store has none."""
        client = connect()
        return cls._first(client, open_experiment(client, *experiment), model)

    @classmethod
    def _first(cls, client: MlflowClient, experiment: str, model: str) -> Self | None:
        runs = client.search_runs(
            [experiment],
            f"tags.`{MODEL}` = '{model}'",
            max_results=1,
            order_by=["attributes.start_time ASC"],
        )
        return cls(client, runs[0].info.run_id) if runs else None

    @store_failures()
    def assign_model(self, model: str) -> Self:
        """Tag this run with the digest of the model that it made; return the model's run.

        Usually that is this run. If an earlier run made the same model, this run is tagged with
        the id of the earlier run and ended, and the earlier run is returned.
        """
        experiment = self.client.get_run(self.run_id).info.experiment_id
        first = self._first(self.client, experiment, model)
        if first is None or first.run_id == self.run_id:
            self.client.set_tag(self.run_id, MODEL, model)
            return self
        self.client.set_tag(self.run_id, f"{TAG}same_model_as", first.run_id)
        self.client.set_terminated(self.run_id)
        return first

    @store_failures()
    def is_evaluated(self) -> bool:
        """Tell whether the evaluation was logged: it is the last step, and finishes the run."""
        return bool(self.client.get_run(self.run_id).info.status == "FINISHED")

    def log_cost(self, stage: str) -> None:
        """Log wall time (s) and peak memory (GiB) of this process as metrics of a stage.

        If the command resumed an interrupted one, the cost of the latter is not included.
        """
        self._log(cost_metrics(stage))

    @store_failures()
    def log_evaluation(self, metrics: dict[str, Any], folder: Path) -> None:
        """Log `metrics` (the content of `metrics.json`), tables and figures; then end the run.

        Tables and figures are the CSV and PNG files in `folder`.
        """
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        numbers = dict(flat_metrics({HEADLINE: self.headline(metrics)})) | dict(
            flat_metrics(metrics)
        )
        self._log([Metric(name, value, now, 0) for name, value in numbers.items()])
        for figure in sorted(folder.glob("*.png")):
            self.client.log_artifact(self.run_id, str(figure), "figures")
        for table in sorted(folder.glob("*.csv")):
            self.client.log_artifact(self.run_id, str(table))
        self.client.set_terminated(self.run_id)

    @staticmethod
    @abstractmethod
    def headline(metrics: Mapping[str, Any]) -> dict[str, float]:
        """Return those of the `metrics` that models are compared by; MLflow shows them first."""

    @store_failures()
    def _log(self, metrics: list[Any]) -> None:
        for start in range(0, len(metrics), MAX_METRICS):
            self.client.log_batch(self.run_id, metrics[start : start + MAX_METRICS])


class EnsembleRun(ModelRun):
    """The MLflow run of the k-fold ensemble for IE or EA, with its learning curves."""

    @staticmethod
    def headline(metrics: Mapping[str, Any]) -> dict[str, float]:
        """Return the MAE on the test set in eV, named `test_mae`."""
        return {"test_mae": metrics["outer"]["mae"]}

    @staticmethod
    def _experiment(target: str) -> tuple[str, str]:
        return (
            f"organode-{target}-models",
            f"Trained {target} ensembles, a run for each model. `{HEADLINE}/test_mae` (eV), on "
            "rows that no search and no training saw, is the number that counts. "
            "`learning_curve/*` is the mean over the folds by epoch, `fold/mae` has one step a "
            "fold, each group of the rest is a part of `metrics.json`.",
        )

    @classmethod
    @store_failures()
    def start(
        cls,
        target: str,
        settings: NetworkSettings,
        training: Mapping[str, Any],
        *,
        provenance: Mapping[str, str] | None = None,
    ) -> EnsembleRun:
        """Start the run of an ensemble that is about to be trained.

        Parameters
        ----------
        target : str
            ``IE`` or ``EA``.
        settings : NetworkSettings
            Settings of the networks.
        training : mapping
            Parameters of the training: `epochs`, `n_folds`, `split`, `seed`.
        provenance : mapping of str to str, optional
            Tags of the code and data of another project, if the ensemble comes from there; by
            default those of this project.
        """
        tags = {
            "stage": "train",
            "target": target,
            "mlflow.note.content": f"k-fold ensemble for {target}: settings, learning curve "
            "of each fold, evaluation, and the model itself once it is registered.",
        }
        run = cls._start(
            cls._experiment(target),
            f"{target} r{settings.radius} {settings.n_bits or 'all'} columns "
            + "-".join(map(str, settings.widths)),
            network_parameters(settings) | dict(training),
            {**(provenance_tags() if provenance is None else provenance), **tags},
        )
        if provenance is None:
            log_curated_table(run.client, run.run_id, [target])
        return run

    @classmethod
    @store_failures()
    def resume(
        cls,
        target: str,
        settings: NetworkSettings,
        folder: Path,
        *,
        provenance: Mapping[str, str] | None = None,
    ) -> EnsembleRun:
        """Return the run of the ensemble in `folder`.

        If the store has no run of it, as after a fresh clone or on another server, a new run with
        the same parameters and learning curves is made. `provenance` is as in `start`.
        """
        files = stored_ensemble(folder)
        model = Ensemble.digest(folder)
        known = cls._of_model(cls._experiment(target), model)
        if known is not None:
            return known
        run = cls.start(target, settings, files.json(TRAINING), provenance=provenance)
        run.log_curves(pd.read_csv(io.BytesIO(files.read(CURVES))))
        return run.assign_model(model)

    def log_curves(self, curves: pd.DataFrame) -> None:
        """Log the learning curves averaged over the folds, and each fold's last validation MAE.

        Averages need only two charts in MLflow, however many folds there are; the curve of each
        fold is in the figure `learning_curves.png`.

        Parameters
        ----------
        curves : pandas.DataFrame
            A row for each epoch of each fold: `fold`, `epoch`, `train_mae`, `valid_mae`.
        """
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        mean = curves.groupby("epoch")[["train_mae", "valid_mae"]].mean()
        metrics = [
            Metric(f"learning_curve/{name}", value, now, epoch)
            for name in mean
            for epoch, value in zip(mean.index.tolist(), mean[name].tolist(), strict=True)
        ]
        last = curves.groupby("fold")["valid_mae"].last()
        metrics += [Metric("fold/mae", mae, now, fold) for fold, mae in enumerate(last.tolist())]
        self._log(metrics)

    @store_failures()
    def log_evaluation(self, metrics: dict[str, Any], folder: Path) -> None:
        """Log what `ModelRun.log_evaluation` logs and the table of predictions; end the run."""
        self.client.log_artifact(self.run_id, str(folder / PREDICTIONS))
        super().log_evaluation(metrics, folder)

    @store_failures()
    def log_student(self, folder: Path, figures: Mapping[str, float]) -> None:
        """Log the student of the ensemble: the files in `folder`, and its figures as metrics."""
        from mlflow.entities import Metric

        self.client.log_artifacts(self.run_id, str(folder), "student")
        now = int(time.time() * 1000)
        self._log([Metric(f"student/{name}", value, now, 0) for name, value in figures.items()])


class StabilityRun(ModelRun):
    """The MLflow run of one model that predicts whether radical ions are stable."""

    EXPERIMENT = (
        "organode-stability-models",
        f"Models of the stability of radical ions, a run for each. `{HEADLINE}/*`, of couples "
        "whose family no fit saw, are the numbers that count.",
    )

    @staticmethod
    def headline(metrics: Mapping[str, Any]) -> dict[str, float]:
        """Return `test_brier` (Brier score) and `test_auc` (area under the ROC curve).

        Each family of molecules was predicted by a fit to the other families.
        """
        return {f"test_{name}": metrics["left_out"][name] for name in ("brier", "auc")}

    @classmethod
    @store_failures()
    def start(
        cls,
        couples: pd.DataFrame,
        parameters: Mapping[str, Any],
        *,
        provenance: Mapping[str, str] | None = None,
    ) -> StabilityRun:
        """Start the run of a model that is about to be fitted.

        Parameters
        ----------
        couples : pandas.DataFrame
            The training data, from `organode.electrochemistry.stability.couples.read_couples`: a
            row for each redox couple that was observed to be reversible or not.
        parameters : mapping
            Parameters of the fit.
        provenance : mapping of str to str, optional
            Tags of the code of another project, if the model comes from there; by default those
            of this project.
        """
        tags = {
            "stage": "stability",
            "target": "stability",
            "data_sha256": couples_sha256(couples),
            "mlflow.note.content": "Probabilities that the oxidised and the reduced form are "
            "stable: training data, errors on families that were left out, and the model itself "
            "once it is registered.",
        }
        run = cls._start(
            cls.EXPERIMENT,
            f"stability {len(couples)} couples",
            parameters,
            {**(code_tags() if provenance is None else provenance), **tags},
        )
        _log_couples(run.client, run.run_id, couples)
        return run

    @classmethod
    @store_failures()
    def resume(
        cls,
        couples: pd.DataFrame,
        parameters: Mapping[str, Any],
        model: str,
        *,
        provenance: Mapping[str, str] | None = None,
    ) -> StabilityRun:
        """Return the run of a fitted model; start a new run if the store has none.

        Parameters
        ----------
        couples : pandas.DataFrame
            The training data, as in `start`.
        parameters : mapping
            Parameters of the fit.
        model : str
            The SHA-256 of the model's file.
        provenance : mapping of str to str, optional
            As in `start`.
        """
        known = cls._of_model(cls.EXPERIMENT, model)
        if known is not None:
            return known
        return cls.start(couples, parameters, provenance=provenance).assign_model(model)


def _log_couples(client: MlflowClient, run_id: str, couples: pd.DataFrame) -> None:
    """Log the redox couples that a model is fitted to as the input data set of its run."""
    log_input(
        client,
        run_id,
        name="reversible and irreversible couples",
        digest=couples_sha256(couples)[:32],
        source={"origins": sorted(couples["origin"].unique())},
        columns={
            str(name): "boolean" if dtype == "bool" else "string"
            for name, dtype in couples.dtypes.items()
        },
        profile={"rows": len(couples), "reversible": int(couples["reversible"].sum())},
    )
