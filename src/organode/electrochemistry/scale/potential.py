"""Potentials on the laboratory scale, with error bars."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from organode.utils.predictive import Predictive

POTENTIALS = {"IE": "E_ox", "EA": "E_red"}  # first wave of each target
SECOND = {target: f"{name}2" for target, name in POTENTIALS.items()}  # second wave
CHARGE_CHANGE = {"IE": 1, "EA": -1}  # of a species in one wave


@dataclass(frozen=True)
class Potential:
    """Predicted potentials of one wave of n molecules, V vs Fc/Fc⁺ in their solvent.

    Attributes
    ----------
    volts, spread : numpy.ndarray
        Shape (n,): expected value (NaN of a wave that is not predicted), and standard deviation of
        one measurement.
    predictive : Predictive
        Distribution of the errors of left-out families, in units of the spread.
    remarks : list of str
        Why a potential may be wrong; mostly empty.
    """

    volts: np.ndarray
    spread: np.ndarray
    predictive: Predictive
    remarks: list[str]

    def moved(self, shift: float, spread: float = 0.0) -> Potential:
        """Return the potentials shifted to another reference or solvent, and widened: in V."""
        wider = np.hypot(self.spread, spread)
        return Potential(self.volts + shift, wider, self.predictive, self.remarks)

    def interval(self, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Return lower and upper bounds of the intervals of a level, each of shape (n,)."""
        ends = self.predictive.interval(np.nan_to_num(self.volts)[None], self.spread, level)
        lower, upper = (np.where(np.isnan(self.volts), np.nan, end) for end in ends)
        return lower, upper

    def within(self, low: float, high: float) -> np.ndarray:
        """Return the probability, shape (n,), that a potential lies between `low` and `high`."""
        share = self.predictive.within(np.nan_to_num(self.volts)[None], self.spread, low, high)
        return np.where(np.isnan(self.volts), np.nan, share)
