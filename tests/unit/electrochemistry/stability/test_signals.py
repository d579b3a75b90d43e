"""Signals that are computed for relaxed ions."""

import json

import numpy as np
import pytest

from organode.chem import structure
from organode.chem.features import Molecules
from organode.electrochemistry.stability import OXIDISED, REDUCED
from organode.electrochemistry.stability.signals import (
    BREAKS,
    SIGNALS,
    Signals,
    chance_of_change,
    errors_of,
)


def molecules(*smiles: str) -> Molecules:
    return Molecules([structure(text)[0] for text in smiles])


def test_bond_that_breaks_is_recognised(signals):
    some = molecules("CCCCCBr", "O=C1C=CC(=O)C=C1", "c1ccc2nc3ccccc3nc2c1")
    bromide, quinone, phenazine = chance_of_change(signals.predict(some, REDUCED))
    assert bromide > 0.9
    assert max(quinone, phenazine) < 0.2


def test_phenol_loses_its_proton_more_easily_than_anisole(signals):
    column = SIGNALS.index("proton loss energy")
    phenol, anisole = signals.predict(molecules("Oc1ccccc1", "COc1ccccc1"), OXIDISED)[:, column]
    assert phenol < anisole


def test_standardised_signals_of_the_fit_have_unit_spread(ions, signals):
    for side in (OXIDISED, REDUCED):
        of_side = ions.of_side(side)
        scaled = signals.standardised(signals.of_inputs(of_side.inputs, side), side)
        assert scaled.mean(axis=0) == pytest.approx(0, abs=1e-3)
        assert scaled.std(axis=0) == pytest.approx(1, abs=1e-3)


def test_saved_signals_are_the_same(signals):
    again = Signals.restored(json.loads(json.dumps(signals.saved())))
    some = molecules("CCO", "[CH3]")
    for side in (OXIDISED, REDUCED):
        assert (again.predict(some, side) == signals.predict(some, side)).all()
    with pytest.raises(ValueError, match="other signals"):
        Signals.restored(signals.saved() | {"signals": SIGNALS[:-1]})


def test_errors_are_those_of_species_that_were_left_out(ions):
    table = errors_of(ions).set_index(["side", "signal"])
    assert len(table) == 2 * len(SIGNALS)
    for side in (OXIDISED, REDUCED):
        of_spin = table.loc[(side, "largest spin")]
        assert 0 < of_spin["error"] < of_spin["spread"]
    assert table.loc[(REDUCED, BREAKS), "auc"] > 0.8
    assert np.isnan(table.loc[(REDUCED, BREAKS), "error"])
