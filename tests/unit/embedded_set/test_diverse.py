"""Molecules that are chosen for their diversity."""

import pytest
from rdkit import Chem

from embedded_set import diverse
from embedded_set.diverse import choose_diverse, most_diverse
from organode.chem import flat_smiles, parse_flat

REAL = ["CCO", "CCCO", "c1ccccc1", "Cc1ccccc1", "C1CCOC1", "CC#N", "C" * 25, "[Na+].[Cl-]"]


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(diverse, "PER_FAMILY", 3)
    monkeypatch.setattr(diverse, "VARIED", 60)
    monkeypatch.setattr(diverse, "DRUG_LIKE", 1)
    monkeypatch.setattr(diverse, "compound_smiles", lambda: iter(REAL))
    monkeypatch.setattr(diverse, "drug_like_smiles", lambda: ["CC(=O)Nc1ccc(O)cc1"])


def test_repeats_of_what_was_chosen_come_last():
    chain = ["C" * n for n in range(3, 9)]
    order = most_diverse([*chain, "N#CS", "FB(F)F"], 8)
    assert sorted(order) == list(range(8))
    assert {6, 7} < set(order[:4])


def test_fewer_are_chosen_if_fewer_are_wanted():
    smiles = ["CCO", "c1ccccc1", "CC#N"]
    assert most_diverse(smiles, 2) == most_diverse(smiles, 3)[:2]
    assert most_diverse([], 2) == []


def test_known_molecules_are_left_out_and_none_comes_twice(small):
    chosen = choose_diverse(["CCO"], 400)
    assert chosen["smiles"].is_unique
    assert "CCO" not in set(chosen["smiles"])
    assert {"chemicals", "enumerated", "varied"} <= set(chosen["source"])
    of_family = chosen["family"] != ""
    assert of_family.equals(chosen["source"] == "enumerated")
    for smiles in chosen["smiles"]:
        assert flat_smiles(parse_flat(smiles)) == smiles
        assert 2 <= Chem.MolFromSmiles(smiles).GetNumHeavyAtoms() <= 40
    assert chosen.equals(choose_diverse(["CCO"], 400))


def test_groups_have_their_shares_in_any_first_part(small):
    chosen = choose_diverse([], 30)
    first = chosen.head(10)["source"].value_counts()
    assert first["chemicals"] >= 3
    assert first["varied"] >= 3
