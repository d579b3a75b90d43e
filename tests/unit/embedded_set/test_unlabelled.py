"""Unlabelled molecules: several sources, no molecule twice."""

import pytest

from embedded_set import unlabelled
from embedded_set.families import CORES
from embedded_set.unlabelled import choose_unlabelled
from organode.chem import flat_smiles, parse_flat


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(unlabelled, "PER_FAMILY", 4)
    monkeypatch.setattr(unlabelled, "DRUG_LIKE", 2)
    monkeypatch.setattr(unlabelled, "DECORATED", 5)
    monkeypatch.setattr(unlabelled, "VARIED", 40)
    decorated = [("Oc1ccc2ccccc2c1", "")] * 5
    monkeypatch.setattr(unlabelled, "draw_decorated", lambda _: iter(decorated))
    monkeypatch.setattr(unlabelled, "compound_smiles", lambda: iter(["CCO", "OCC", "[Na+].[Cl-]"]))
    monkeypatch.setattr(unlabelled, "drug_like_smiles", lambda: ["CCOCC", "OCC"])


def test_sources_are_joined_without_repeats(small):
    chosen = choose_unlabelled()
    assert chosen["smiles"].is_unique
    assert chosen.set_index("smiles")["source"][["CCO", "CCOCC"]].tolist() == [
        "chemicals",
        "molsets",
    ]
    of_sources = chosen["source"].value_counts()
    assert of_sources["decorated"] == 1
    assert of_sources["varied"] > 5
    of_families = of_sources.drop(["chemicals", "molsets", "decorated", "varied"])
    assert set(of_families.index) == set(CORES)
    assert (of_families <= 4).all()
    assert (of_families == 4).mean() > 0.9
    for smiles in chosen["smiles"]:
        assert flat_smiles(parse_flat(smiles)) == smiles
    assert chosen.equals(choose_unlabelled())
