"""What differs between the kinds of registered models, as one interface for the registry."""

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
        Errors on the rows that decide: test set or redox couples. None if the two models were not
        tested on the same rows.
    objection : str
        Why the candidate should not be promoted; an empty text if it should.
    measured : Comparison or None
        Errors against measured potentials, which do not decide; None if not compared.
    """

    comparison: Comparison | None
    objection: str
    measured: Comparison | None = None


@dataclass(frozen=True)
class Exported:
    """A version that was exported from a registry to a folder, to be registered elsewhere.

    Attributes
    ----------
    folder : Path
        Holds the model's files, metrics, tables and model card.
    tags : mapping of str to str
        Tags of the model's run in that registry, on its training data and code.
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
    """One kind of model: what registration, promotion and model cards must know of it.

    Attributes
    ----------
    target : str
        ``IE``, ``EA`` or ``stability``.
    description : str
        Description of the registered model, in one line.
    parts : mapping of str to Path
        The folders of the model's files by the name of the version's artefact, such as
        ``networks``.
    metrics_path : Path
        The file with the metrics of this project's model.
    made_by, measured_by : str
        The commands that make the model and its metrics.
    served_by : Path
        The Python file that MLflow runs to serve a version.
    columns : mapping of str to str
        Names and types (``float64``, ``boolean``, ``str``) of the columns of predictions after
        `smiles`, `status` and `note`.
    parameters : sequence of tuple
        Parameters of a request: name, MLflow's type, default.
    data_version : tuple of str
        Tags of the model's run that identify its training data: the source, and a hash.
    exported : Exported or None
        The exported version to which the paths lead; None for this project's model.
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
        """Read a model from folders, one for each of `parts`, in that order."""

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
        """Return those of the metrics that versions are compared by."""

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
        """Compare a candidate with the champion; `read_table` reads the tables of their runs.

        Raises
        ------
        OrganodeError
            If the store has lost the tables that are compared.
        """

    def label_tags(self) -> dict[str, str]:
        """Return tags that describe the labels; none by default."""
        return {}

    def label_facts(self, registered: Registered) -> dict[str, str]:  # noqa: ARG002 (overridden)
        """Return the facts about a version's labels that `register` writes; none by default."""
        return {}

    def exists_here(self) -> bool:
        """Tell whether the model and its metrics exist in the folders that `parts` names."""
        return all(path.exists() for path in (*self.parts.values(), self.metrics_path))

    def identity(self) -> str:
        """Return the hash that identifies a version: `digest`, then 16 digits for its metrics."""
        return self.digest() + sha256(self.metrics_path)[:16]


def difference_in(candidate: Registered, champion: Registered, what: Mapping[str, str]) -> str:
    """Return why the errors of two versions cannot be compared; an empty text if they can.

    Parameters
    ----------
    candidate, champion : Registered
        The versions.
    what : mapping of str to str
        Attributes of `Registered` that must be known and equal, and what a message calls each.
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
    """Return an outcome, with an objection unless the candidate is better by more than chance."""
    objection = (
        ""
        if comparison.is_better
        else f"{candidate.name} version {candidate.version} is not better than the champion, "
        f"version {champion.version}, by more than chance: {comparison.sentence()}"
    )
    return Outcome(comparison, objection, measured)
