"""Input (`Evidence`) and result (`Assignment`) of the detection of energy references.

The energy reference of a row is the zero of its IE and EA: the vacuum (``absolute``) or Li/Li⁺.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from organode.curate.crossfit import CrossFit


@dataclass(frozen=True)
class Evidence:
    """Data from which the energy reference of n rows is detected, in the source's order.

    Attributes
    ----------
    energies : numpy.ndarray
        Shape (n, 2): IE and EA in eV, as in the source; NaN where missing.
    xtb_reference : numpy.ndarray
        Shape (n,): (IE + EA) / 2 vs vacuum by xTB, eV.
    regular : numpy.ndarray of bool
        Shape (n,): neutral closed-shell molecules in one piece with both energies. Only these
        train the model; other rows get the reference of their block unless they contradict it.
    anchor : numpy.ndarray
        Shape (n, 2): IE and EA of the few anchor molecules, which were computed here by density
        functional theory, eV vs vacuum; NaN elsewhere.
    model : CrossFit
        Returns out-of-fold predictions for these n rows, after a fit to any values for them.
    """

    energies: np.ndarray
    xtb_reference: np.ndarray
    regular: np.ndarray
    anchor: np.ndarray
    model: CrossFit


@dataclass(frozen=True)
class Assignment:
    """Energy reference of each of n rows, and the evidence for it.

    Attributes
    ----------
    li : numpy.ndarray of bool
        Shape (n,): whether the row's energies are vs Li/Li⁺; the others are vs vacuum.
    confidence : numpy.ndarray
        Shape (n,): probability that `li` is right, given the model; 1 where all rows have the same
        reference, NaN where it could not be determined.
    applied : float
        What is added to the energies of each row with `li` to refer them to the vacuum, eV.
    level : float
        Median of (IE + EA) / 2 minus its value vs vacuum, eV; of all regular rows or, if there are
        two references, of those with the higher energies. The value vs vacuum is that of the
        anchor molecules or, where these are too few, the xTB reference. NaN if unknown.
    scale : str
        Reference of the energies after `applied` was added: ``absolute`` (vacuum), or ``unknown``
        where `level` contradicts that or is unknown.
    residuals : numpy.ndarray
        Shape (n, 2): energies as in the source minus out-of-fold predictions, eV. If there are two
        references, the model was fitted to energies that were all brought to the higher one. NaN
        if the references were not detected.
    verdict : str
        The result as a sentence for the report.
    shift, shift_error : float
        By how much the energies of the rows with `li` are lower than those of the others, eV, and
        its standard error; NaN where there is only one reference.
    by_target : tuple of float
        The shift estimated from IE alone and from EA alone, eV; NaN like `shift`.
    estimates : tuple of (str, float, float)
        The estimates of which `shift` is the mean: method, value and standard error in eV; empty
        where there is only one reference.
    """

    li: np.ndarray
    confidence: np.ndarray
    applied: float
    level: float
    scale: str
    residuals: np.ndarray
    verdict: str
    shift: float = math.nan
    shift_error: float = math.nan
    by_target: tuple[float, float] = (math.nan, math.nan)
    estimates: tuple[tuple[str, float, float], ...] = ()

    @property
    def is_mixed(self) -> bool:
        """Whether rows with two different energy references were found."""
        return not math.isnan(self.shift)


def to_absolute(energies: np.ndarray, references: Assignment) -> np.ndarray:
    """Return the energies of every row vs vacuum, from those in the source; shape (n, 2), eV."""
    return energies + references.applied * references.li[:, None]


def declared(rows: Sequence[bool], absolute_li: float, verdict: str) -> Assignment:
    """Return the energy references that the user states, without a check against the energies.

    Parameters
    ----------
    rows : sequence of bool
        Whether the energies of each row are vs Li/Li⁺.
    absolute_li : float
        Potential of Li/Li⁺ vs vacuum in V, which is to be added to the energies of those rows.
    verdict : str
        Sentence for the report.
    """
    li = np.asarray(rows, bool)
    n = len(li)
    return Assignment(
        li=li,
        confidence=np.ones(n),
        applied=absolute_li,
        level=math.nan,
        scale="absolute",
        residuals=np.full((n, 2), math.nan),
        verdict=verdict,
    )


def expand(references: Assignment, rows: np.ndarray, n: int) -> Assignment:
    """Return energy references of all `n` rows from those of the rows with a readable structure.

    Other rows get the reference of the readable row before them, and NaN as their confidence.

    Parameters
    ----------
    references : Assignment
        References of the readable rows.
    rows : numpy.ndarray
        Positions of the readable rows among all rows, sorted ascending.
    n : int
        Number of all rows.
    """
    position = np.clip(np.searchsorted(rows, np.arange(n), side="right") - 1, 0, None)
    li = references.li[position]
    confidence = np.full(n, math.nan)
    confidence[rows] = references.confidence
    residuals = np.full((n, 2), math.nan)
    residuals[rows] = references.residuals
    return replace(references, li=li, confidence=confidence, residuals=residuals)
