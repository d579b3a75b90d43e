"""A version in the model registry, alone and together with its model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic

from organode.models.predictor import TargetModel

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    M = TypeVar("M", default=TargetModel)  # the usual type
else:
    from typing import TypeVar

    M = TypeVar("M")

CHAMPION, PREVIOUS = "champion", "previous"  # aliases of versions


def model_name(target: str) -> str:
    """Return the name of a target's registered model."""
    return f"organode-{target}"


@dataclass(frozen=True)
class Registered:
    """One version in the registry.

    Attributes
    ----------
    target, name, version
        Such as ``IE``, ``organode-IE``, ``3``.
    aliases : tuple of str
        Such as ``champion``.
    metrics : dict
        The content of `metrics.json` at its registration.
    data_sha256, splits_sha256 : str
        Of the curated table that it was trained on, and of its splits. Of a stability model: of
        the couples, and empty.
    reference, level_of_theory : str
        Of its labels: ``absolute`` or ``unknown``, as curation left them; free text. A stability
        model has no such labels: ``unknown``.
    run_id : str
        The MLflow run of the model.
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
        """The address by which `mlflow.pyfunc.load_model` loads exactly this version."""
        return f"models:/{self.name}/{self.version}"


@dataclass(frozen=True)
class Loaded(Generic[M]):
    """A version together with its model."""

    registered: Registered
    model: M

    @property
    def margin(self) -> float:
        """The error bar of an energy in eV: MAE + `margin_sd` SD of the absolute error."""
        return float(self.registered.metrics["margin"])
