"""Describe a version in the model registry, without or with the loaded model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Generic

from organode.models.predictor import TargetModel

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    M = TypeVar("M", default=TargetModel)  # the type of IE and EA models
else:
    from typing import TypeVar

    M = TypeVar("M")

CHAMPION, PREVIOUS = "champion", "previous"  # aliases: the version in use, and that before it


def model_name(target: str) -> str:
    """Return the name of a target's registered model, such as ``organode-IE``."""
    return f"organode-{target}"


@dataclass(frozen=True)
class Registered:
    """One version in the model registry.

    Attributes
    ----------
    target, name, version : str
        Target, name of the registered model, and number of the version, such as ``IE``,
        ``organode-IE`` and ``3``.
    aliases : tuple of str
        MLflow's aliases of the version, such as ``champion``.
    metrics : dict
        The content of `metrics.json` when the version was registered.
    data_sha256 : str
        SHA-256 of the training data: the curated table, or the redox couples of a stability model.
    splits_sha256 : str
        SHA-256 of the table that says which rows are in the test set and in which fold; empty for a
        stability model.
    reference : str
        Energy reference of the labels after curation: ``absolute`` (vs vacuum) or ``unknown``;
        ``unknown`` for a stability model.
    level_of_theory : str
        Level of theory of the labels, free text; ``unknown`` for a stability model.
    run_id : str
        Id of the model's MLflow run.
    """

    target: str
    name: str
    version: str
    aliases: tuple[str, ...]
    metrics: dict[str, Any]
    data_sha256: str
    splits_sha256: str
    reference: str
    level_of_theory: str
    run_id: str

    @classmethod
    def of(cls, version: Mapping[str, Any]) -> Registered:
        """Return the version that a mapping describes, which may hold more than the attributes."""
        return cls(**{each.name: version[each.name] for each in fields(cls)})

    @property
    def uri(self) -> str:
        """The address for `mlflow.pyfunc.load_model`, such as ``models:/organode-IE/3``."""
        return f"models:/{self.name}/{self.version}"


@dataclass(frozen=True)
class Loaded(Generic[M]):
    """A registered version together with its loaded model."""

    registered: Registered
    model: M

    @property
    def margin(self) -> float:
        """One error bar in eV for all predicted energies of the model.

        The error bar is the MAE plus the setting `evaluate.margin_sd` times the standard deviation
        of the absolute error. Both are taken from out-of-fold predictions: each row of the training
        data is predicted by the network that was trained without the row.
        """
        return float(self.registered.metrics["margin"])
