"""Screen an uploaded library for the web page, and keep the resulting files in memory."""

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
    """Result of a screening: the candidates, and the files that the user can download.

    Attributes
    ----------
    candidates : pandas.DataFrame
        The candidates of all roles, best first.
    rows : int
        Number of rows of the library.
    files : dict of bytes
        Content of each file that the user can download, by the name of the file.
    """

    candidates: pd.DataFrame
    rows: int
    files: dict[str, bytes]


def screen_file(
    name: str, content: bytes, model: Model, settings: Screen, watcher: Watcher
) -> Screened:
    """Screen an uploaded library for electrode candidates.

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
        Called at every step of the work with a description, the number of units done, and the
        total number of units (None if it is not known).

    Raises
    ------
    UsageError
        If the file cannot be read, or the value of a setting is not allowed.
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
