"""Stability limits as published, read from the tables in this folder or from the settings."""

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
    """Return the limit in a row of such a table."""
    doi = f", doi {row['doi']}" if row["doi"] else ""
    remark = f". {row['remark']}" if row["remark"] else ""
    unread = " (not re-read)" if row["evidence"] == "not re-read" else ""
    return StatedLimit(
        volts=float(row["volts"]),
        reference=row["reference"],
        solvent=row["solvent"],
        what=row["what"],
        kind=row["kind"],
        source=f"{row['citation']}{doi}{unread}: {row['printed']}; {row['electrode']}; "
        f"{row['criterion']}{remark}",
        computed_scale=float(row["computed_V"]),
    )


def custom(volts: float, reference: str, what: str, kind: str, source: str) -> StatedLimit:
    """Return a limit from `params.yaml`, measured in the solvent of the cell.

    Raises
    ------
    UsageError
        If the reference electrode is not known.
    """
    on_scale = on_computed_scale(volts, reference)
    return StatedLimit(volts, reference, "", what, kind, f"{source} (params.yaml)", on_scale)


def pick(known: Mapping[str, Item], name: str, key: str, example: str) -> Item:
    """Return the item of a name.

    Raises
    ------
    UsageError
        If the name is not known; the message lists the known ones and shows, with `example`, how to
        add an item to `params.yaml`.
    """
    if name not in known:
        raise UsageError(
            f"unknown {key} '{name}': known are {', '.join(known)}; your own goes into "
            f"params.yaml under screen.{key}s, as in `{name}: {example}`"
        )
    return known[name]
