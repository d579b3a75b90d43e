"""Large molecules, joined from two smaller ones."""

from random import Random

import pandas as pd
import pytest
from rdkit import Chem

from embedded_set import joined
from embedded_set.joined import LARGEST, SMALLEST, choose_joined, join
from organode.chem import flat_smiles, parse_flat

QUINONE, PHENAZINE = "O=C1C=CC(=O)c2ccccc21", "c1ccc2nc3ccccc3nc2c1"


def test_joined_molecule_holds_both_parts():
    random = Random(1)
    parts = [Chem.MolFromSmiles(smiles) for smiles in (QUINONE, PHENAZINE)]
    found = [join(QUINONE, PHENAZINE, random) for _ in range(30)]
    assert len(set(found)) > 10
    for smiles in filter(None, found):
        whole = parse_flat(smiles)
        assert flat_smiles(whole) == smiles
        assert all(whole.HasSubstructMatch(part) for part in parts)
        assert whole.GetNumHeavyAtoms() >= sum(part.GetNumHeavyAtoms() for part in parts)


def test_molecule_without_hydrogen_on_carbon_is_not_joined():
    assert join("FC(F)(F)F", "CCO", Random(0)) is None


def test_choice_is_large_new_and_repeatable(monkeypatch):
    monkeypatch.setattr(joined, "DRAWS", 60)
    monkeypatch.setattr(joined, "PER_FAMILY", 3)
    monkeypatch.setattr(joined, "_compounds", lambda _: ["CCCCCCCCCCO", "CC(C)Cc1ccc(C=O)cc1"])
    table = choose_joined([], 20)
    pd.testing.assert_frame_equal(table, choose_joined([], 20))
    assert len(table) == table["smiles"].nunique() == 20
    sizes = [parse_flat(smiles).GetNumHeavyAtoms() for smiles in table["smiles"]]
    assert min(sizes) >= SMALLEST
    assert max(sizes) <= LARGEST
    assert set(table["source"]) == {"joined"}
    left_out = table["smiles"].iloc[0]
    assert left_out not in choose_joined([left_out], 20)["smiles"].tolist()


@pytest.mark.parametrize("bridge", joined.BRIDGES)
def test_every_bridge_joins(bridge):
    joining = joined.JOININGS[joined.BRIDGES.index(bridge)]
    products = joining.RunReactants((Chem.MolFromSmiles("C"), Chem.MolFromSmiles("C")))
    molecule = products[0][0]
    Chem.SanitizeMol(molecule)
    assert Chem.MolToSmiles(molecule) == Chem.CanonSmiles(f"C{bridge}C")
