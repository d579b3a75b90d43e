"""Figures of the curation report."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from organode.curate.table import Curated
from organode.utils.report.figures import BLUE, GREY, ORANGE, save, subplots

AXIS_LIMIT = 3.5  # eV; values beyond it are not drawn, but the legend counts them


def draw_blocks(curated: Curated, path: Path) -> None:
    """Draw (IE + EA) / 2 minus its value by xTB for each source row, before and after curation.

    Rows with energies vs Li/Li⁺ and rows with energies vs vacuum have different colours. The figure
    is written to `path` as PNG.
    """
    rows, references = curated.rows, curated.references
    before = rows["offset"].to_numpy(float)
    after = before + references.applied * references.li
    figure, axes = subplots(2, 1, (11, 6.4), sharex=True)
    for axis, values, title in zip(
        axes, (before, after), ("as in the source", "on the absolute scale"), strict=True
    ):
        for li, colour, name in ((False, BLUE, "absolute"), (True, ORANGE, "Li/Li⁺")):
            chosen = (references.li == li) & np.isfinite(values)
            if not chosen.any():
                continue
            label = f"assigned {name}: {int(chosen.sum()):,} rows"
            axis.plot(
                rows["row"][chosen],
                values[chosen],
                ".",
                ms=1.5,
                color=colour,
                alpha=0.5,
                label=label,
                rasterized=True,
            )
        axis.axhline(0, color="black", lw=0.6)
        axis.set_ylim(-AXIS_LIMIT, AXIS_LIMIT)
        axis.set_ylabel("(IE + EA)/2 − xTB / eV")
        axis.set_title(title, fontsize=10)
        if axis.get_legend_handles_labels()[1]:
            axis.legend(loc="upper right", fontsize=8, markerscale=6)
    axes[1].set_xlabel("row of the source")
    figure.suptitle("Energy reference of every row: electronegativity against tight binding")
    save(figure, path)


def draw_residuals(curated: Curated, path: Path) -> None:
    """Draw histograms of energies minus out-of-fold predictions as a PNG file.

    There is a panel for IE and a panel for EA. Each has two histograms: for the energies as the
    source gives them, and for these energies after they were converted to energies vs vacuum.
    """
    rows, references = curated.rows, curated.references
    figure, axes = subplots(1, 2, (11, 3.8))
    bins = np.linspace(-AXIS_LIMIT, AXIS_LIMIT, 181)
    for axis, target in zip(axes, ("IE", "EA"), strict=True):
        for column, colour, name in (
            (f"residual_{target}", ORANGE, "as in the source"),
            (f"residual_after_{target}", BLUE, "on the absolute scale"),
        ):
            values = rows.loc[rows["reason"] == "", column].dropna()
            label = f"{name}: n = {len(values):,}"
            axis.hist(values, bins=bins, histtype="step", color=colour, lw=1.3, label=label)
        if references.is_mixed:
            axis.axvline(-references.shift, color=GREY, ls=":", lw=1, label="estimated shift")
        axis.set_yscale("log" if len(values) else "linear")
        axis.set_xlabel(f"{target} − out-of-fold prediction / eV")
        axis.set_ylabel("rows")
        axis.legend(fontsize=8)
    figure.suptitle("Residuals of a model of absolute energies")
    save(figure, path)
