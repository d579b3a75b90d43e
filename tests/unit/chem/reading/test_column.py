"""A column of structures, with unreadable and hostile cells."""

import pytest

from organode.chem.reading.column import read_molecules

LARGE, MARKS, INVALID = "heavy atoms: more than", "unpaired electrons: more than", "not a valid"
LONG = "SMILES longer than"
# Texts on which a parser, or what follows it, might spend minutes or crash; what they get.
HOSTILE = {
    "C" * 1_999: LARGE, "C" * 1_000_000: LONG, "C(" * 900 + "C" + ")" * 900: LONG,
    "C(" * 450 + "C" + ")" * 450: LARGE, "C(" * 90 + "C" + ")" * 90: "ok", "C(" * 900: INVALID,
    "C%(99999)CC%(99999)": "ok", "C%99CCC%99": "ok", "C1" * 900: INVALID,
    "".join(f"C{number % 10}" for number in range(900)): LARGE,
    "[H]" + "C([H])([H])" * 181 + "[H]": "ok", ".".join(["C"] * 1_000): LARGE,
    "CC(=O)[O-].[Na+]." * 100 + "O": LARGE, "[CH2]" + "[CH]" * 180 + "[CH2]": MARKS,
    "[C]" * 190: MARKS, "C[P+](C)(C)[CH-]" * 35 + "C": MARKS, "C[S+]([O-])" * 60 + "C": MARKS,
    "C([N+](C)(C)CC(=O)[O-])" * 25: MARKS, "c1" + "n" * 180 + "1": INVALID, "[" * 1_900: INVALID,
    "C" + "12" * 900: INVALID, "InChI=1S/" + "C9H9" * 490: INVALID, "ab" * 900: INVALID,
}  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=[*map(str, range(len(HOSTILE)))])
def test_hostile_texts_are_rejected_quickly(text):
    (molecule,), (status,), _ = read_molecules([text])
    assert HOSTILE[text] in status
    assert (molecule is None) == (status != "ok")


def test_rows_stay_in_order_with_status_and_note():
    molecules, status, notes = read_molecules(["CCO", None, "Cl.NCC"], ["", "torn row", ""])
    assert [molecule is None for molecule in molecules] == [False, True, False]
    assert status == ["ok", "torn row", "ok"]
    assert notes[:2] == ["", ""]
    assert notes[2].endswith("removed HCl")


def test_cap_is_passed_on():
    (molecule,), _, (note,) = read_molecules(["*CC*"], cap="H")
    assert molecule.GetNumAtoms() == 2
    assert note == "repeat unit read as CC: 2 ends capped with H"
