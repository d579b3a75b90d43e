"""Solvents and the potentials at which they decompose; the numbers are in ``solvents.csv``."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from organode.electrochemistry.limits import custom, pick, read, stated
from organode.electrochemistry.types import Solvent

if TYPE_CHECKING:
    from organode.settings import CustomSolvent, Screen

_EXAMPLE = (
    "{title: tetraglyme, reduction: 0.0, oxidation: 4.0, reference: Li/Li+, protic: false, "
    "kind: measured, source: our cell}"
)


@cache
def known_solvents() -> dict[str, Solvent]:
    """Return the built-in solvents by code, such as ``ACN`` for acetonitrile."""
    rows = {(row["name"], row["side"]): row for row in read("solvents.csv")}
    return {
        name: Solvent(
            name,
            row["title"],
            row["protic"] == "true",
            stated(row),
            stated(rows[name, "high"]),
        )
        for (name, side), row in rows.items()
        if side == "low"
    }


def solvent(cell: Screen) -> Solvent:
    """Return the solvent of a cell: a built-in solvent or a solvent that the user defined.

    Raises
    ------
    UsageError
        If there is no solvent of that code; the message lists the known codes and shows how to add
        a solvent.
    """
    from_settings = {name: _custom(name, given) for name, given in cell.solvents.items()}
    return pick(known_solvents() | from_settings, cell.solvent, "solvent", _EXAMPLE)


def _custom(name: str, given: CustomSolvent) -> Solvent:
    """Return a solvent that the user defined in `params.yaml`."""
    title = given.title or name
    reduction, oxidation = (
        custom(volts, given.reference, f"{title} is {what}", given.kind, given.source)
        for volts, what in ((given.reduction, "reduced"), (given.oxidation, "oxidised"))
    )
    return Solvent(name, title, given.protic, reduction, oxidation)
