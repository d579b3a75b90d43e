"""Remarks on predicted potentials: of molecules unlike all measured ones, of ions that break."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from organode.electrochemistry.stability.breakage import in_percent

BREAKING = 0.1  # from this probability on that a bond breaks or forms, a remark says so
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


def falls_apart(ion: str, breaks: np.ndarray) -> list[str]:
    """Return for each of n molecules a remark if its ion may fall apart, else ``''``.

    Parameters
    ----------
    ion : str
        ``oxidised`` or ``reduced``.
    breaks : numpy.ndarray
        Shape (n,), 0 to 1: probability that a bond of the ion breaks or forms.

    Examples
    --------
    >>> falls_apart("reduced", np.array([0.02, 0.6]))
    ['', 'a bond of the reduced form may break (60%, computed): an irreversible wave']
    """
    said = "a bond of the {} form may break ({}, computed): an irreversible wave"
    return [
        said.format(ion, in_percent(chance)) if chance >= BREAKING else ""
        for chance in breaks.tolist()
    ]
