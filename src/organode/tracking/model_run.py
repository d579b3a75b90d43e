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
    """The MLflow run of one model: settings, evaluation and, after registration, the model's files.

    The model's files do not contain the run's id, so that equal models have equal files. The run is
    found by its tag ``organode.model``, which holds the SHA-256 of the model.

    Attributes
    ----------
    client : MlflowClient
        Client of the MLflow store.
    run_id : str
        The run's id.
    """

    client: MlflowClient
    run_id: str

    @classmethod
    def find(cls, run_id: str) -> Self | None:
        """Return the run with the id `run_id`; None if that run does not exist or was deleted."""
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
        """Start a run in the experiment (name, description), which is created if it is absent.

        The prefix ``organode.`` is added to the name of every tag that has no dot in its name.
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
        """Return the earliest run of the model with the SHA-256 `model`; None if it has no run."""
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
        """Tag this run with `model`, the SHA-256 of the trained model; return the model's run.

        Usually the model's run is this run. If an earlier run has the same model, this run is
        tagged with the id of the earlier run and ended, and the earlier run is returned.
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
        """Tell whether the evaluation was logged, which sets the run's status to finished."""
        return bool(self.client.get_run(self.run_id).info.status == "FINISHED")

    def log_cost(self, stage: str) -> None:
        """Log wall time (s) and peak memory (GiB) of this process as metrics of a stage.

        The cost of an earlier, interrupted command that this command resumes is not included.
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
        """Return, by name, the metrics that models are compared by and that MLflow shows first."""

    @store_failures()
    def _log(self, metrics: list[Any]) -> None:
        for start in range(0, len(metrics), MAX_METRICS):
            self.client.log_batch(self.run_id, metrics[start : start + MAX_METRICS])


class EnsembleRun(ModelRun):
    """The MLflow run of a k-fold ensemble of neural networks that predicts IE or EA."""

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
            ``IE`` (ionization energy) or ``EA`` (electron affinity).
        settings : NetworkSettings
            Settings of the neural networks.
        training : mapping
            Parameters of the training: `epochs`, `n_folds`, `split`, `seed`.
        provenance : mapping of str to str, optional
            Tags that describe code and data, if the ensemble was trained in another project; by
            default the tags of this project.
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
        """Return the run of the ensemble in `folder`; start a new run if the store has no such run.

        The run is missing after a fresh clone of the project, for example. The new run gets the
        ensemble's parameters and learning curves. The other arguments are as in `start`.
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
        """Log learning curves averaged over the folds, and each fold's validation MAE at the end.

        Averages need only two charts in MLflow, however many folds there are. The curve of each
        fold is in the figure `learning_curves.png`, an artefact of the run.

        Parameters
        ----------
        curves : pandas.DataFrame
            A row for each epoch of each fold: `fold`, `epoch`, and `train_mae`, `valid_mae` in eV.
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
        """Log the table of predictions in `folder`, and all that `ModelRun.log_evaluation` logs."""
        self.client.log_artifact(self.run_id, str(folder / PREDICTIONS))
        super().log_evaluation(metrics, folder)

    @store_failures()
    def log_student(self, folder: Path, figures: Mapping[str, float]) -> None:
        """Log the student, a small network that was trained to predict what the ensemble predicts.

        The files in `folder` become artefacts, the numbers in `figures` metrics of the run.
        """
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

        For both, each family of molecules was predicted by a model fitted to the other families.
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
            Tags that describe the code, if the model was fitted in another project; by default
            the tags of this project.
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
        """Return the run of a fitted model; start a new run if the store has no run of it.

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
    """Log the redox couples to which a model is fitted as the input data of the run `run_id`."""
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
