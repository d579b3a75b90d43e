"""What differs between the kinds of registered models; the registry treats them alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import pandas as pd

from organode.errors import OrganodeError
from organode.tracking.registry.versions import Registered
from organode.utils.files import sha256

if TYPE_CHECKING:
    from organode.tracking.model_run import ModelRun
    from organode.tracking.registry.comparison import Comparison

M = TypeVar("M")
CARD = "model_card.md"
# Reads a table among the artefacts of a version's run: version, file, and how to read it.
TableReader = Callable[[Registered, str, Callable[[str], pd.DataFrame]], pd.DataFrame]


@dataclass(frozen=True)
class Outcome:
    """The result of a comparison of a candidate with the champion.

    Attributes
    ----------
    comparison : Comparison or None
        On the rows that decide; None where the two were not tested on the same ones.
    objection : str
        Why the candidate should not be promoted; empty if it should.
    measured : Comparison or None
        On measured potentials, which decide nothing; None if there is no such comparison.
    """

    comparison: Comparison | None
    objection: str
    measured: Comparison | None = None


@dataclass(frozen=True)
class Exported:
    """A version in a folder that was exported from a registry, to be registered in another one.

    Attributes
    ----------
    folder : Path
        Its parts, metrics, tables and card.
    tags : mapping of str to str
        What its run said of its training data and code.
    """

    folder: Path
    tags: Mapping[str, str]

    def card(self) -> str:
        """Return the model card.

        Raises
        ------
        OrganodeError
            If it is missing or cannot be read.
        """
        path = self.folder / CARD
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise OrganodeError(
                f"{path} cannot be read: export the model again with `organode model export`"
            ) from error


class ModelKind(ABC, Generic[M]):
    """One kind of model, as the registry, promotion and model cards see it.

    Attributes
    ----------
    target : str
        ``IE``, ``EA`` or ``stability``.
    description : str
        Of the registered model, in one line.
    parts : mapping of str to Path
        The artefacts of a version by name, and the folders in which this project makes them.
    metrics_path : Path
        The file with the metrics of this project's model.
    made_by, measured_by : str
        The commands that make the model and its metrics.
    served_by : Path
        The code that MLflow runs to serve a version.
    columns : mapping of str to str
        Names and types of a prediction's columns after `smiles`, `status` and `note`.
    parameters : sequence of tuple
        Parameters of a request: name, MLflow's type, default.
    data_version : tuple of str
        Tags of the model's run that identify its training data: the source, and a hash.
    exported : Exported or None
        The exported version that this is about, in place of this project's model.
    """

    target: str
    description: str
    parts: Mapping[str, Path]
    metrics_path: Path
    made_by: str
    measured_by: str
    served_by: Path
    columns: Mapping[str, str]
    parameters: Sequence[tuple[str, str, Any]] = ()
    data_version: tuple[str, str]
    exported: Exported | None = None

    @abstractmethod
    def load(self, *folders: Path) -> M:
        """Read a model from the folders of its parts."""

    @abstractmethod
    def predictions(self, model: M, smiles: Sequence[str]) -> pd.DataFrame:
        """Return a model's predictions, a row for each SMILES."""

    @abstractmethod
    def digest(self) -> str:
        """Return the SHA-256 of the files that decide the predictions of this project's model."""

    @abstractmethod
    def metrics(self) -> dict[str, Any]:
        """Return the metrics of this project's model."""

    @abstractmethod
    def headline(self, metrics: Mapping[str, Any]) -> dict[str, float]:
        """Return the numbers that versions are compared by."""

    @abstractmethod
    def model_run(self, model: M) -> ModelRun:
        """Return the MLflow run of this project's model, which registration continues."""

    @abstractmethod
    def card(self, model: M, metrics: dict[str, Any]) -> str:
        """Return the model card as Markdown."""

    @abstractmethod
    def compare(
        self, candidate: Registered, champion: Registered, read_table: TableReader
    ) -> Outcome:
        """Compare two versions.

        Raises
        ------
        OrganodeError
            If the store has lost the tables that are compared.
        """

    def label_tags(self) -> dict[str, str]:
        """Return tags that describe the labels, which may be corrected after registration."""
        return {}

    def label_facts(self, registered: Registered) -> dict[str, str]:  # noqa: ARG002 (others say more)
        """Return what the output of the stage `register` says of a version's labels."""
        return {}

    def exists_here(self) -> bool:
        """Tell whether this project holds such a model with its metrics."""
        return all(path.exists() for path in (*self.parts.values(), self.metrics_path))

    def identity(self) -> str:
        """Return the hash that tells versions apart: of the model and of its metrics."""
        return self.digest() + sha256(self.metrics_path)[:16]


def difference_in(candidate: Registered, champion: Registered, what: Mapping[str, str]) -> str:
    """Say why the errors of two versions cannot be compared; empty if they can.

    Parameters
    ----------
    candidate, champion : Registered
        The versions.
    what : mapping of str to str
        The attributes that have to be known and the same, and what a message calls them.
    """
    for attribute, words in what.items():
        first, second = getattr(candidate, attribute), getattr(champion, attribute)
        if first != second or not first:
            return (
                f"{candidate.name} version {candidate.version} and the champion, version "
                f"{champion.version}, have different {words}, so their errors cannot be compared"
            )
    return ""


def outcome_of(
    candidate: Registered,
    champion: Registered,
    comparison: Comparison,
    measured: Comparison | None = None,
) -> Outcome:
    """Return the outcome of a comparison: the candidate is better by more than chance, or not."""
    objection = (
        ""
        if comparison.is_better
        else f"{candidate.name} version {candidate.version} is not better than the champion, "
        f"version {champion.version}, by more than chance: {comparison.sentence()}"
    )
    return Outcome(comparison, objection, measured)
