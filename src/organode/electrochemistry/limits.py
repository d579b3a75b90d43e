"""Limits as their sources state them, read from the tables beside this file or from settings."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from importlib.resources import files
from typing import TypeVar

from organode.electrochemistry.conventions import on_computed_scale
from organode.electrochemistry.types import StatedLimit
from organode.errors import UsageError

Item = TypeVar("Item")


def read(name: str) -> list[dict[str, str]]:
    """Return the rows of a table of limits, such as ``solvents.csv``."""
    with (files("organode.electrochemistry") / name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def stated(row: Mapping[str, str]) -> StatedLimit:
    """Return the limit that a row of such a table states."""
    doi = f", doi {row['doi']}" if row["doi"] else ""
    remark = f". {row['remark']}" if row["remark"] else ""
    unread = " (not re-read)" if row["evidence"] == "not re-read" else ""
    return StatedLimit(
        float(row["volts"]), row["reference"], row["solvent"], row["what"], row["kind"],
        f"{row['citation']}{doi}{unread}: {row['printed']}; {row['electrode']}; "
        f"{row['criterion']}{remark}",
        float(row["computed_V"]),
    )  # fmt: skip


def custom(volts: float, reference: str, what: str, kind: str, source: str) -> StatedLimit:
    """Return a limit from `params.yaml`, measured in the cell's own solvent.

    Raises
    ------
    UsageError
        If the reference electrode is not known.
    """
    on_scale = on_computed_scale(volts, reference)
    return StatedLimit(volts, reference, "", what, kind, f"{source} (params.yaml)", on_scale)


def pick(known: Mapping[str, Item], name: str, key: str, example: str) -> Item:
    """Return what bears a name.

    Raises
    ------
    UsageError
        If nothing does; the message lists what is known and shows, by `example`, how to add to it.
    """
    if name not in known:
        raise UsageError(
            f"unknown {key} '{name}': known are {', '.join(known)}; your own goes into "
            f"params.yaml under screen.{key}s, as in `{name}: {example}`"
        )
    return known[name]
