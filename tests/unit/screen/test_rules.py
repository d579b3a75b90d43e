"""The rules of a screening, one by one."""

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem
from rdkit.Chem import Descriptors

from organode.electrochemistry import LI, Limit, Window, against_fc
from organode.errors import UsageError
from organode.html import draw
from organode.screen.chunk import structure_of
from organode.screen.decide import Rule, decide, potentials
from organode.screen.filters import Filters
from organode.screen.known import read_known
from organode.screen.outputs import _sdf
from organode.screen.pairs import best_pairs
from organode.screen.properties import COLUMNS, details, energies
from organode.screen.rank import fronts, ranked, score, unlike
from organode.settings import Filter


def properties(molecules, volts, similarity, electrons):
    mass = np.array([Descriptors.MolWt(one) for one in molecules])
    return energies(mass, volts, electrons).join(details(molecules, similarity))


LOW, HIGH = Limit(0.44, "", "", ""), Limit(4.7, "", "", "")
WINDOW = Window(LOW, HIGH, (LOW, HIGH), LI, "ACN", against_fc(LI, "ACN"))
RULE = Rule(WINDOW, 1.4, 3.0, 2.5, "interval", 0.95, 0.5, 0.5, True)


def table(**columns):
    names = [f"{one}{end}" for one in ("IE", "EA") for end in ("", "_lower", "_upper")]
    content = dict.fromkeys(names, 0.0) | {"IE_in_domain": True, "EA_in_domain": True} | columns
    return pd.DataFrame(content)


def decided(rule=RULE, **columns):
    rows = table(**columns)
    return decide(rows.join(potentials(rows, rule)), rule)


def test_one_electron_potentials():
    found = potentials(table(IE=[5.4], EA_lower=[1.0]), RULE)
    assert found["E_ox"][0] == pytest.approx(4.0)
    assert found["E_red_lower"][0] == pytest.approx(-0.4)


def test_a_positive_electrode_needs_its_upper_bar_inside_and_says_what_is_missing():
    found = decided(
        IE=[4.0, 5.5, 5.9, 6.5, 5.5], IE_lower=[3.9, 5.0, 5.5, 6.4, 5.4],
        IE_upper=[4.1, 6.0, 6.2, 6.6, 5.6], IE_in_domain=[True, True, True, True, False],
    )  # fmt: skip
    assert found["positive_remark"].tolist() == [
        "of no interest: potential too low", "", "error bar reaches out of the window",
        "outside the window", "outside the model's domain",
    ]  # fmt: skip
    assert found["by_interval_positive"].tolist() == [False, True, False, False, True]
    assert found["by_thesis_positive"].tolist() == [False, True, False, False, True]


def test_a_negative_electrode_needs_its_lower_bar_inside():
    found = decided(EA=[2.4, 2.4, 1.0, 4.2], EA_lower=[2.0, 1.7, 0.9, 4.1], EA_upper=[2.6] * 4)
    assert found["negative_remark"].tolist() == [
        "", "error bar reaches out of the window", "outside the window",
        "of no interest: potential too high",
    ]  # fmt: skip


def test_properties_of_a_molecule_known_by_heart():
    quinone = Chem.MolFromSmiles("O=C1C=CC(=O)C=C1")
    found = properties([quinone], np.array([3.0]), np.array([0.9]), electrons=2).iloc[0]
    assert set(COLUMNS) == set(found.index)
    assert found["formula"] == "C6H4O2"
    assert found["capacity_mAh_g"] == pytest.approx(495.9, abs=0.5)
    assert found["energy_Wh_kg"] == pytest.approx(3 * 495.9, abs=2)
    assert found["g_per_mol_e"] == pytest.approx(54.05, abs=0.01)
    assert found["motif"] == "quinone"
    assert "benzoquinone" in found["known"]
    assert found["known_similarity"] == 1
    assert found["novelty"] == pytest.approx(0.1)
    assert "chinone" in found["alerts"]
    assert 1 <= found["SA_score"] <= 10


def test_esol_ranks_solubility_in_water():
    molecules = [Chem.MolFromSmiles(one) for one in ("OCC(O)CO", "c1ccc2cc3ccccc3cc2c1")]
    glycerol, anthracene = properties(molecules, np.zeros(2), np.zeros(2), 1)["logS_water"]
    assert glycerol > 0 > -3 > anthracene


def test_filters_refuse_only_what_is_asked_for():
    molecules = ["Brc1ccccc1", "COc1ccc(OC)cc1"]
    found = properties([*map(Chem.MolFromSmiles, molecules)], np.ones(2), np.ones(2), 1)
    assert Filters((), (), False, None, None).refuse(molecules, found) == ["", ""]
    assert Filters(("Br",), (), False, None, None).refuse(molecules, found) == ["contains Br", ""]
    assert Filters((), ("alkoxybenzene",), False, None, None).refuse(molecules, found)[0]
    assert Filters((), (), False, None, 180).refuse(molecules, found) == [
        "capacity below 180 mAh/g", "",
    ]  # fmt: skip
    assert Filters((), (), False, 1.0, None).refuse(molecules, found)[1] == "SA score above 1"


def test_what_can_only_be_a_mistake_is_refused():
    for wrong in ({"avoid_elements": ("br",)}, {"motifs": ("quinnone",)}):
        with pytest.raises(UsageError, match=next(iter(wrong.values()))[0]):
            Filters.of(Filter(**wrong))


def test_fronts_are_those_that_only_earlier_ones_beat():
    values = np.array([[1, 1], [2, 2], [3, 1], [1, 3], [0, 0], [2, 2]], float)
    assert fronts(values).tolist() == [2, 1, 1, 1, 3, 1]


def test_picks_are_unlike_one_another():
    homologues = ["COc1ccc(OC)cc1", "CCOc1ccc(OCC)cc1", "CCCOc1ccc(OCCC)cc1", "O=C1C=CC(=O)C=C1"]
    molecules = [Chem.MolFromSmiles(one) for one in homologues]
    assert unlike(molecules * 2, 10)[0] == 0
    assert unlike([molecules[1]] * 5 + molecules[3:], 10) == [0, 5]
    assert len(unlike(molecules, 1)) == 1


def candidates(n=6):
    rng = np.random.default_rng(2)
    smiles = ["C" * (2 + size) + "O" for size in range(n)]
    return pd.DataFrame({
        "row": range(n), "id": [f"m{one}" for one in range(n)],
        "smiles": smiles, "structure": smiles,
        "E_ox": 3 + rng.random(n), "E_ox_lower": 2.9, "E_ox_upper": 4.1,
        "E_red": 1 + rng.random(n), "E_red_lower": 0.9, "E_red_upper": 2.2,
        "P_positive": rng.random(n), "energy_Wh_kg": 100 * rng.random(n), "similarity": 0.5,
        "capacity_mAh_g": 100 * rng.random(n), "molar_mass_g_mol": 100 + 10 * rng.random(n),
    })  # fmt: skip


def test_rank_is_by_score():
    found = candidates()
    found["score"] = score(found, "positive")
    found = ranked(found.sort_values("score", ascending=False), "positive", 3)
    assert found["rank"].tolist() == [1, 2, 3, 4, 5, 6]
    assert found["pick"][0] == 1
    assert found["front"].min() == 1


def test_pairs_hold_energy_and_an_error_bar():
    found = best_pairs(candidates(), candidates(), 1, 10)
    first = found.iloc[0]
    assert len(found) == 10
    assert found["positive"].value_counts().max() <= 3
    assert first["voltage_lower_V"] < first["voltage_V"] < first["voltage_upper_V"]
    assert best_pairs(candidates()[:0], candidates(), 1, 10).empty


def test_known_materials_are_sane_and_sourced():
    known = read_known()
    assert len(known) >= 30
    assert known["name"].is_unique
    assert all(Chem.MolFromSmiles(smiles) for smiles in known["smiles"])
    assert known["volts_vs_Li"].between(0, 6).all()
    assert set(known["process"]) == {"oxidation", "reduction"}
    assert known["citation"].str.len().min() > 10


def test_rows_that_are_no_plain_smiles_are_filtered_drawn_and_written(tmp_path):
    inchi = "InChI=1S/C6H4O2/c7-5-1-2-6(8)4-3-5/h1-4H"
    cells = ["[Cl-].[NH3+]CCBr", inchi, "CC(=O)O[Na]"]
    structures = [
        structure_of(cell, note) for cell, note in zip(cells, ("salt", "", "salt"), strict=True)
    ]
    bromine = Filters(("Br",), (), False, None, None)
    assert bromine.refuse(structures, pd.DataFrame()) == ["contains Br", "", ""]
    assert all("<svg" in draw(structure) for structure in structures)
    table = pd.DataFrame({"id": ["a", "b", "c"], "smiles": cells, "structure": structures})
    _sdf(table, set(), tmp_path / "candidates.sdf")
    written = [
        Chem.MolToSmiles(one) for one in Chem.SDMolSupplier(str(tmp_path / "candidates.sdf"))
    ]
    assert written == ["NCCBr", "O=C1C=CC(=O)C=C1", "CC(=O)O"]
