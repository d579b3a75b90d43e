"""Current collectors and their stability limits; the numbers are in ``collectors.csv``."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from organode.electrochemistry.limits import custom, pick, read, stated
from organode.electrochemistry.types import Collector

if TYPE_CHECKING:
    from organode.settings import CustomCollector, Screen

_EXAMPLE = "{low: 0.0, high: 3.9, reference: Li/Li+, kind: measured, source: our cell}"


@cache
def known_collectors() -> dict[str, Collector]:
    """Return the built-in current collectors by name, such as ``Al``."""
    rows = {(row["name"], row["side"]): row for row in read("collectors.csv")}
    return {
        name: Collector(name, row["title"], stated(row), stated(rows[name, "high"]))
        for (name, side), row in rows.items()
        if side == "low"
    }


def collector(cell: Screen, name: str) -> Collector:
    """Return the built-in or user-defined current collector called `name`.

    Raises
    ------
    UsageError
        If there is no collector of that name; the message lists the known names and shows how to
        add a collector.
    """
    from_settings = {code: _custom(code, given) for code, given in cell.collectors.items()}
    return pick(known_collectors() | from_settings, name, "collector", _EXAMPLE)


def _custom(name: str, given: CustomCollector) -> Collector:
    """Return a collector that the user defined in `params.yaml`."""
    low, high = (
        custom(volts, given.reference, f"{name}: {what}", given.kind, given.source)
        for volts, what in ((given.low, "lower limit"), (given.high, "upper limit"))
    )
    return Collector(name, name, low, high)
