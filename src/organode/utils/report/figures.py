"""Create and save matplotlib figures without a display; equal figures give equal bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from organode.utils.files import replacing

BLUE, ORANGE, GREY = "#1f5f8b", "#c8642a", "#8a8f98"


def subplots(rows: int, columns: int, size: tuple[float, float], **more: Any) -> tuple[Any, Any]:
    """Return a figure and the flat array of its axes, row by row.

    `rows` and `columns` are the numbers of rows and columns of axes, and `size` is the width and
    height of the figure in inches. `more` are further keyword arguments of matplotlib's
    `Figure.subplots`.
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
