"""Densely substituted ring systems."""

from itertools import islice
from random import Random

import pandas as pd
import pytest
from rdkit import Chem

from embedded_set import decorated
from embedded_set.decorated import (
    ATTACHED,
    LARGEST,
    SMALLEST,
    choose_decorated,
    decorate,
    draw_decorated,
)
from organode.chem import flat_smiles, parse_flat


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(decorated, "DRAWS", 40)
    monkeypatch.setattr(decorated, "_ring_systems", lambda _: ["c1ccc2c(c1)oc1ccccc12"])


def test_groups_are_of_few_kinds_and_in_many_places():
    random = Random(3)
    found = [decorate("c1ccc2nc3ccccc3nc2c1", random) for _ in range(60)]
    core = Chem.MolFromSmarts("c1ccc2nc3ccccc3nc2c1")
    numbers = []
    for smiles in filter(None, found):
        whole = parse_flat(smiles)
        assert flat_smiles(whole) == smiles
        rest = Chem.DeleteSubstructs(whole, core)
        groups = [Chem.MolToSmiles(part) for part in Chem.GetMolFrags(rest, asMols=True)]
        assert 1 <= len(set(groups)) <= 2
        numbers.append(len(groups))
    assert {1, 8} <= set(numbers)


def test_molecule_without_a_free_place_is_not_decorated():
    assert decorate("C1CCCCC1", Random(0)) is None


def test_choice_is_new_and_repeatable(small):
    table = choose_decorated([], 20)
    pd.testing.assert_frame_equal(table, choose_decorated([], 20))
    assert len(table) == table["smiles"].nunique() == 20
    assert set(table["source"]) == {"decorated"}
    left_out = table["smiles"].iloc[0]
    assert left_out not in choose_decorated([left_out], 20)["smiles"].tolist()


def test_draws_have_the_right_size(small):
    sizes = [
        parse_flat(smiles).GetNumHeavyAtoms() for smiles, _ in islice(draw_decorated(Random(5)), 30)
    ]
    assert min(sizes) >= SMALLEST
    assert max(sizes) <= LARGEST


@pytest.mark.parametrize("group", ATTACHED)
def test_every_group_can_be_attached(group):
    (product,), *_ = ATTACHED[group].RunReactants((Chem.MolFromSmiles("c1ccccc1"),))
    Chem.SanitizeMol(product)
    assert Chem.MolToSmiles(product) == Chem.CanonSmiles(f"c1ccccc1{group}")
