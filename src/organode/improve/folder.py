"""The folder of a campaign: what is in it, and whether it belongs to the same campaign."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from organode.errors import UsageError
from organode.utils.checksums import read_json
from organode.utils.files import write_json
from organode.utils.tables import read_csv, write_csv

CAMPAIGN, CLOCK, LABELS, LIST = "campaign.json", "clock.json", "labels.csv", "list.csv"
REPORT, PROPOSED = "report.html", "proposed"
SUMMARY, PLAN, CHOSEN, MODEL = "summary.json", "plan.json", "chosen.csv", "model"
REMEDY = "remove the folder of this round: it is then done again"


@dataclass(frozen=True)
class Round:
    """The folder of one round.

    Attributes
    ----------
    number : int
        0 for the start, with the labels that were given; then 1, 2, ….
    folder : Path
        Its folder. A finished round has a file ``summary.json``.
    """

    number: int
    folder: Path

    @property
    def finished(self) -> bool:
        """Whether all files of the round are written."""
        return (self.folder / SUMMARY).exists()

    def summary(self) -> dict[str, Any]:
        """Return the summary of a finished round."""
        content: dict[str, Any] = read_json(self.folder / SUMMARY, REMEDY)
        return content

    def table(self, name: str) -> pd.DataFrame:
        """Return a table of the round; an empty one if it has no rows."""
        return read_csv(self.folder / name)


@dataclass(frozen=True)
class Campaign:
    """The folder of a campaign.

    Attributes
    ----------
    folder : Path
        The folder.
    """

    folder: Path

    @classmethod
    def open(cls, folder: Path, identity: dict[str, Any]) -> Campaign:
        """Open the folder of a campaign, or make it.

        Parameters
        ----------
        folder : Path
            A folder that does not exist, is empty, or holds this campaign.
        identity : dict
            What makes two campaigns the same, as JSON can hold it.

        Raises
        ------
        UsageError
            If the folder holds another campaign, or anything else.
        """
        path = folder / CAMPAIGN
        if not path.exists():
            if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
                raise UsageError(
                    f"{folder} holds something else than a campaign: choose an empty or new folder"
                )
            write_json(path, identity)
        before = read_json(path, "choose another --out")
        differing = [key for key in identity if before.get(key) != identity[key]]
        if differing:
            raise UsageError(
                f"{folder} holds another campaign ({', '.join(differing)} differs): choose another "
                "--out, or repeat the command that began it"
            )
        return cls(folder)

    def round(self, number: int) -> Round:
        """Return a round; its folder need not exist."""
        return Round(number, self.folder / f"round-{number:03}")

    def finished(self) -> list[Round]:
        """Return the finished rounds in order."""
        rounds: list[Round] = []
        while (each := self.round(len(rounds))).finished:
            rounds.append(each)
        return rounds

    def bought(self) -> list[dict[str, Any]]:
        """Return the summaries of the finished rounds in which labels were bought."""
        return [each.summary() for each in self.finished()[1:]]

    def labels(self, also: Round | None = None) -> pd.DataFrame:
        """Return the labels of all finished rounds, and of the round `also`, in a single table."""
        rounds = self.finished()
        if also is not None and not also.finished:
            rounds.append(also)
        tables = [each.table(LABELS) for each in rounds]
        # A table without rows has no types.
        return pd.concat([table for table in tables if len(table)] or tables, ignore_index=True)

    def publish(self, latest: Round) -> None:
        """Write the tables of the campaign, and remove the models of all rounds but the latest."""
        write_csv(self.labels(), self.folder / LABELS)
        write_csv(latest.table(LIST), self.folder / LIST)
        for earlier in range(latest.number):
            shutil.rmtree(self.round(earlier).folder / MODEL, ignore_errors=True)
