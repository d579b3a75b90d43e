"""Stability limits of solvents and current collectors, from tables here or from the settings."""

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
    """Return the rows of a CSV file in this folder, such as ``solvents.csv``, as dicts of texts."""
    with (files("organode.electrochemistry") / name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def stated(row: Mapping[str, str]) -> StatedLimit:
    """Return the limit in a row of ``solvents.csv`` or ``collectors.csv``."""
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
    """Return a limit that the user set in `params.yaml`, as measured in the cell's own solvent.

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
        Where it comes from.

    Raises
    ------
    UsageError
        If the reference electrode is not known.
    """
    on_scale = on_computed_scale(volts, reference)
    return StatedLimit(volts, reference, "", what, kind, f"{source} (params.yaml)", on_scale)


def pick(known: Mapping[str, Item], name: str, key: str, example: str) -> Item:
    """Return the solvent or collector called `name` from those that are known.

    Parameters
    ----------
    known : mapping of str to Item
        Solvents or collectors by name.
    name : str
        The one that is wanted.
    key : str
        ``solvent`` or ``collector``, for the message.
    example : str
        How an entry in `params.yaml` is written, for the message.

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
