"""How a campaign is run, and what it needs of the outside: labels, and a record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pandas as pd


class Labeller(Protocol):
    """Computes labels; `organode.improve.levels.Levels` by quantum chemistry."""

    @property
    def names(self) -> tuple[str, ...]:
        """Levels of the labels, from the cheapest on."""

    def label(
        self, level: str, smiles: Sequence[str], folder: Path, jobs: int, stop: Callable[[], bool]
    ) -> pd.DataFrame:
        """Return the labels of molecules, as `organode.improve.levels.Levels.label`."""


class Recorder(Protocol):
    """Records a campaign; `organode.tracking.campaign_run.CampaignRun` in MLflow."""

    def log_round(self, number: int, summary: Mapping[str, Any]) -> None:
        """Record a finished round."""

    def finish(self, folder: Path, proposed: bool) -> None:
        """Record the end of the campaign, with its report."""


@dataclass(frozen=True)
class Plan:
    """How a campaign is run.

    Attributes
    ----------
    budget : float
        Wall time in s, over all commands that work on the campaign.
    jobs : int
        Processes that label.
    rule : str
        By which rule labels are chosen: a key of `organode.improve.choose.RULES`.
    seed : int
        Seeds the choice and the training.
    """

    budget: float
    jobs: int
    rule: str = "decision"
    seed: int = 20
