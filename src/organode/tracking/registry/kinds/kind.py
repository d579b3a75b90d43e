"""The interface through which the registry uses every kind of model: energies or stability."""

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
    """The result of a comparison of a candidate version with the champion, the version in use.

    Attributes
    ----------
    comparison : Comparison or None
        Errors on the test set or, for stability, on the redox couples, which decide. None if the
        two versions were not tested on the same rows.
    objection : str
        Why the candidate should not be promoted; an empty text if it should.
    measured : Comparison or None
        Errors against measured potentials, which do not decide; None if they were not compared.
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
        Folder with the model's files, metrics, tables and model card.
    tags : mapping of str to str
        Tags of the model's run in the registry of origin that describe training data and code.
    """

    folder: Path
    tags: Mapping[str, str]

    def card(self) -> str:
        """Return the model card as Markdown.

        Raises
        ------
        OrganodeError
            If the file of the model card is missing or cannot be read.
        """
        path = self.folder / CARD
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise OrganodeError(
                f"{path} cannot be read: export the model again with `organode model export`"
            ) from error


class ModelKind(ABC, Generic[M]):
    """One kind of model, with all that registration, promotion and model cards need to know.

    Attributes
    ----------
    target : str
        ``IE``, ``EA`` or ``stability``.
    description : str
        Description of the registered model, in one line.
    parts : mapping of str to Path
        Folders of the model's files, by the name of the artefact that a folder becomes in the
        registered version, such as ``networks``.
    metrics_path : Path
        The file with the model's metrics.
    made_by, measured_by : str
        The commands that make the model and its metrics.
    served_by : Path
        The Python file that MLflow runs to serve a version.
    columns : mapping of str to str
        Names and types (``float64``, ``boolean``, ``str``) of the columns of predictions after
        `smiles`, `status` and `note`.
    parameters : sequence of tuple
        Parameters of a prediction request: name, type in MLflow, and default of each.
    data_version : tuple of str
        Tags of the model's run that identify its training data: the source, and a hash.
    exported : Exported or None
        The exported version to which `parts` and `metrics_path` lead; None if they lead to this
        project's model.
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
        """Read a model from its folders, one for each of `parts`, in the order of `parts`."""

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
        """Return, by name, the few metrics that versions are compared by."""

    @abstractmethod
    def model_run(self, model: M) -> ModelRun:
        """Return the MLflow run of the model, to which registration adds the model's files."""

    @abstractmethod
    def card(self, model: M, metrics: dict[str, Any]) -> str:
        """Return the model card as Markdown."""

    @abstractmethod
    def compare(
        self, candidate: Registered, champion: Registered, read_table: TableReader
    ) -> Outcome:
        """Compare a candidate version with the champion, the version in use.

        The function `read_table` reads the tables of predictions from the runs of the two versions.

        Raises
        ------
        OrganodeError
            If the store has lost the tables to compare.
        """

    def label_tags(self) -> dict[str, str]:
        """Return tags that describe the labels of the training data; none by default."""
        return {}

    def label_facts(self, registered: Registered) -> dict[str, str]:  # noqa: ARG002 (overridden)
        """Return facts on a version's training labels that `register` writes; none by default."""
        return {}

    def exists_here(self) -> bool:
        """Tell whether the folders in `parts` and the file `metrics_path` exist."""
        return all(path.exists() for path in (*self.parts.values(), self.metrics_path))

    def identity(self) -> str:
        """Return the hash that identifies a version.

        The hash is `digest`, for the model, and 16 digits of the SHA-256 of the metrics file.
        """
        return self.digest() + sha256(self.metrics_path)[:16]


def difference_in(candidate: Registered, champion: Registered, what: Mapping[str, str]) -> str:
    """Return why the errors of two versions cannot be compared; an empty text if they can.

    Parameters
    ----------
    candidate, champion : Registered
        The two versions to compare.
    what : mapping of str to str
        Names of attributes of `Registered` that must be known and equal, each with a phrase for it
        in the returned text.
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
    """Return the outcome, with an objection if the candidate is not significantly better."""
    objection = (
        ""
        if comparison.is_better
        else f"{candidate.name} version {candidate.version} is not better than the champion, "
        f"version {champion.version}, by more than chance: {comparison.sentence()}"
    )
    return Outcome(comparison, objection, measured)
