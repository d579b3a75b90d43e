"""Potentials predicted by the laboratory scale, with error bars."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from organode.utils.predictive import Predictive

POTENTIALS = {"IE": "E_ox", "EA": "E_red"}  # first wave of each target
SECOND = {target: f"{name}2" for target, name in POTENTIALS.items()}  # second wave


@dataclass(frozen=True)
class Potential:
    """Predicted potentials of one wave of n molecules.

    The potentials are in V vs Fc/Fc⁺ in acetonitrile, unless `moved` has shifted them to another
    reference electrode or solvent.

    Attributes
    ----------
    volts, spread : numpy.ndarray
        Shape (n,), V: expected potential (NaN for a wave that is not predicted), and the standard
        deviation of a single measurement of this potential.
    predictive : Predictive
        Distribution of prediction errors, each divided by its predicted standard deviation, of
        measured molecules whose family was left out of the fit.
    remarks : list of str
        For each molecule, a text on why its potential may be wrong; empty if there is no doubt.
    """

    volts: np.ndarray
    spread: np.ndarray
    predictive: Predictive
    remarks: list[str]

    def moved(self, shift: float, spread: float = 0.0) -> Potential:
        """Return the potentials for another reference electrode or solvent.

        `shift`, in V, is added to the potentials. `spread`, the standard deviation of the shift in
        V, is added in quadrature to the standard deviations of the potentials.
        """
        wider = np.hypot(self.spread, spread)
        return Potential(self.volts + shift, wider, self.predictive, self.remarks)

    def interval(self, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Return lower and upper bounds of prediction intervals, each of shape (n,), in V.

        `level` is the share of potentials, 0 to 1, that are to lie between the bounds. The bounds
        are NaN where no potential is predicted, and infinite if `predictive` has too few errors for
        this level.
        """
        ends = self.predictive.interval(np.nan_to_num(self.volts)[None], self.spread, level)
        lower, upper = (np.where(np.isnan(self.volts), np.nan, end) for end in ends)
        return lower, upper

    def within(self, low: float, high: float) -> np.ndarray:
        """Return the probability, shape (n,), that a potential is between `low` and `high`, in V.

        The probability is NaN where no potential is predicted.
        """
        share = self.predictive.within(np.nan_to_num(self.volts)[None], self.spread, low, high)
        return np.where(np.isnan(self.volts), np.nan, share)
