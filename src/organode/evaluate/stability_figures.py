"""Figures of the predicted probabilities that radical ions are stable."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from organode.evaluate.stability_metrics import reliability_diagram
from organode.utils.report.figures import BLUE, GREY, ORANGE, save, subplots


def calibration(couples: pd.DataFrame, path: Path) -> None:
    """Draw the share of reversible couples against the probability, and a histogram of the latter.

    Parameters
    ----------
    couples : pandas.DataFrame
        Redox couples with the columns `reversible` (bool, as observed) and `left_out` (probability
        that the ion is stable, predicted by a fit without the family of the molecule).
    path : Path
        PNG to write.
    """
    figure, (shares, histogram) = subplots(1, 2, (11, 4.6))
    bins = reliability_diagram(couples)
    # Two standard deviations of the share among n couples if the probability is right.
    sampling = 2 * np.sqrt(bins["predicted"] * (1 - bins["predicted"]) / bins["n"])
    shares.plot([0, 1], [0, 1], color=GREY, lw=1, label="calibrated")
    shares.errorbar(
        bins["predicted"], bins["reversible"], yerr=sampling, fmt="o", color=BLUE, capsize=2,
        label="observed (bars: two standard deviations of sampling)",
    )  # fmt: skip
    for position, n in enumerate(bins["n"]):
        point = bins["predicted"][position], bins["reversible"][position]
        shares.annotate(f"{n}", point, (6, -10), textcoords="offset points", fontsize=8)
    shares.legend(frameon=False, fontsize=8)
    shares.set_xlabel("probability that the ion is stable, mean of a bin")
    shares.set_ylabel("share of reversible couples")
    shares.set_ylim(-0.05, 1.05)
    parts = [
        couples.loc[couples["reversible"] == reversible, "left_out"] for reversible in (True, False)
    ]
    histogram.hist(
        parts,
        bins=20,
        range=(0, 1),
        stacked=True,
        color=[BLUE, ORANGE],
        label=[f"reversible, n = {len(parts[0])}", f"irreversible, n = {len(parts[1])}"],
    )
    histogram.legend(frameon=False, fontsize=8)
    histogram.set_xlabel("probability that the ion is stable")
    histogram.set_ylabel("couples")
    figure.suptitle(f"Stability, n = {len(couples)} couples: each family left out in turn")
    save(figure, path)
