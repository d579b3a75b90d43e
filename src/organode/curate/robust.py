"""Statistics that a few gross outliers do not move."""

from __future__ import annotations

import numpy as np


def spread(values: np.ndarray) -> float:
    """Return the standard deviation by the median absolute deviation; never quite 0.

    Hampel, J. Am. Stat. Assoc. 69 (1974) 383, doi 10.1080/01621459.1974.10482962.
    """
    return 1.4826 * float(np.median(np.abs(values - np.median(values)))) + 1e-9
