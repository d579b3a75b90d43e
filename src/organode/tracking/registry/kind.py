"""What differs between the kinds of registered models; the road they go is the same."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import pandas as pd

from organode.tracking.registry.versions import Registered
from organode.utils.files import sha256

if TYPE_CHECKING:
    from organode.tracking.model_run import ModelRun
    from organode.tracking.registry.compare import Comparison

M = TypeVar("M")
# Reads a table among the artefacts of a version's run: version, file, and how to read it.
TableOf = Callable[[Registered, str, Callable[[str], pd.DataFrame]], pd.DataFrame]


@dataclass(frozen=True)
class Outcome:
    """What a comparison of a candidate with the champion comes to.

    Attributes
    ----------
    comparison : Comparison
        On what both were tested on; None where that is not the same.
    why_not : str
        Why the candidate is not to be promoted; empty where it is.
    measured : Comparison
        By what decides nothing; None where there is nothing of the sort.
    """

    comparison: Comparison | None
    why_not: str
    measured: Comparison | None = None


class Kind(ABC, Generic[M]):
    """One sort of model, as the registry, promotion and cards see it.

    Attributes
    ----------
    target : str
        ``IE``, ``EA`` or ``stability``.
    description : str
        Of the registered model, in a line.
    parts : mapping of str to Path
        What a version consists of: names of its artefacts, and where this project makes them.
    metrics_path : Path
        Where this project keeps what was measured of it.
    made_by, measured_by : str
        Commands that make the model and its metrics.
    served_by : Path
        The code that MLflow runs.
    columns : mapping of str to str
        Of an answer, with their types; `smiles`, `status` and `note` stand before them.
    parameters : sequence of tuple
        Of a request: name, MLflow's type, default.
    data_version : tuple of str
        Tags of its run that say which data it was made from: the source, and a hash of them.
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

    @abstractmethod
    def load(self, *folders: Path) -> M:
        """Read a model from its parts."""

    @abstractmethod
    def answers(self, model: M, smiles: Sequence[str]) -> pd.DataFrame:
        """Return a model's answers."""

    @abstractmethod
    def digest(self) -> str:
        """Return the SHA-256 of what this project's model answers with, nothing else."""

    @abstractmethod
    def metrics(self) -> dict[str, Any]:
        """Return what this project measured of its model."""

    @abstractmethod
    def headline(self, metrics: Mapping[str, Any]) -> dict[str, float]:
        """Return the numbers that versions are compared by."""

    @abstractmethod
    def run(self, model: M) -> ModelRun:
        """Go on with the MLflow run of this project's model."""

    @abstractmethod
    def card(self, model: M, metrics: dict[str, Any]) -> str:
        """Return the model card as Markdown."""

    @abstractmethod
    def compare(self, candidate: Registered, champion: Registered, table_of: TableOf) -> Outcome:
        """Compare two versions.

        Raises
        ------
        OrganodeError
            If the store has lost what they were compared by.
        """

    def labels(self) -> dict[str, str]:
        """Return what is known of the labels, which may be corrected after registration."""
        return {}

    def said(self, registered: Registered) -> dict[str, str]:  # noqa: ARG002 (others say more)
        """Return what the file of the stage `register` says of a version beside its number."""
        return {}

    def exists_here(self) -> bool:
        """Return whether this project holds such a model with its metrics."""
        return all(path.exists() for path in (*self.parts.values(), self.metrics_path))

    def identity(self) -> str:
        """Return what makes a version of this project's model: what it answers, its errors."""
        return self.digest() + sha256(self.metrics_path)[:16]


def different(candidate: Registered, champion: Registered, what: Mapping[str, str]) -> str:
    """Say why errors of two versions cannot be compared; empty where they can.

    Parameters
    ----------
    candidate, champion : Registered
        The versions.
    what : mapping of str to str
        Attributes that have to be the same and be known, and what they are called.
    """
    for attribute, words in what.items():
        mine, theirs = getattr(candidate, attribute), getattr(champion, attribute)
        if mine != theirs or not mine:
            return (
                f"{candidate.name} version {candidate.version} and the champion, version "
                f"{champion.version}, have different {words}, so their errors cannot be compared"
            )
    return ""


def by_comparison(
    candidate: Registered, champion: Registered, comparison: Comparison,
    measured: Comparison | None = None,
) -> Outcome:  # fmt: skip
    """Return the outcome where versions can be compared: better, by more than chance, or not."""
    why_not = (
        ""
        if comparison.is_better
        else f"{candidate.name} version {candidate.version} is not better than the champion, "
        f"version {champion.version}, by more than chance: {comparison.sentence()}"
    )
    return Outcome(comparison, why_not, measured)
