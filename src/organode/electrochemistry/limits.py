"""Stability limits of solvents and current collectors, from CSV tables or from `params.yaml`."""

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
    """Return the rows of a CSV file in ``organode/electrochemistry``, such as ``solvents.csv``.

    Each row is a dict that maps the name of a column to the text in that column.
    """
    with (files("organode.electrochemistry") / name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def stated(row: Mapping[str, str]) -> StatedLimit:
    """Return the stability limit that a row of ``solvents.csv`` or ``collectors.csv`` describes."""
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
    """Return a stability limit that the user set in `params.yaml`.

    The limit is assumed to have been measured in the solvent of the cell.

    Parameters
    ----------
    volts : float
        The limit, V vs `reference`.
    reference : str
        The reference electrode, such as ``SCE``.
    what : str
        The reaction at the limit, such as ``diglyme is reduced``.
    kind : str
        How the number was obtained, such as ``measured``.
    source : str
        Where the number comes from, such as a citation.

    Raises
    ------
    UsageError
        If the reference electrode is not known.
    """
    on_scale = on_computed_scale(volts, reference)
    return StatedLimit(volts, reference, "", what, kind, f"{source} (params.yaml)", on_scale)


def pick(known: Mapping[str, Item], name: str, key: str, example: str) -> Item:
    """Return the known solvent or current collector that is called `name`.

    Parameters
    ----------
    known : mapping of str to Item
        The known solvents, or the known collectors, by name.
    name : str
        Name of the wanted solvent or collector.
    key : str
        ``solvent`` or ``collector``, for the error message.
    example : str
        How a solvent or collector is written in `params.yaml`, for the error message.

    Raises
    ------
    UsageError
        If the name is not known; the message lists the known names and shows how to add a solvent
        or collector to `params.yaml`.
    """
    if name not in known:
        raise UsageError(
            f"unknown {key} '{name}': known are {', '.join(known)}; your own goes into "
            f"params.yaml under screen.{key}s, as in `{name}: {example}`"
        )
    return known[name]
