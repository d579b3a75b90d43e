"""Electrolytes, current collectors, reference electrodes, and the window that a cell leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from organode.electrochemistry.types import Collector, Limit, Solvent, Window
from organode.electrochemistry.values import COLLECTORS, CONVENTIONS, REFERENCES, SOLVENTS
from organode.errors import UsageError
from organode.settings import OwnCollector, OwnSolvent, Screen

__all__ = ["Collector", "Limit", "Solvent", "Window", "convention", "solvent", "to_li", "window"]

LI = "Li/Li+"
OWN = "params.yaml"
One = TypeVar("One")


def to_li(volts: float, reference: str) -> float:
    """Return a potential vs Li/Li+ that is given vs another reference electrode.

    Raises
    ------
    UsageError
        If the reference electrode is not known.
    """
    return volts + _pick(REFERENCES, reference, "reference").vs_she - REFERENCES[LI].vs_she


def convention(absolute_li: float) -> str:
    """Say where an absolute potential of Li/Li+ (V) comes from."""
    for one in CONVENTIONS:
        if round(one.absolute_she + REFERENCES[LI].vs_she, 3) == round(absolute_li, 3):
            return (
                f"absolute SHE {one.absolute_she:.2f} V ({one.source}), Li/Li+ at "
                f"{REFERENCES[LI].vs_she:.2f} V vs SHE"
            )
    return "a value of one's own; the usual ones are " + " and ".join(
        f"{one.absolute_she + REFERENCES[LI].vs_she:.2f} V (SHE {one.absolute_she:.2f} V)"
        for one in CONVENTIONS
    )


def solvent(cell: Screen) -> Solvent:
    """Return the solvent of a cell.

    Raises
    ------
    UsageError
        If it is not known; the message lists those that are.
    """
    own = {name: _own_solvent(name, one) for name, one in cell.solvents.items()}
    return _pick(SOLVENTS | own, cell.solvent, "solvent")


def window(cell: Screen) -> Window:
    """Return the window of a cell's solvent and current collectors.

    Raises
    ------
    UsageError
        If solvent, collector or a reference electrode is not known; the message lists those that
        are.
    """
    liquid = solvent(cell)
    collectors = COLLECTORS | {
        name: _own_collector(name, one) for name, one in cell.collectors.items()
    }
    negative = _pick(collectors, cell.negative_collector, "collector").low
    positive = _pick(collectors, cell.collector, "collector").high
    low = max(liquid.reduction, negative, key=lambda one: one.volts)
    high = min(liquid.oxidation, positive, key=lambda one: one.volts)
    if low.volts >= high.volts:
        raise UsageError(
            f"nothing is left of the window: {low.what} at {low.volts:.2f} V and {high.what} at "
            f"{high.volts:.2f} V vs Li/Li+; choose another solvent or collector"
        )
    return Window(low, high, (liquid.reduction, negative, liquid.oxidation, positive))


def _own_solvent(name: str, one: OwnSolvent) -> Solvent:
    title = one.title or name
    reduction, oxidation = (
        Limit(to_li(volts, one.reference), f"{title} is {what}", one.kind, f"{one.source} ({OWN})")
        for volts, what in ((one.reduction, "reduced"), (one.oxidation, "oxidised"))
    )
    return Solvent(name, title, reduction, oxidation)


def _own_collector(name: str, one: OwnCollector) -> Collector:
    low, high = (
        Limit(to_li(volts, one.reference), f"{name}: {what}", one.kind, f"{one.source} ({OWN})")
        for volts, what in ((one.low, "lower limit"), (one.high, "upper limit"))
    )
    return Collector(name, name, low, high)


def _pick(known: Mapping[str, One], name: str, key: str) -> One:
    if name not in known:
        raise UsageError(f"unknown {key} '{name}': known are {', '.join(known)}")
    return known[name]
