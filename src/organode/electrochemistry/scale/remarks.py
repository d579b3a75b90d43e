"""Remarks on predicted potentials of molecules that are unlike all measured molecules."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

FAR = 0.25  # Tanimoto; molecules less similar than this to all measured ones get a remark


def unlike_measured(
    similarity: np.ndarray, names: Sequence[str], measured: str = "molecule measured"
) -> list[str]:
    """Return for each of n molecules a remark if it is unlike all measured ones, else ``''``.

    Parameters
    ----------
    similarity : numpy.ndarray
        Shape (n, m): Tanimoto similarity to the measured molecules.
    names : sequence of str
        Names of the m measured molecules.
    measured : str
        What the remark calls a measured molecule.

    Examples
    --------
    >>> unlike_measured(np.array([[0.9, 0.1], [0.2, 0.1]]), ["AQ", "BQ"])
    ['', 'unlike every molecule measured (AQ is nearest, similarity 0.20)']
    """
    nearest, highest = similarity.argmax(axis=1).tolist(), similarity.max(axis=1)
    return [
        f"unlike every {measured} ({names[position]} is nearest, similarity {value:.2f})"
        if value < FAR
        else ""
        for position, value in zip(nearest, highest, strict=True)
    ]
