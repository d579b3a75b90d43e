"""Figures of predicted energies and their error bars; each figure can be read on its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from organode.models.metrics import half_width, is_covered
from organode.utils.report.figures import BLUE, GREY, ORANGE, save, subplots

SHOWN = 250  # most error bars in a figure
SMALLEST = 3e-3  # eV; smaller errors are drawn at this value
NAMES = {"IE": "ionization energy", "EA": "electron affinity"}


def parity(target: str, table: pd.DataFrame, metrics: dict[str, Any], path: Path) -> None:
    """Draw prediction against label: out of fold, for the test set, and for all rows.

    Parameters
    ----------
    target : str
        ``IE`` or ``EA``.
    table : pandas.DataFrame
        Column `label`, and columns of predictions: `out_of_fold` (by the network that had not seen
        the row), `outer` (of the test set), `whole_set` (by the ensemble, training rows included).
        All in eV; a prediction is NaN where the row is not in that part of the data.
    metrics : dict
        For each of `out_of_fold`, `outer` and `whole_set`, a dict with `n` (number of rows), `mae`
        (eV), `r2` and `sd_abs_error` (standard deviation of the absolute error, eV).
    path : Path
        PNG to write.
    """
    parts = {
        "out_of_fold": "out of fold (each row by the network that had not seen it)",
        "outer": "test set (seen by no search, no training)",
        "whole_set": "whole set, training rows included\n(the thesis's metric, too optimistic)",
    }
    figure, axes = subplots(1, 3, (15, 5.0))
    low, high = table["label"].min(), table["label"].max()
    for axis, (part, title) in zip(axes, parts.items(), strict=True):
        shown = table[table[part].notna()]
        drawn = axis.hexbin(
            shown["label"], shown[part], gridsize=60, bins="log", mincnt=1, cmap="viridis",
            extent=(low, high, low, high),
        )  # fmt: skip
        axis.plot([low, high], [low, high], color=ORANGE, lw=1)
        numbers = metrics[part]
        axis.set_title(title, fontsize=10)
        axis.text(
            0.04,
            0.96,
            f"n = {numbers['n']:,}\nMAE {numbers['mae']:.3f} eV\nR² {numbers['r2']:.3f}\n"
            f"SD of |error| {numbers['sd_abs_error']:.3f} eV",
            transform=axis.transAxes,
            va="top",
            fontsize=9,
        )
        axis.set_xlabel(f"label {target} / eV")
        axis.set_ylabel(f"predicted {target} / eV")
        axis.set_aspect("equal")
        figure.colorbar(drawn, ax=axis, label="molecules", fraction=0.046)
    figure.suptitle(f"{target} ({NAMES[target]}): prediction against label")
    save(figure, path)


def residuals(target: str, table: pd.DataFrame, metrics: dict[str, Any], path: Path) -> None:
    """Draw the distribution of the out-of-fold errors with the error bar of the 2020 thesis.

    Parameters
    ----------
    target : str
        ``IE`` or ``EA``.
    table : pandas.DataFrame
        Columns `label` and `out_of_fold` (prediction), eV.
    metrics : dict
        `margin`, the error bar in eV, which is the mean plus `margin_sd` standard deviations of the
        absolute error; and the number `margin_sd`.
    path : Path
        PNG to write.
    """
    margin = metrics["margin"]
    error = (table["out_of_fold"] - table["label"]).dropna()
    figure, (axis,) = subplots(1, 1, (7, 4.5))
    reach = max(1.2 * margin, float(error.abs().quantile(0.999)))
    axis.hist(error.clip(-reach, reach), bins=120, color=BLUE)
    for side in (-margin, margin):
        axis.axvline(side, color=ORANGE, lw=1.2)
    inside = float((error.abs() <= margin).mean())
    axis.set_yscale("log")
    axis.set_xlabel(f"predicted − label {target} / eV")
    axis.set_ylabel("molecules")
    axis.set_title(
        f"{target}: out-of-fold errors, n = {len(error):,}; "
        f"{inside:.1%} within ±{margin:.2f} eV (MAE + {metrics['margin_sd']:g} SD)",
        fontsize=10,
    )
    save(figure, path)


def learning_curves(target: str, curves: pd.DataFrame, path: Path) -> None:
    """Draw training and validation MAE of each fold against the epoch.

    `curves` has the columns `fold`, `epoch`, `train_mae` and `valid_mae` (MAE on training and
    validation rows, eV).
    """
    figure, (axis,) = subplots(1, 1, (7, 4.5))
    for _, fold in curves.groupby("fold"):
        axis.plot(fold["epoch"], fold["train_mae"], color=GREY, lw=1)
        axis.plot(fold["epoch"], fold["valid_mae"], color=BLUE, lw=1)
    axis.plot([], [], color=GREY, label="training (with dropout)")
    axis.plot([], [], color=BLUE, label="validation")
    axis.legend(frameon=False)
    axis.set_xlabel("epoch")
    axis.set_ylabel("MAE / eV")
    axis.set_ylim(0, float(np.quantile(curves["valid_mae"], 0.97)) * 1.5)
    axis.set_title(f"{target}: learning curves of {curves['fold'].nunique()} folds", fontsize=10)
    save(figure, path)


def error_bars(target: str, groups: pd.DataFrame, by: str, path: Path) -> None:
    """Draw MAE, half-width and coverage of the intervals of the test set by group.

    Parameters
    ----------
    target : str
        ``IE`` or ``EA``.
    groups : pandas.DataFrame
        Columns `group` (name of the group), `n` (number of rows), `mae` and `half_width` (mean
        half-width of the interval), in eV, and `covered` (share of labels inside their interval).
    by : str
        What defines the groups: ``similarity`` (to the nearest training molecule) or ``family``.
    path : Path
        PNG to write.
    """
    words = {
        "similarity": "similarity to the nearest training molecule (Tanimoto)",
        "family": "family",
    }
    figure, (widths, covered) = subplots(1, 2, (12, 0.32 * len(groups) + 2.2), sharey=True)
    names = [f"{name}  (n = {n:,})" for name, n in zip(groups["group"], groups["n"], strict=True)]
    place = np.arange(len(groups))
    finite = groups["half_width"].replace(np.inf, np.nan)
    widths.barh(place, finite, color=GREY, label="half-width of the 95 % interval")
    widths.barh(place, groups["mae"], color=BLUE, height=0.5, label="MAE")
    widths.set_yticks(place, names)
    widths.invert_yaxis()
    widths.set_xlabel(f"{target} / eV")
    widths.legend(frameon=False, fontsize=8, loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    covered.axvline(0.95, color=ORANGE, lw=1.2)
    # Two standard deviations of the share among n rows if the true coverage is 95 %.
    sampling = 2 * np.sqrt(0.95 * 0.05 / groups["n"])
    covered.errorbar(groups["covered"], place, xerr=sampling, fmt="o", color=BLUE, capsize=2)
    covered.set_xlim(right=1.01)
    covered.set_xlabel("labels inside their 95 % interval")
    figure.suptitle(f"{target}: test set by {words[by]}")
    save(figure, path)


def intervals(target: str, outer: pd.DataFrame, path: Path) -> None:
    """Draw prediction intervals of the test set: a sample, and errors against half-widths.

    Intervals are infinite if there are too few training rows; infinite intervals are not drawn.

    Parameters
    ----------
    target : str
        ``IE`` or ``EA``.
    outer : pandas.DataFrame
        Columns `label`, `outer` (prediction), `lower` and `upper` (ends of the interval), eV.
    path : Path
        PNG to write.
    """
    figure, (sample, every) = subplots(1, 2, (12, 5.4))
    finite = outer[np.isfinite(half_width(outer))]
    shown = finite.sample(min(len(finite), SHOWN), random_state=0)
    inside = is_covered(shown)
    for rows, colour, name in (
        (shown[inside], BLUE, "label inside the interval"),
        (shown[~inside], ORANGE, "label outside"),
    ):
        reach = np.abs(rows[["lower", "upper"]].to_numpy().T - rows["outer"].to_numpy())
        sample.errorbar(
            rows["label"], rows["outer"], yerr=reach, fmt="o", ms=2.5, lw=0.7, color=colour,
            label=f"{name}: {len(rows)}",
        )  # fmt: skip
    ends = [shown["label"].min(), shown["label"].max()]
    sample.plot(ends, ends, color=GREY, lw=1)
    sample.legend(frameon=False, fontsize=8)
    sample.set_xlabel(f"label {target} / eV")
    sample.set_ylabel(f"predicted {target} with its 95 % interval / eV")
    sample.set_title(f"{len(shown)} of the {len(outer):,} molecules of the test set", fontsize=10)

    if len(finite):
        width = half_width(finite)
        error = (finite["outer"] - finite["label"]).abs()
        image = every.hexbin(
            width, error.clip(lower=SMALLEST), gridsize=45, bins="log", mincnt=1,
            xscale="log", yscale="log", cmap="viridis",
        )  # fmt: skip
        line = [width.min(), width.max()]
        every.plot(line, line, color=ORANGE, lw=1.2)
        every.set_xlabel(f"half-width of the 95 % interval / eV (mean {width.mean():.2f})")
        every.set_ylabel("|predicted − label| / eV")
        outside = 1 - is_covered(finite).mean()
        every.set_title(f"above the line: outside, {outside:.1%}", fontsize=10)
        figure.colorbar(image, ax=every, label="molecules", fraction=0.046)
    else:
        every.set_title("too few training rows for finite intervals", fontsize=10)
    figure.suptitle(f"{target}: error bars of the test set")
    save(figure, path)


def calibration(target: str, quantile: pd.Series, levels: pd.DataFrame, path: Path) -> None:
    """Draw coverage of intervals against level, and a histogram of the labels' quantiles.

    Parameters
    ----------
    target : str
        ``IE`` or ``EA``.
    quantile : pandas.Series
        Quantile of each label of the test set in its predictive distribution, 0 to 1.
    levels : pandas.DataFrame
        Columns `level` (nominal coverage of intervals) and `covered` (share of labels inside the
        interval), 0 to 1.
    path : Path
        PNG to write.
    """
    figure, (covered, histogram) = subplots(1, 2, (11, 4.6))
    n = len(quantile)
    sampling = 2 * np.sqrt(levels["level"] * (1 - levels["level"]) / n)
    covered.plot([0.4, 1], [0.4, 1], color=GREY, lw=1, label="calibrated")
    covered.errorbar(
        levels["level"], levels["covered"], yerr=sampling, fmt="o", color=BLUE, capsize=2,
        label="observed (bars: two standard deviations of sampling)",
    )  # fmt: skip
    covered.legend(frameon=False, fontsize=8)
    covered.set_xlabel("level of the interval")
    covered.set_ylabel("labels inside")
    histogram.hist(quantile, bins=20, range=(0, 1), color=BLUE)
    histogram.axhline(n / 20, color=ORANGE, lw=1.2)
    histogram.set_xlabel("quantile of the label in its predictive distribution (line: calibrated)")
    histogram.set_ylabel("molecules")
    figure.suptitle(f"{target}: calibration on the test set, n = {n:,}")
    save(figure, path)


def map_of_errors(target: str, outer: pd.DataFrame, path: Path) -> None:
    """Draw the test set in the plane of IE and EA, coloured by the absolute error.

    Parameters
    ----------
    target : str
        ``IE`` or ``EA``.
    outer : pandas.DataFrame
        Columns `label`, `beside` (label of the other target, EA or IE) and `outer` (prediction),
        eV; rows in which `beside` is missing are not drawn.
    path : Path
        PNG to write.
    """
    shown = outer[outer["beside"].notna()]
    energies = {target: shown["label"], "EA" if target == "IE" else "IE": shown["beside"]}
    error = (shown["outer"] - shown["label"]).abs()
    order = np.argsort(error.to_numpy())
    figure, (axis,) = subplots(1, 1, (7.4, 5.2))
    drawn = axis.scatter(
        energies["IE"].to_numpy()[order],
        energies["EA"].to_numpy()[order],
        c=error.to_numpy()[order],
        s=6,
        cmap="viridis",
        vmax=float(error.quantile(0.98)) if len(error) else None,
    )
    axis.set_xlabel("label IE / eV")
    axis.set_ylabel("label EA / eV")
    axis.set_title(f"{target}: errors of the test set, n = {len(shown):,}", fontsize=10)
    figure.colorbar(drawn, ax=axis, label=f"|predicted − label {target}| / eV", extend="max")
    save(figure, path)
