"""Potentials on the laboratory scale, with error bars."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from organode.utils.predictive import Predictive

POTENTIALS = {"IE": "E_ox", "EA": "E_red"}  # first wave of each target
SECOND = {target: f"{name}2" for target, name in POTENTIALS.items()}  # second wave


@dataclass(frozen=True)
class Potential:
    """Predicted potentials of one wave of n molecules.

    They are in V vs Fc/Fc⁺ in the solvent of each molecule, until `moved` shifts them.

    Attributes
    ----------
    volts, spread : numpy.ndarray
        Shape (n,): expected value (NaN for a wave that is not predicted), and standard deviation of
        one measurement.
    predictive : Predictive
        Distribution of prediction errors divided by their spread, from molecules whose family was
        left out of the fit.
    remarks : list of str
        For each molecule, why its potential may be wrong; mostly empty.
    """

    volts: np.ndarray
    spread: np.ndarray
    predictive: Predictive
    remarks: list[str]

    def moved(self, shift: float, spread: float = 0.0) -> Potential:
        """Return the potentials for another reference electrode or solvent.

        `shift` is added to the potentials, `spread` in quadrature to their standard deviations; V.
        """
        wider = np.hypot(self.spread, spread)
        return Potential(self.volts + shift, wider, self.predictive, self.remarks)

    def interval(self, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Return lower and upper bounds of prediction intervals, each of shape (n,), in V.

        `level` is the share of potentials, 0 to 1, that are to lie between the bounds. The bounds
        are NaN where no potential is predicted, and infinite if too few errors are known for the
        level.
        """
        ends = self.predictive.interval(np.nan_to_num(self.volts)[None], self.spread, level)
        lower, upper = (np.where(np.isnan(self.volts), np.nan, end) for end in ends)
        return lower, upper

    def within(self, low: float, high: float) -> np.ndarray:
        """Return the probability, shape (n,), of a potential from `low` to `high`, in V.

        It is NaN where no potential is predicted.
        """
        share = self.predictive.within(np.nan_to_num(self.volts)[None], self.spread, low, high)
        return np.where(np.isnan(self.volts), np.nan, share)
