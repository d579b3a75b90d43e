"""Stability of candidates' ions."""

import pytest

from helpers import ROOT, some_ions
from organode.electrochemistry.cells import N, P
from organode.electrochemistry.stability.chance import Stability
from organode.electrochemistry.stability.couples import read_couples
from organode.electrochemistry.stability.relaxed_ions import RelaxedIons
from organode.electrochemistry.stability.signals import Signals
from organode.screening.criteria.stability import stability_verdicts
from organode.screening.engine.scoring import parsed_structures


@pytest.mark.parametrize(
    ("smiles", "tier", "core", "reasons"),
    [
        ("CC1(C)CCCC(C)(C)N1[O]", "fine", "nitroxide without α-H",
         ["oxidised form: nitroxide", "reduced form: nitroxide"]),
        ("CN1c2ccccc2Sc2ccccc21", "caution", "N-substituted phenothiazine or phenoxazine",
         ["reduced form: nothing in it is known to hold the electron"]),
        ("O=C1C=CC(=O)C=C1", "caution", "quinone", ["oxidised form: "]),
        ("Oc1ccccc1", "fatal", "", ["oxidised form: O-H", "reduced form: O-H"]),
    ],
)  # fmt: skip
def test_worse_of_two_forms_decides_and_both_cores_are_named(smiles, tier, core, reasons):
    (row,) = stability_verdicts(parsed_structures([smiles]), (P, N), None).to_dict("records")
    assert row["tier"] == tier
    assert row["core"] == core
    for start, reason in zip(reasons, row["tier_reason"].split("; "), strict=True):
        assert reason.startswith(start)


def test_probability_is_given_and_measured_couple_is_named():
    couples = read_couples(
        ROOT / "data/measured/potentials.csv", ROOT / "data/measured/reversibility.csv"
    )
    stability = Stability.fit(couples, Signals.fit(RelaxedIons.of(some_ions())))
    smiles = ["C[C@H]1CN1c1ccc(O)cc1", "CN1c2ccccc2Sc2ccccc21"]
    inputs = parsed_structures(smiles)
    phenol, phenothiazine = stability_verdicts(inputs, (P,), stability).to_dict("records")
    assert phenol["P_stable"] < 0.2 < 0.9 < phenothiazine["P_stable"]
    assert phenothiazine["tier_reason"].startswith("measured: reversible (")
    both = stability_verdicts(inputs, (P, N), stability)
    assert both["P_stable"][1] < phenothiazine["P_stable"]
    assert stability_verdicts(inputs, (P,), None)["P_stable"].isna().all()
    assert stability_verdicts(parsed_structures([]), (P,), stability).dtypes.equals(
        stability_verdicts(inputs, (P,), stability).dtypes
    )
