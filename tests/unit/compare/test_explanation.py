"""Potentials as those of the core and the shares of its groups."""

import json

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

import organode
from organode.api.load import PACKAGED
from organode.api.predict import explanations
from organode.compare import explanation as explanation_module
from organode.compare.explanation import NO_RING, explain, framework
from organode.models.model import Model
from organode.settings import Screen

MOLECULES = [
    "COC1=CC(=O)C(Cl)=C(C#N)C1=O",
    "CN1c2ccccc2Sc2ccc(C#N)cc21",
    "c1ccc(-c2ccccc2)cc1",
    "C[n+]1ccc(-c2cc[n+](C)cc2)cc1",
    "CC1(C)CCCC(C)(C)N1[O]",
]


@pytest.fixture(scope="module")
def model():
    return Model.load(PACKAGED)


@pytest.mark.parametrize("smiles", MOLECULES)
def test_core_and_shares_add_up_to_the_prediction(model, smiles):
    (explanation,) = explain(model.energies, [smiles])
    answer = model.predict(smiles, reference="Fc/Fc+")
    for number, name in enumerate(("E_ox", "E_red")):
        total = explanation.volts[number] + sum(part.volts[number] for part in explanation.parts)
        assert total == pytest.approx(answer[name][0], abs=1e-6)
    for part in explanation.parts:
        atoms = [explanation.molecule.GetAtomWithIdx(atom) for atom in part.atoms]
        assert not any(atom.IsInRing() for atom in atoms)


def test_groups_are_what_stands_on_rings_and_the_chains_between_them(model):
    quinone, _, biphenyl, _, _ = explain(model.energies, MOLECULES)
    assert quinone.core == "O=C1C=CC(=O)C=C1"
    assert sorted(part.fragment for part in quinone.parts) == ["*C#N", "*Cl", "*OC"]
    assert (biphenyl.core, biphenyl.parts, biphenyl.remark) == (MOLECULES[2], (), "")
    (ethanol,) = explain(model.energies, ["CCO"])
    assert (ethanol.core, ethanol.parts, ethanol.remark) == ("CCO", (), NO_RING)


@pytest.mark.parametrize(
    ("smiles", "atoms"),
    [("CCc1ccccc1", 6), ("c1ccccc1CCc1ccccc1", 14), ("CCO", 0), ("C1CC1C(C)C", 3), ("C", 0)],
)
def test_framework_is_rings_and_chains_between_them(smiles, atoms):
    assert len(framework(Chem.MolFromSmiles(smiles))) == atoms


def test_table_of_predictions_gets_an_explanation_for_each_wave(model):
    table = model.predict(["COC1=CC(=O)C=CC1=O", "no molecule"], reference="SCE")
    added = explanations(model, table, Screen(reference="SCE"))
    assert list(added) == ["E_ox_explanation", "E_red_explanation"]
    why = json.loads(added["E_red_explanation"][0])
    total = why["volts"] + sum(group["volts"] for group in why["groups"])
    assert total == pytest.approx(table["E_red"][0], abs=1e-6)
    assert added["E_red_explanation"][1] == ""


def test_public_function_has_a_row_for_core_and_group_and_unreadable(model):
    table = organode.explain(["COC1=CC(=O)C=CC1=O", "no molecule"], model=model)
    assert table["part"].tolist() == ["core", "group", "core", "group", ""]
    sums = table[table["row"] == 0].groupby("potential")["volts"].sum()
    answer = model.predict("COC1=CC(=O)C=CC1=O")
    np.testing.assert_allclose(sums[["E_ox", "E_red"]], answer[["E_ox", "E_red"]].iloc[0])
    assert table["status"].iloc[-1] != "ok"
    assert pd.isna(table["volts"].iloc[-1])


def test_molecules_together_are_explained_as_each_alone(model):
    together = explain(model.energies, MOLECULES)
    for smiles, explanation in zip(MOLECULES, together, strict=True):
        (alone,) = explain(model.energies, [smiles])
        assert alone.core == explanation.core
        for part, same in zip(explanation.parts, alone.parts, strict=True):
            assert part.volts == pytest.approx(same.volts, abs=1e-5)


def test_a_molecule_with_too_many_groups_is_not_divided(model):
    quinone, phenothiazine, *_ = explain(model.energies, MOLECULES, most_groups=2)
    assert (quinone.core, quinone.parts) == ("COC1=CC(=O)C(Cl)=C(C#N)C1=O", ())
    assert quinone.remark == "more than 2 groups: not divided"
    assert len(phenothiazine.parts) == 2


def test_molecules_are_explained_in_batches(model, monkeypatch):
    seen = []
    answer = explanation_module.PotentialCache.add

    def add(self, smiles):
        seen.append(len(smiles))
        answer(self, smiles)

    monkeypatch.setattr(explanation_module.PotentialCache, "add", add)
    monkeypatch.setattr(explanation_module, "TOGETHER", 4)
    few = explain(model.energies, MOLECULES)
    assert max(seen) < 4 + 16  # the last molecule of a batch has up to sixteen variants
    monkeypatch.setattr(explanation_module, "TOGETHER", 1_000)
    for one, other in zip(few, explain(model.energies, MOLECULES), strict=True):
        assert one.core == other.core
        assert one.volts == pytest.approx(other.volts, abs=1e-5)
