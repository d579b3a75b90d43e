"""The MLflow runs of models: each model has one, from its first stage to its registration."""

from __future__ import annotations

import io
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
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
    network_parameters,
    open_experiment,
    parent_tags,
    run_name,
)
from organode.tracking.store import connect, failure, is_absent, store_failures

if TYPE_CHECKING:
    from mlflow import MlflowClient

MODEL = f"{TAG}model"  # tag: the digest of the model that a run made
MAX_METRICS = 1000  # that MLflow takes in one call


@dataclass
class ModelRun(ABC):
    """The one run of one model: settings, evaluation and, in the end, its artefact.

    A model's files do not name its run, so that equal models have equal files: the run's tag
    `model` holds the model's digest.
    """

    client: MlflowClient
    run_id: str

    @classmethod
    def find(cls, run_id: str) -> Self | None:
        """Return the run with that id, or None if this store does not know it."""
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
        """Start a run in the experiment of that name and description."""
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
        """Return the run of a model, given its digest, or None if this store knows none."""
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
        """Record which model this run made, by its digest; return the run of that model.

        If the same model was made before, that is its first run: this run refers to it and ends.
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
        """Tell whether the evaluation, which is logged last, is in the run."""
        return bool(self.client.get_run(self.run_id).info.status == "FINISHED")

    def log_cost(self, stage: str) -> None:
        """Log the duration and the peak memory of this command.

        Those of an earlier, interrupted command are not included.
        """
        self._log(cost_metrics(stage))

    @store_failures()
    def log_evaluation(self, metrics: dict[str, Any], folder: Path) -> None:
        """Log the numbers of `metrics.json`, tables and figures, and end the run."""
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        numbers = dict(_flat({HEADLINE: self.headline(metrics)})) | dict(_flat(metrics))
        self._log([Metric(name, value, now, 0) for name, value in numbers.items()])
        for figure in sorted(folder.glob("*.png")):
            self.client.log_artifact(self.run_id, str(figure), "figures")
        for table in sorted(folder.glob("*.csv")):
            self.client.log_artifact(self.run_id, str(table))
        self.client.set_terminated(self.run_id)

    @staticmethod
    @abstractmethod
    def headline(metrics: Mapping[str, Any]) -> dict[str, float]:
        """Return the numbers that models are compared by, which MLflow shows first."""

    @store_failures()
    def _log(self, metrics: list[Any]) -> None:
        for start in range(0, len(metrics), MAX_METRICS):
            self.client.log_batch(self.run_id, metrics[start : start + MAX_METRICS])


class EnsembleRun(ModelRun):
    """The run of one target's ensemble, with its learning curves."""

    @staticmethod
    def headline(metrics: Mapping[str, Any]) -> dict[str, float]:
        """Return the MAE on the test set, eV."""
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
            Of its networks.
        training : mapping
            Further parameters: those of the training.
        provenance : mapping of str to str, optional
            Tags of code and data, where these are not this project's.
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

        A store that does not know it, as after a fresh clone or on another server, gets a new run
        with the same parameters and learning curves, which is returned the next time.
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
        """Log the learning curve, the mean over the folds: two charts, however many folds.

        Parameters
        ----------
        curves : pandas.DataFrame
            `fold`, `epoch`, `train_mae`, `valid_mae`; each fold's own curve is in a figure.
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
        """Log the numbers of `metrics.json`, tables, figures and predictions, and end the run."""
        self.client.log_artifact(self.run_id, str(folder / PREDICTIONS))
        super().log_evaluation(metrics, folder)


class StabilityRun(ModelRun):
    """The run of one model of the stability of radical ions."""

    EXPERIMENT = (
        "organode-stability-models",
        f"Models of the stability of radical ions, a run for each. `{HEADLINE}/*`, of couples "
        "whose family no fit saw, are the numbers that count.",
    )

    @staticmethod
    def headline(metrics: Mapping[str, Any]) -> dict[str, float]:
        """Return Brier score and area under the ROC curve on families that were left out."""
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
            The training data, as `read_couples` returns them.
        parameters : mapping
            Of the fit.
        provenance : mapping of str to str, optional
            Tags of the code, where this is not this project's.
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
        """Return the run of a model, a new one in a store that does not know it.

        Parameters
        ----------
        couples : pandas.DataFrame
            The training data.
        parameters : mapping
            Of the fit.
        model : str
            The model's digest.
        """
        known = cls._of_model(cls.EXPERIMENT, model)
        if known is not None:
            return known
        return cls.start(couples, parameters, provenance=provenance).assign_model(model)


def _log_couples(client: MlflowClient, run_id: str, couples: pd.DataFrame) -> None:
    """Log the couples that a model is fitted to as the input of its run."""
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


def _flat(metrics: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    """Yield each number with the names that lead to it, joined by ``/``.

    Numbers at the top level get the group `overall`.
    """
    for name, value in metrics.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}/")
        else:
            yield f"{prefix or 'overall/'}{name}", float(value)
