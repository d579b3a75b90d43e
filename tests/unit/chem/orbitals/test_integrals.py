"""Fitted integrals of the Hückel model."""

import numpy as np

from organode.chem.orbitals.integrals import COULOMB, INDUCTION, RESONANCE, fitted


def test_fitted_integrals_are_complete_and_finite():
    names, values = fitted()
    assert {COULOMB, INDUCTION, RESONANCE, "C1=C1", "C1:C1", "~C2"} <= set(names)
    assert np.isfinite(values).all()
    assert np.abs(values).max() < 6
