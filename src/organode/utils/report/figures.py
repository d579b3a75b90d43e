"""Draw figures without a display or global state; the same content gives the same bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from organode.utils.files import replacing

BLUE, ORANGE, GREY = "#1f5f8b", "#c8642a", "#8a8f98"


def subplots(rows: int, columns: int, size: tuple[float, float], **more: Any) -> tuple[Any, Any]:
    """Return a figure of `size` (width, height in inches) and its axes as a flat array, row by row.

    `more` are further keyword arguments of matplotlib's `Figure.subplots`.
    """
    from matplotlib.figure import Figure  # pyplot would have global state and need a display

    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, **more).ravel()
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
    return figure, axes


def save(figure: Any, path: Path) -> None:
    """Write a matplotlib figure as a PNG file."""
    with replacing(path) as temporary:
        # Matplotlib's version is left out, so that every version writes the same metadata.
        figure.savefig(temporary, dpi=110, format="png", metadata={"Software": None})
