"""Compare the best trial of a search with the trial of fixed settings, molecule by molecule."""

from __future__ import annotations

import base64
import math
from dataclasses import asdict, dataclass

import numpy as np

Z = 1.959964  # standard deviations from the mean of a normal distribution to its 97.5 % quantile


@dataclass(frozen=True)
class Comparison:
    """Mean paired difference of the absolute errors of two settings, with its 95 % interval.

    Attributes
    ----------
    difference : float
        eV; negative if the first setting has the smaller errors.
    lower, upper : float
        Limits of the 95 % interval of `difference`, eV.
    rows : int
        Number of molecules that both settings predicted without having learned them.
    """

    difference: float
    lower: float
    upper: float
    rows: int

    @property
    def is_better(self) -> bool:
        """Whether the first setting is better: whether the whole interval is below zero."""
        return self.upper < 0

    def in_words(self) -> str:
        """Return the difference, its interval and the number of molecules as a text."""
        return (
            f"{self.difference:+.4f} eV (95 % interval {self.lower:+.4f} to {self.upper:+.4f}, "
            f"{self.rows:,} molecules)"
        )

    def as_dict(self) -> dict[str, float | int]:
        """Return the numbers by name, rounded to 1e-6 eV."""
        return {name: round(value, 6) for name, value in asdict(self).items()}


def compare(errors: np.ndarray, fixed: np.ndarray) -> Comparison:
    """Compare two settings by their absolute errors on the same molecules.

    The mean of many differences is normally distributed, whatever the distribution of one. The
    interval says how sure the difference is for further molecules; it does not contain how much
    networks differ that are trained with other random numbers.

    Parameters
    ----------
    errors, fixed : numpy.ndarray
        Shape (n,): absolute errors of the two settings in eV, the molecules in the same order.

    Examples
    --------
    >>> compare(np.array([0.1, 0.2, 0.1]), np.array([0.2, 0.3, 0.2])).is_better
    True
    """
    differences = np.asarray(errors, float) - np.asarray(fixed, float)
    rows = len(differences)
    mean = float(differences.mean())
    half = Z * float(differences.std(ddof=1)) / math.sqrt(rows) if rows > 1 else math.inf
    return Comparison(mean, mean - half, mean + half, rows)


def pack(errors: np.ndarray) -> str:
    """Return numbers as text, for an attribute of a trial; single precision is kept."""
    return base64.b64encode(np.asarray(errors, "<f4").tobytes()).decode()


def unpack(text: str) -> np.ndarray:
    """Return the numbers that `pack` made a text of.

    Examples
    --------
    >>> unpack(pack([0.5, 0.25])).tolist()
    [0.5, 0.25]
    """
    return np.frombuffer(base64.b64decode(text), "<f4").astype(float)
