"""Remarks on predicted potentials that may be wrong: unusual molecules and ions that break."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from organode.electrochemistry.stability.breakage import in_percent

BREAKING = 0.1  # from this probability on that a bond breaks or forms, a remark says so
FAR = 0.25  # Tanimoto; molecules less similar than this to all measured ones get a remark


def unlike_measured(
    similarity: np.ndarray, names: Sequence[str], measured: str = "molecule measured"
) -> list[str]:
    """Return a remark for each molecule that is unlike all measured molecules, else ``''``.

    A molecule is unlike a measured molecule if their similarity is less than `FAR` (0.25).

    Parameters
    ----------
    similarity : numpy.ndarray
        Shape (n, m): Tanimoto similarity of n molecules to m measured molecules.
    names : sequence of str
        Names of the m measured molecules.
    measured : str
        The words for a measured molecule in the remark.

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
    """Return a remark for each molecule whose ion may break a bond, else ``''``.

    Parameters
    ----------
    ion : str
        The form of the molecules that is the ion: ``oxidised`` or ``reduced``.
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
