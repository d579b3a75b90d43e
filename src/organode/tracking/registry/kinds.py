"""Which kind of model a name stands for."""

from __future__ import annotations

from typing import Any

from organode.tracking.registry.energies import Energies
from organode.tracking.registry.kind import Kind
from organode.tracking.registry.stability import OfStability

STABILITY = OfStability.target
NAMES = ("IE", "EA", STABILITY)


def kind_of(target: str) -> Kind[Any]:
    """Return the kind of a target, ``IE``, ``EA`` or ``stability``."""
    return OfStability() if target == STABILITY else Energies(target)
