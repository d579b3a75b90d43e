"""Screen a dropped library for the page, and keep what it wrote in memory."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pandas as pd

from organode.api.load import screen_library
from organode.app.molecules import dropped_file
from organode.models.model import Model
from organode.settings import Screen
from organode.utils.progress import Watcher, watched

OFFERED = ("report.html", "candidates.csv", "candidates.sdf")


@dataclass(frozen=True)
class Screened:
    """What a screening found.

    Attributes
    ----------
    candidates : pandas.DataFrame
        The candidates of all roles, best first.
    rows : int
        Number of rows of the library.
    files : dict of bytes
        Content of the files that the page offers, by name.
    """

    candidates: pd.DataFrame
    rows: int
    files: dict[str, bytes]


def screen_file(
    name: str, content: bytes, model: Model, settings: Screen, watcher: Watcher
) -> Screened:
    """Screen a library by the settings.

    Parameters
    ----------
    name : str
        The file's name, whose ending says how to read it.
    content : bytes
        The file's content.
    model : Model
        The model of IE, EA and stability.
    settings : Screen
        Cell, electrolyte and criteria.
    watcher : callable
        Called as `organode.utils.progress.watched` says.

    Raises
    ------
    UsageError
        If the file cannot be read, or a setting is impossible.
    """
    with dropped_file(name, content) as library:
        out = library.parent / "screened"
        with watched(watcher):
            candidates = screen_library(
                library, out, model=model, settings=settings.model_dump(mode="json")
            )
        summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
        files = {each: (out / each).read_bytes() for each in OFFERED}
    return Screened(candidates, summary["rows"], files)
