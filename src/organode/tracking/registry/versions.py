"""A version in the model registry: its description, without and with the loaded model."""

from __future__ import annotations

from dataclasses import dataclass
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
    """One version in the registry.

    Attributes
    ----------
    target, name, version : str
        Target, name of the registered model, and number, such as ``IE``, ``organode-IE``, ``3``.
    aliases : tuple of str
        MLflow's aliases of the version, such as ``champion``.
    metrics : dict
        The content of `metrics.json` when the version was registered.
    data_sha256 : str
        SHA-256 of the training data: the curated table, or the redox couples of a stability model.
    splits_sha256 : str
        SHA-256 of the table with test set and folds; empty for a stability model.
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
        """One error bar in eV for all energies of IE or EA, from errors on out-of-fold rows.

        It is the MAE plus `evaluate.margin_sd` standard deviations of the absolute error.
        """
        return float(self.registered.metrics["margin"])
