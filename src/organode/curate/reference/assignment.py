"""What the detection of energy references reads and what it returns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from organode.curate.crossfit import CrossFit


@dataclass(frozen=True)
class Evidence:
    """Data from which the reference of n rows is detected, in the source's order.

    Attributes
    ----------
    energies : numpy.ndarray
        Shape (n, 2): IE and EA in eV, as in the source; NaN where missing.
    xtb_reference : numpy.ndarray
        Shape (n,): (IE + EA) / 2 on the absolute scale by xTB, eV.
    regular : numpy.ndarray of bool
        Shape (n,): neutral closed-shell molecules in one piece with both energies. Only these
        train the model; other rows get the reference of their block unless they contradict it.
    anchor : numpy.ndarray
        Shape (n, 2): IE and EA of the few molecules computed by density functional theory, eV,
        absolute; NaN elsewhere.
    model : CrossFit
        Cross-validated model of these n rows.
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
        Shape (n,): the row is referred to Li/Li⁺.
    confidence : numpy.ndarray
        Shape (n,): probability that `li` is right, given the model; 1 where there was no doubt.
    applied : float
        Added to the energies of each row with `li`, eV.
    level : float
        Distance of (IE + EA) / 2 of the rows with the higher reference from the absolute scale
        of the anchors or, where these are too few, of the xTB reference, eV.
    scale : str
        Scale of the energies after `applied` was added: ``absolute``, or ``unknown`` where the
        xTB reference contradicts that.
    residuals : numpy.ndarray
        Shape (n, 2): energies as in the source minus their prediction by a model of absolute
        energies, eV.
    verdict : str
        The result in words.
    shift, shift_error : float
        By how much the rows with the lower reference are lower, eV, and its standard error; NaN
        where there is only one reference.
    by_target : tuple of float
        The shift estimated from IE alone and from EA alone, eV.
    estimates : tuple of (str, float, float)
        Each estimate of the shift: its method, value and standard error in eV.
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
        """Whether two references were found."""
        return not math.isnan(self.shift)


def to_absolute(energies: np.ndarray, references: Assignment) -> np.ndarray:
    """Return the energies with every row on the absolute scale; shape (n, 2), eV."""
    return energies + references.applied * references.li[:, None]


def declared(rows: Sequence[bool], absolute_li: float, verdict: str) -> Assignment:
    """Return the references that the user states, without any check against the energies.

    Parameters
    ----------
    rows : sequence of bool
        Whether each row is referred to Li/Li⁺.
    absolute_li : float
        Absolute potential of Li/Li⁺ in V, added to those rows.
    verdict : str
        Text for the report.
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
    """Return references of all `n` rows from those of the readable rows.

    Rows whose structure cannot be read get the reference of the readable row before them, and
    no confidence.

    Parameters
    ----------
    references : Assignment
        Of the readable rows.
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
