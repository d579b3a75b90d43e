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
        Shape (n,): whether the row has both energies and a neutral closed-shell molecule that was
        not rejected. Only such rows train the model. Where rows form blocks of the same reference,
        another row gets the reference of its block unless its energies contradict this reference.
    anchor : numpy.ndarray
        Shape (n, 2): IE and EA of the few anchor molecules, which were computed for this purpose by
        density functional theory, eV vs vacuum; NaN for other molecules.
    model : CrossFit
        Returns out-of-fold predictions for the n rows, after a fit to any labels of these rows.
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
        Shape (n,): whether the row's energies are vs Li/Li⁺ (True) or vs vacuum (False).
    confidence : numpy.ndarray
        Shape (n,): probability that `li` is right, given the model; 1 where all rows have the same
        reference, NaN where the reference could not be determined.
    applied : float
        Number to add to the energies of each row that `li` marks, to refer them to the vacuum, eV.
    level : float
        Typical value of (IE + EA) / 2 in the source minus the same quantity vs vacuum, eV; for all
        rows in `Evidence.regular` or, if there are two references, for the rows in it that have the
        reference with the higher energies. The value vs vacuum is that of the anchor molecules or,
        if these are too few, the value by xTB. NaN if unknown.
    scale : str
        Reference of the energies after `applied` was added: ``absolute`` (vacuum), or ``unknown``
        if `level` contradicts the vacuum or the reference could not be detected.
    residuals : numpy.ndarray
        Shape (n, 2): energies as in the source minus out-of-fold predictions, eV. If there are two
        references, the model was fitted to energies that were all converted to the reference with
        the higher energies. NaN if the user stated the references.
    verdict : str
        The result as a sentence for the report.
    shift, shift_error : float
        By how much a change of the reference from vacuum to Li/Li⁺ lowers the energies, eV, and the
        standard error of this shift; NaN if all rows have the same reference.
    by_target : tuple of float
        The shift estimated from IE alone and from EA alone, eV; NaN if `shift` is NaN.
    estimates : tuple of (str, float, float)
        Estimates of the shift, whose weighted mean is `shift`: method, value and standard error in
        eV for each. Empty if all rows have the same reference.
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
    """Convert IE and EA of n rows, shape (n, 2), eV, from each row's reference to vs vacuum."""
    return energies + references.applied * references.li[:, None]


def declared(rows: Sequence[bool], absolute_li: float, verdict: str) -> Assignment:
    """Return the energy references that the user states, without a check against the energies.

    Parameters
    ----------
    rows : sequence of bool
        Whether the energies of each row are vs Li/Li⁺.
    absolute_li : float
        Potential of Li/Li⁺ vs vacuum in V, which is to be added to the energies of rows vs Li/Li⁺.
    verdict : str
        Sentence for the report that says where the references come from.
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

    A row without a readable structure gets the reference of the nearest readable row before it (or
    of the first readable row, if there is none before it), and NaN as its confidence.

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
