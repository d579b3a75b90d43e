"""Unlabelled molecules: three sources, no molecule twice."""

import pytest

from embedded_set import unlabelled
from embedded_set.families import CORES
from embedded_set.unlabelled import choose_unlabelled
from organode.chem import flat_smiles, parse_flat
from organode.errors import OrganodeError


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(unlabelled, "PER_FAMILY", 4)
    monkeypatch.setattr(unlabelled, "DRUG_LIKE", 2)
    monkeypatch.setattr(unlabelled, "compound_smiles", lambda: iter(["CCO", "OCC", "[Na+].[Cl-]"]))
    monkeypatch.setattr(unlabelled, "drug_like_smiles", lambda: ["CCOCC", "OCC"])


def test_sources_are_joined_without_repeats(small):
    chosen = choose_unlabelled()
    assert chosen["smiles"].is_unique
    assert chosen.set_index("smiles")["source"][["CCO", "CCOCC"]].tolist() == [
        "chemicals",
        "molsets",
    ]
    of_families = chosen["source"].value_counts().drop(["chemicals", "molsets"])
    assert set(of_families.index) == set(CORES)
    assert (of_families <= 4).all()
    assert (of_families == 4).mean() > 0.9
    for smiles in chosen["smiles"]:
        assert flat_smiles(parse_flat(smiles)) == smiles
    assert chosen.equals(choose_unlabelled())


def test_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(unlabelled, "find_spec", lambda name: None)
    with pytest.raises(OrganodeError, match="--no-deps molsets"):
        unlabelled.drug_like_smiles()
