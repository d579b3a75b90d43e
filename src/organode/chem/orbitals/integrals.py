"""Integrals of the Hückel model on all heavy atoms: textbook values, and values fitted to xTB.

Each integral has a name. ``C1`` is the Coulomb integral of a carbon with one electron in the model;
``C1ah1`` is that of such a carbon if it is also aromatic and has one hydrogen. ``~C1`` is the
inductive effect of ``C1``: the shift of the Coulomb integral of each atom bound to this carbon.
``C1:N1`` is the resonance integral of the aromatic bond between ``C1`` and ``N1``. Values are in
units of the resonance integral β between two carbons. Coulomb integrals are relative to that of a π
carbon; electrons of an atom with a larger Coulomb integral are more tightly bound.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

FITTED = Path(__file__).with_suffix(".json")
# Defaults for atoms and bonds without an integral.
COULOMB, INDUCTION, RESONANCE = "any atom", "any neighbour", "any bond"
# Coulomb integrals in β, of F. A. Van-Catledge, J. Org. Chem. 45 (1980) 4801, doi
# 10.1021/jo01311a060; those of saturated carbon and silicon and of empty orbitals are estimates.
KINDS = {
    "B0": -0.45, "C1": 0.0, "C2": 2.0, "N1": 0.51, "N2": 1.37, "O1": 0.97, "O2": 2.09, "F2": 2.71,
    "Si2": 1.6, "P2": 0.75, "P0": 0.2, "S0": 0.0, "S1": 0.46, "S2": 1.11,
    "Cl2": 1.48, "Br2": 1.3,
}  # fmt: skip
SHORT, LONG, SATURATED = 1.0, 0.8, 0.4  # β; multiple, single, and bonds of saturated atoms
CHARGE = 0.8  # β; shift of a Coulomb integral by a formal charge of +1


def textbook(names: Sequence[str]) -> np.ndarray:
    """Return textbook values of the integrals `names`, in units of β, shape (len(names),)."""
    return np.array([_value(name) for name in names])


def _value(name: str) -> float:
    if name == COULOMB:
        return 1.0
    if name == INDUCTION or name.startswith("~"):
        return 0.0
    for sign in "-=#:":
        first, separator, second = name.partition(sign)
        if separator and second:
            if {"C2", "Si2"} & {first, second}:
                return SATURATED
            return LONG if sign == "-" else SHORT
    if name == RESONANCE:
        return 0.6
    kind = name[:3] if name[:3] in KINDS else name[:2]
    return KINDS.get(kind, 1.0) + CHARGE * (name.endswith("+") - name.endswith("-"))


@cache
def fitted() -> tuple[tuple[str, ...], np.ndarray]:
    """Return the names of the integrals fitted to xTB, and their values in units of β."""
    content = json.loads(FITTED.read_text(encoding="utf-8"))["integrals"]
    return tuple(content), np.array(list(content.values()))
