"""Figures without a display or global state, and with the same bytes for the same content."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from organode.utils.files import replacing

BLUE, ORANGE, GREY = "#1f5f8b", "#c8642a", "#8a8f98"


def subplots(rows: int, columns: int, size: tuple[float, float], **more: Any) -> tuple[Any, Any]:
    """Return a figure of `size` in inches and its axes in reading order."""
    from matplotlib.figure import Figure  # no pyplot: nothing global, no display

    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, **more).ravel()
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
    return figure, axes


def save(figure: Any, path: Path) -> None:
    """Write a figure as PNG."""
    with replacing(path) as temporary:
        # Without the version of the software, so that the same figure has the same bytes.
        figure.savefig(temporary, dpi=110, format="png", metadata={"Software": None})
