"""Figures of the stage `stability`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from organode.evaluate.stability_metrics import reliability_diagram
from organode.utils.report.figures import BLUE, GREY, ORANGE, save, subplots


def calibration(couples: pd.DataFrame, path: Path) -> None:
    """Draw how many couples were reversible of those given a probability, and all probabilities.

    Parameters
    ----------
    couples : pandas.DataFrame
        `Stability.couples`.
    path : Path
        PNG to write.
    """
    figure, (shares, histogram) = subplots(1, 2, (11, 4.6))
    bins = reliability_diagram(couples)
    # Two standard deviations of a share of n couples that is as predicted.
    chance = 2 * np.sqrt(bins["predicted"] * (1 - bins["predicted"]) / bins["n"])
    shares.plot([0, 1], [0, 1], color=GREY, lw=1, label="as predicted")
    shares.errorbar(
        bins["predicted"], bins["reversible"], yerr=chance, fmt="o", color=BLUE, capsize=2,
        label="seen (bars: two standard deviations of chance)",
    )  # fmt: skip
    for place, n in enumerate(bins["n"]):
        at = bins["predicted"][place], bins["reversible"][place]
        shares.annotate(f"{n}", at, (6, -10), textcoords="offset points", fontsize=8)
    shares.legend(frameon=False, fontsize=8)
    shares.set_xlabel("probability that the ion lasts, mean of a bin")
    shares.set_ylabel("couples that were reversible")
    shares.set_ylim(-0.05, 1.05)
    parts = [couples.loc[couples["reversible"] == seen, "left_out"] for seen in (True, False)]
    histogram.hist(
        parts, bins=20, range=(0, 1), stacked=True, color=[BLUE, ORANGE],
        label=[f"reversible, n = {len(parts[0])}", f"irreversible, n = {len(parts[1])}"],
    )  # fmt: skip
    histogram.legend(frameon=False, fontsize=8)
    histogram.set_xlabel("probability that the ion lasts")
    histogram.set_ylabel("couples")
    figure.suptitle(f"Stability, n = {len(couples)} couples: each family predicted without it")
    save(figure, path)
