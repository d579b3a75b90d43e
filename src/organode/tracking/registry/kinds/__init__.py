"""The kinds of registered models: energies (IE, EA) and stability."""

from __future__ import annotations

from typing import Any

from organode.tracking.registry.kinds.energies import EnergyKind
from organode.tracking.registry.kinds.kind import Exported, ModelKind
from organode.tracking.registry.kinds.stability import StabilityKind

STABILITY = StabilityKind.target
NAMES = ("IE", "EA", STABILITY)


def kind_of(target: str, exported: Exported | None = None) -> ModelKind[Any]:
    """Return the `ModelKind` of a target: ``IE``, ``EA`` or ``stability``.

    The paths in the returned object lead to this project's model or, if `exported` is given, to
    the exported model.
    """
    return StabilityKind(exported) if target == STABILITY else EnergyKind(target, exported)
