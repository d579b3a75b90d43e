"""Reference electrodes, solvents, current collectors, and the stability window of a cell."""

from __future__ import annotations

from organode.electrochemistry.conventions import convention
from organode.electrochemistry.references import (
    FC,
    LI,
    Conversion,
    against_fc,
    convert,
    known_references,
)
from organode.electrochemistry.solvents import solvent
from organode.electrochemistry.types import Collector, Limit, Solvent, Window
from organode.electrochemistry.windows import axis, computed_window, from_li, warnings, window

__all__ = [
    "FC",
    "LI",
    "Collector",
    "Conversion",
    "Limit",
    "Solvent",
    "Window",
    "against_fc",
    "axis",
    "computed_window",
    "convention",
    "convert",
    "from_li",
    "known_references",
    "solvent",
    "warnings",
    "window",
]
