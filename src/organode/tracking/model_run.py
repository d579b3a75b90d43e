"""The MLflow runs of models: each model has one, from its first stage to its registration."""

from __future__ import annotations

import io
import json
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
from organode.tracking import client as tracking

if TYPE_CHECKING:
    from mlflow import MlflowClient

MODEL = f"{tracking.TAG}model"  # tag: the digest of the model that a run made


@dataclass
class ModelRun(ABC):
    """The one run of one model: settings, evaluation and, in the end, its artefact.

    A model's files do not name it, so that equal models have equal files: the run's tag `model`
    bears the model's digest.
    """

    client: MlflowClient
    run_id: str

    @classmethod
    def find(cls, run_id: str) -> Self | None:
        """Return the run of that id, or None where this store does not know it."""
        from mlflow.exceptions import MlflowException

        client = tracking.connect()
        try:
            known = client.get_run(run_id).info.lifecycle_stage == "active"
        except MlflowException as error:
            if not tracking.says_absent(error):
                raise tracking.failure(error) from error
            known = False
        return cls(client, run_id) if known else None

    @classmethod
    def _start(
        cls, experiment: tuple[str, str], name: str, parameters: Mapping[str, Any],
        tags: Mapping[str, str],
    ) -> Self:  # fmt: skip
        """Start a run in an experiment of that name and description."""
        from mlflow.entities import Param

        client = tracking.connect()
        own = {key if "." in key else f"{tracking.TAG}{key}": value for key, value in tags.items()}
        run = client.create_run(
            tracking.open_experiment(client, *experiment),
            run_name=tracking.run_name(name),
            tags=tracking.outer_run(client) | own,
        )
        run_id = run.info.run_id
        client.log_batch(run_id, params=[Param(k, str(v)) for k, v in parameters.items()])
        return cls(client, run_id)

    @classmethod
    def _of(cls, experiment: tuple[str, str], model: str) -> Self | None:
        """Return the first run of a model, by its digest; None where this store knows none."""
        client = tracking.connect()
        return cls._first(client, tracking.open_experiment(client, *experiment), model)

    @classmethod
    def _first(cls, client: MlflowClient, experiment: str, model: str) -> Self | None:
        found = client.search_runs(
            [experiment], f"tags.`{MODEL}` = '{model}'", max_results=1,
            order_by=["attributes.start_time ASC"],
        )  # fmt: skip
        return cls(client, found[0].info.run_id) if found else None

    @tracking.store_failures()
    def is_of(self, model: str) -> Self:
        """Say which model this run made; return the run of that model.

        That is another one where the same model was made before: this run ends then, and says so.
        """
        experiment = self.client.get_run(self.run_id).info.experiment_id
        first = self._first(self.client, experiment, model)
        if first is None or first.run_id == self.run_id:
            self.client.set_tag(self.run_id, MODEL, model)
            return self
        self.client.set_tag(self.run_id, f"{tracking.TAG}same_model_as", first.run_id)
        self.client.set_terminated(self.run_id)
        return first

    @tracking.store_failures()
    def is_evaluated(self) -> bool:
        """Return whether what was measured of the model is logged, the last thing to be."""
        return bool(self.client.get_run(self.run_id).info.status == "FINISHED")

    def log_cost(self, stage: str) -> None:
        """Log how long this command has run and how much memory it needed.

        What an earlier, interrupted command did is not in it.
        """
        self._log(tracking.cost(stage))

    @tracking.store_failures()
    def log_evaluation(self, metrics: dict[str, Any], folder: Path) -> None:
        """Log the numbers of `metrics.json`, tables and figures, and end the run."""
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        first = {tracking.HEADLINE: self.headline(metrics)}
        numbers = dict(_flat(first)) | dict(_flat(metrics))
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

    @tracking.store_failures()
    def _log(self, metrics: list[Any]) -> None:
        for start in range(0, len(metrics), 1000):  # MLflow takes no more in one call
            self.client.log_batch(self.run_id, metrics[start : start + 1000])


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
            f"Trained {target} ensembles, a run for each model. `{tracking.HEADLINE}/test_mae` "
            "(eV), on rows that no search and no training saw, is the number that counts. "
            "`learning_curve/*` is the mean "
            "over the folds by epoch, `fold/mae` has one step a fold, each group of the rest is a "
            "part of `metrics.json`.",
        )

    @classmethod
    @tracking.store_failures()
    def start(cls, target: str, chosen: NetworkSettings, more: dict[str, Any]) -> EnsembleRun:
        """Start the run of a model that is about to be trained.

        Parameters
        ----------
        target, chosen
            What is trained.
        more : dict
            Further parameters.
        """
        run = cls._start(
            cls._experiment(target),
            f"{target} r{chosen.radius} {chosen.n_bits or 'all'} columns "
            + "-".join(map(str, chosen.widths)),
            tracking.network_parameters(chosen) | more,
            tracking.provenance() | {
                "stage": "train",
                "target": target,
                "mlflow.note.content": f"k-fold ensemble for {target}: settings, learning curve "
                "of each fold, evaluation, and the model itself once it is registered.",
            },
        )  # fmt: skip
        tracking.log_dataset(run.client, run.run_id, [target])
        return run

    @classmethod
    @tracking.store_failures()
    def resume(cls, target: str, chosen: NetworkSettings, folder: Path) -> EnsembleRun:
        """Go on with the run of the ensemble in `folder`.

        A store that does not know it, as after a fresh clone or on another server, gets a new
        run with the same parameters and learning curves, and finds that one the next time.
        """
        files = stored_ensemble(folder)
        model = Ensemble.digest(folder)
        found = cls._of(cls._experiment(target), model)
        if found is not None:
            return found
        started = cls.start(target, chosen, files.json(TRAINING))
        started.log_curves(pd.read_csv(io.BytesIO(files.read(CURVES))))
        return started.is_of(model)

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

    @tracking.store_failures()
    def log_evaluation(self, metrics: dict[str, Any], folder: Path) -> None:
        """Log what was predicted for each row too."""
        self.client.log_artifact(self.run_id, str(folder / PREDICTIONS))
        super().log_evaluation(metrics, folder)


class StabilityRun(ModelRun):
    """The run of one model of which ions last."""

    EXPERIMENT = (
        "organode-stability-models",
        f"Probabilities that radical ions last, a run for each model. `{tracking.HEADLINE}/*`, "
        "of couples whose family no fit saw, are the numbers that count.",
    )

    @staticmethod
    def headline(metrics: Mapping[str, Any]) -> dict[str, float]:
        """Return Brier score and area under the curve of families that were left out."""
        return {f"test_{name}": metrics["left_out"][name] for name in ("brier", "auc")}

    @classmethod
    @tracking.store_failures()
    def start(cls, couples: pd.DataFrame, parameters: Mapping[str, Any]) -> StabilityRun:
        """Start the run of a model that is about to be fitted.

        Parameters
        ----------
        couples : pandas.DataFrame
            What it is fitted to, as `read_couples` returns it.
        parameters : mapping
            What the fit depends on.
        """
        run = cls._start(
            cls.EXPERIMENT,
            f"stability {len(couples)} couples",
            parameters,
            tracking.code_tags() | {
                "stage": "stability",
                "target": "stability",
                "data_sha256": couples_sha256(couples),
                "mlflow.note.content": "Probabilities that oxidised and reduced forms last: what "
                "they were fitted to, how well they tell families left out, and the model itself "
                "once it is registered.",
            },
        )  # fmt: skip
        _log_couples(run.client, run.run_id, couples)
        return run

    @classmethod
    @tracking.store_failures()
    def resume(
        cls, couples: pd.DataFrame, parameters: Mapping[str, Any], model: str
    ) -> StabilityRun:
        """Go on with the run of a model, or with a new one in a store that does not know it.

        Parameters
        ----------
        couples : pandas.DataFrame
            What the model was fitted to.
        parameters : mapping
            What its fit depends on.
        model : str
            Its digest.
        """
        found = cls._of(cls.EXPERIMENT, model)
        return found if found is not None else cls.start(couples, parameters).is_of(model)


def _log_couples(client: MlflowClient, run_id: str, couples: pd.DataFrame) -> None:
    """Show on the run which couples it was fitted to."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    profile = {"rows": len(couples), "reversible": int(couples["reversible"].sum())}
    dataset = Dataset(
        name="reversible and irreversible couples",
        digest=couples_sha256(couples)[:32],
        source_type="local",
        source=json.dumps({"origins": sorted(couples["origin"].unique())}),
        schema=json.dumps({"mlflow_colspec": [
            {"name": name, "type": "boolean" if kind == "bool" else "string"}
            for name, kind in couples.dtypes.items()
        ]}),
        profile=json.dumps(profile),
    )  # fmt: skip
    client.log_inputs(run_id, [DatasetInput(dataset, [InputTag("mlflow.data.context", "all")])])


def _flat(metrics: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, float]]:
    """Yield each number with the names that lead to it, joined by ``/``, each in some group."""
    for name, value in metrics.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}/")
        else:
            yield f"{before or 'overall/'}{name}", float(value)
