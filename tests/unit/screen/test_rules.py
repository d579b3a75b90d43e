"""The rules of a screening, one by one."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem
from rdkit.Chem import Descriptors

from helpers import ROOT
from organode.chem.drawing import draw
from organode.chem.similarity import packed_bits
from organode.electrochemistry import LI, Limit, Window, against_fc
from organode.electrochemistry.cells import (
    BOTH,
    CELLS,
    NEGATIVE,
    POSITIVE,
    N,
    P,
    Task,
    cell_type,
    on_reference,
)
from organode.electrochemistry.stability.chance import Stability
from organode.electrochemistry.stability.couples import read_couples
from organode.errors import UsageError
from organode.pipeline import screen as stage
from organode.screen.criteria.decide import Rule, ThesisRule, computed, decide, electrons, slack
from organode.screen.criteria.filters import Filters
from organode.screen.criteria.lasting import verdicts
from organode.screen.criteria.measured import Known, check_level, coverage
from organode.screen.criteria.properties import COLUMNS, details, energies
from organode.screen.engine.chunk import SURE, Aim, structure_of
from organode.screen.report.page import superscript
from organode.screen.shortlist.outputs import _sdf
from organode.screen.shortlist.pairs import best_pairs
from organode.screen.shortlist.rank import best, diverse_subset, fronts, ranked, score
from organode.settings import Filter, Screen
from organode.utils.predictive import Predictive

QUINONE, DIMETHOXY = map(Chem.MolFromSmiles, ("O=C1C=CC(=O)C=C1", "COc1ccc(OC)cc1"))
KNOWN = Known(
    ["benzoquinone", "dimethoxybenzene"], ["O=C1C=CC(=O)C=C1", "COc1ccc(OC)cc1"],
    np.array([2.8, 4.2]), np.array([2.0, np.nan]), np.array([True, False]),
    packed_bits([QUINONE, DIMETHOXY]),
)  # fmt: skip


def properties(molecules, similarity, electrons):
    mass = np.array([Descriptors.MolWt(one) for one in molecules])
    volts, inside = np.tile([3.0, 2.0], (len(mass), 1)), np.tile([1.0, 0.5], (len(mass), 1))
    found = energies(mass, volts, inside, np.full(len(mass), electrons))
    return found.join(details(molecules, similarity, KNOWN))


LOW, HIGH = Limit(0.44, "", "", ""), Limit(4.7, "", "", "", 0.14)
WINDOW = Window(LOW, HIGH, (LOW, HIGH), LI, "ACN", against_fc(LI, "ACN"))
TASKS = {P: Task(POSITIVE, low=3.0, partner=0.0), N: Task(NEGATIVE, high=2.5, partner=4.0)}
THESIS = ThesisRule(1.4, 0.5, 4.6, TASKS, {P: 0.5, N: 0.5})
RULE = Rule(WINDOW, TASKS, False, False, "interval", 0.95, True, THESIS)


def table(**columns):
    names = [
        f"{one}{end}"
        for one in ("IE", "EA", "E_ox", "E_red", "E_ox2", "E_red2")
        for end in ("", "_lower", "_upper")
    ]
    content = dict.fromkeys(names, 0.0) | SURE
    content |= dict.fromkeys([name for name in names if "2" in name], np.nan)
    return pd.DataFrame({**content, "IE_in_domain": True, "EA_in_domain": True, **columns})


def test_the_computed_scale_takes_the_absolute_potential_off():
    found = computed(table(IE=[5.4], EA=[1.0]), THESIS)
    assert found["E_ox_computed"][0] == pytest.approx(4.0)
    assert found["E_red_computed"][0] == pytest.approx(-0.4)


def test_a_positive_electrode_needs_its_upper_bar_inside_and_says_what_is_missing():
    found = decide(table(
        E_ox=[2.6, 4.1, 4.5, 5.1, 4.1], E_ox_upper=[2.7, 4.6, 4.8, 5.2, 4.2],
        IE_in_domain=[True, True, True, True, False],
    ), RULE)  # fmt: skip
    assert found["p_remark"].tolist() == [
        "of no interest: potential too low", "", "error bar reaches out of the window",
        "outside the window", "outside the model's domain",
    ]  # fmt: skip
    assert found["by_interval_p"].tolist() == [False, True, False, False, True]


def test_a_negative_electrode_needs_its_lower_bar_inside():
    rows = table(E_red=[1.0, 1.0, -0.4, 2.8], E_red_lower=[0.6, 0.3, -0.5, 2.7])
    assert decide(rows, RULE)["n_remark"].tolist() == [
        "", "error bar reaches out of the window", "outside the window",
        "of no interest: potential too high",
    ]  # fmt: skip


def test_the_thesis_rule_looks_at_computed_energies_alone():
    # On the laboratory scale the first alone is a candidate, on the computed one the second alone.
    rows = table(
        IE=[4.0, 5.4, 5.6, 6.2], E_ox=[4.0, 2.0, 2.0, 2.0], E_ox_upper=[4.2, 6.0, 6.0, 6.0],
        EA=[4.0, 2.5, 2.3, 1.8], E_red=[1.0, 3.0, 3.0, 3.0], E_red_lower=[0.8, 0.0, 0.0, 0.0],
    )  # fmt: skip
    thesis = decide(rows, replace(RULE, margin="thesis"))
    assert thesis["p_remark"].tolist() == [
        "of no interest: potential too low", "", "error bar reaches out of the window",
        "outside the window",
    ]  # fmt: skip
    assert thesis["n_remark"].tolist() == [
        "of no interest: potential too high", "", "error bar reaches out of the window",
        "outside the window",
    ]  # fmt: skip
    both = decide(rows, RULE)
    for role in (P, N):
        assert (both[f"{role}_remark"] == "").tolist() == [True, False, False, False]
        assert both[f"by_thesis_{role}"].tolist() == [False, True, False, False]
        assert both[f"by_interval_{role}"].tolist() == [True, False, False, False]
    assert slack(rows, RULE)[P][0] == pytest.approx(0.5)  # below the window's end
    of_thesis = slack(rows, replace(RULE, margin="thesis"))
    assert of_thesis[P][:2].tolist() == pytest.approx([-0.4, 0.1])
    assert of_thesis[N][:2].tolist() == pytest.approx([-0.1, 0.1])


def test_properties_of_a_molecule_known_by_heart():
    found = properties([QUINONE], np.array([0.9]), electrons=2).iloc[0]
    assert set(COLUMNS) == set(found.index)
    assert found["formula"] == "C6H4O2"
    assert found["capacity_mAh_g"] == pytest.approx(495.9, abs=0.5)
    assert found["energy_Wh_kg"] == pytest.approx(2.5 * 495.9, abs=2)  # one at 3 V, one at 2
    assert found["expected_Wh_kg"] == pytest.approx(2.0 * 495.9, abs=2)  # the second half as likely
    assert found["g_per_mol_e"] == pytest.approx(54.05, abs=0.01)
    assert found["motif"] == "quinone"
    assert found["known"] == "benzoquinone"
    assert found["known_similarity"] == 1
    assert found["known_V"] == 2.8
    assert found[["compound", "compound_CAS"]].tolist() == ["p-benzoquinone", "106-51-4"]
    assert found["novelty"] == pytest.approx(0.1)
    assert "chinone" in found["alerts"]
    assert 1 <= found["SA_score"] <= 10


def test_filters_refuse_only_what_is_asked_for():
    molecules = ["Brc1ccccc1", "COc1ccc(OC)cc1"]
    found = properties([*map(Chem.MolFromSmiles, molecules)], np.ones(2), 1)
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
    assert diverse_subset(molecules * 2, 10)[0] == 0
    assert diverse_subset([molecules[1]] * 5 + molecules[3:], 10) == [0, 5]
    assert len(diverse_subset(molecules, 1)) == 1


def candidates(n=6):
    rng = np.random.default_rng(2)
    smiles = ["C" * (2 + size) + "O" for size in range(n)]
    return pd.DataFrame({
        "row": range(n), "id": [f"m{one}" for one in range(n)],
        "smiles": smiles, "structure": smiles,
        "E_ox": 3 + rng.random(n), "E_ox_lower": 2.9, "E_ox_upper": 4.1,
        "E_red": 1 + rng.random(n), "E_red_lower": 0.9, "E_red_upper": 2.2,
        **dict.fromkeys(("E_ox2", "E_ox2_lower", "E_ox2_upper"), np.nan),
        **dict.fromkeys(("E_red2", "E_red2_lower", "E_red2_upper"), np.nan),
        "electrons": 1, "g_per_mol_e": 100.0,
        "P_inside": rng.random(n), "tier": "fine", "similarity": 0.5,
        "energy_Wh_kg": 100 * rng.random(n), "expected_Wh_kg": 90 * rng.random(n), "P_stable": 1.0,
        "capacity_mAh_g": 100 * rng.random(n), "molar_mass_g_mol": 100 + 10 * rng.random(n),
    })  # fmt: skip


def test_rank_is_by_score():
    found = candidates()
    found["score"] = score(found)
    found = ranked(best(found, 6), 3, KNOWN)
    assert found["rank"].tolist() == [1, 2, 3, 4, 5, 6]
    assert found["pick"][0] == 1
    assert found["front"].min() == 1


def test_what_is_likely_to_last_scores_higher():
    found = candidates().assign(expected_Wh_kg=100.0)
    found["P_stable"] = [0.9, 0.1, np.nan, 0.5, 1.0, 0.2]
    assert score(found).tolist() == pytest.approx([90, 10, 100, 50, 100, 20])


def test_what_is_known_to_last_comes_first():
    found = candidates().assign(tier=["caution", "fine", "caution", "fatal", "fine", "caution"])
    found["score"] = np.arange(6.0)
    assert best(found, 6)["row"].tolist() == [4, 1, 5, 2, 0, 3]
    assert best(found, 3)["row"].tolist() == [4, 1, 5]


def test_in_a_metal_cell_both_kinds_are_positive_electrodes():
    settings = Screen(cell="metal", roles={"n": {"low": 2.0}})
    cell = cell_type(settings)
    assert [task.electrode for task in cell.tasks.values()] == [POSITIVE, POSITIVE]
    assert cell.tasks[N] == replace(CELLS["metal"].tasks[N], low=2.0)
    rule = replace(RULE, tasks=cell.tasks, thesis=replace(THESIS, tasks=cell.tasks))
    rows = table(E_red=[1.0, 2.3], E_red_lower=[0.8, 2.1], E_ox=[4.0, 4.0], E_ox_upper=[4.2, 4.2])
    assert decide(rows, rule)["n_remark"].tolist() == ["of no interest: potential too low", ""]
    aim = Aim(rule, Filters.of(Filter()), ("fine",), None)
    found = aim.energies(rows, np.array([100.0, 100.0]), N, np.ones(2))
    assert found["energy_Wh_kg"].tolist() == pytest.approx([268.015, 616.43], abs=0.1)


def test_a_second_electron_counts_where_its_wave_and_error_bar_are_inside():
    rows = table(
        E_red=[2.4] * 6, E_red2=[1.0, 0.6, 0.3, np.nan, 1.6, 2.6],
        E_red2_lower=[0.6, 0.3, 0.1, np.nan, 1.4, 2.5],
        E_ox=[3.1] * 6, E_ox2=[3.6, 4.6, 5.0, np.nan, 4.0, 2.9],
        E_ox2_upper=[3.9, 5.0, 5.2, np.nan, 4.6, 3.0],
    )  # fmt: skip
    found = electrons(rows, RULE)
    assert found[N].tolist() == [2, 1, 1, 1, 2, 1]  # the last is above what is of interest
    assert found[P].tolist() == [2, 1, 1, 1, 2, 1]
    assert set(electrons(rows, replace(RULE, margin="thesis"))[P].tolist()) == {1}
    metal = replace(RULE, tasks={N: Task(POSITIVE, low=1.5, partner=0.0)})
    assert electrons(rows, metal)[N].tolist() == [1, 1, 1, 1, 2, 2]
    aim = Aim(metal, Filters.of(Filter()), ("fine",), None)
    energy = aim.energies(rows, np.full(6, 100.0), N, np.full(6, 2))["energy_Wh_kg"] / 268.015
    assert energy.tolist() == pytest.approx([2.4, 2.4, 2.4, 2.4, 4.0, 5.0], abs=0.01)


def test_in_a_symmetric_cell_electrons_are_those_of_both_sides():
    cell = cell_type(Screen(cell="symmetric"))
    rule = replace(RULE, tasks=cell.tasks, together=True, thesis=replace(THESIS, tasks=cell.tasks))
    rows = table(
        E_ox=[3.5, 3.5], E_ox2=[4.0, 5.0], E_ox2_upper=[4.2, 5.2],
        E_red=[1.5, 1.5], E_red2=[1.0, 1.0], E_red2_lower=[0.8, 0.8],
    )  # fmt: skip
    aim = Aim(rule, Filters.of(Filter()), ("fine",), None)
    assert set(aim.energies(rows, np.full(2, 100.0), P, np.ones(2))["electrons"]) == {1}
    found = aim.energies(rows, np.full(2, 100.0), P, np.full(2, 2))
    assert found["electrons"].tolist() == [2, 1]
    assert (found["energy_Wh_kg"] / 268.015).tolist() == pytest.approx([5.0, 2.0], abs=0.01)


def test_in_a_symmetric_cell_one_molecule_does_both():
    cell = cell_type(Screen(cell="symmetric"))
    assert {task.electrode for task in cell.tasks.values()} == {BOTH}
    rule = replace(RULE, tasks=cell.tasks, together=True, thesis=replace(THESIS, tasks=cell.tasks))
    assert rule.listed == (P,)
    rows = table(
        E_ox=[4.0, 4.0, 5.0], E_ox_upper=[4.2, 4.2, 5.1], E_red=[1.5, -0.2, 1.5],
        E_red_lower=[1.3, -0.4, 1.3],
    )  # fmt: skip
    found = decide(rows, rule)
    assert found["p_remark"].tolist() == [
        "", "as n-type: outside the window", "outside the window",
    ]  # fmt: skip
    assert found["n_remark"].tolist() == [
        "", "outside the window", "as p-type: outside the window",
    ]  # fmt: skip
    assert (slack(rows, rule)[P] == slack(rows, rule)[N]).all()
    aim = Aim(rule, Filters.of(Filter()), ("fine",), None)
    volts = aim.energies(rows, np.array([100.0] * 3), P, np.ones(3))["energy_Wh_kg"] / 268.015
    assert volts.tolist() == pytest.approx([2.5, 4.2, 3.5], abs=0.01)


@pytest.mark.parametrize(
    ("cell", "roles", "said"),
    [
        ("flow", {"n": {"low": 3.0}}, r"roles\.n: .*at least 3 and at most 2\.5 V.*flow battery"),
        ("metal", {"p": {"low": 4.0, "high": 3.0}}, r"roles\.p: .*at least 4 and at most 3 V"),
        ("symmetric", {"n": {"partner": 1.0}}, r"roles\.n\.partner: .*its own partner"),
    ],
)
def test_impossible_roles_are_refused(cell, roles, said):
    with pytest.raises(UsageError, match=said):
        cell_type(Screen(cell=cell, roles=roles))


@pytest.mark.parametrize("cell", CELLS)
def test_every_type_of_cell_leaves_room_in_every_role(cell):
    for task in cell_type(Screen(cell=cell)).tasks.values():
        assert task.low < task.high
        assert np.isnan(task.partner) == (task.electrode == BOTH)
        if task.electrode == POSITIVE:
            assert task.low > task.partner
        if task.electrode == NEGATIVE:
            assert task.high < task.partner


def test_tasks_are_told_against_the_cell_s_reference():
    settings = Screen(reference="Fc/Fc+")
    placed = on_reference(cell_type(settings).tasks, settings)
    assert placed[P].low == pytest.approx(2.8 + against_fc(LI, "ACN").volts)
    assert placed[P].high == np.inf


def test_a_role_that_a_cell_has_no_use_for_has_no_candidates():
    rule = replace(RULE, tasks={P: TASKS[P]})
    rows = table(E_red=[1.0], E_red_lower=[0.6])
    assert decide(rows, rule)["n_remark"].tolist() == ["of no use in this cell"]
    assert slack(rows, rule)[N] < 0


def test_candidates_whose_ion_does_not_last_are_left_out_by_the_rule_s_name():
    aim = Aim(RULE, Filters.of(Filter(avoid_elements=("Br",))), ("fine", "caution"), None)
    smiles = ["Oc1ccccc1", "CN1c2ccccc2Sc2ccccc21", "Brc1ccccc1", "c1ccc(N(c2ccccc2)c2ccccc2)cc1"]
    rows, mass = table(E_ox=[4.0] * 4), np.full(4, 100.0)
    refused, lasting = aim.assess(smiles, rows, mass, P)
    assert refused[0].startswith("oxidised form does not last: ")
    assert refused[1:].tolist() == ["", "contains Br", ""]
    assert lasting["tier"].tolist() == ["fatal", "fine", "fatal", "caution"]
    assert "phenothiazine" in lasting["core"][1]
    strict = replace(aim, tiers=("fine",))
    assert "is in doubt" in strict.assess(smiles, rows, mass, P)[0][3]


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
def test_of_two_forms_the_worse_decides_and_both_cores_are_named(smiles, tier, core, reasons):
    (found,) = verdicts([smiles], (P, N), None).to_dict("records")
    assert found["tier"] == tier
    assert found["core"] == core
    for start, reason in zip(reasons, found["tier_reason"].split("; "), strict=True):
        assert reason.startswith(start)


def test_a_probability_stands_beside_the_verdict_and_the_measured_couple_is_named():
    couples = read_couples(
        ROOT / "data/measured/potentials.csv", ROOT / "data/measured/reversibility.csv"
    )
    stability = Stability.fit(couples)
    smiles = ["C[C@H]1CN1c1ccc(O)cc1", "CN1c2ccccc2Sc2ccccc21"]
    phenol, phenothiazine = verdicts(smiles, (P,), stability).to_dict("records")
    assert phenol["P_stable"] < 0.2 < 0.9 < phenothiazine["P_stable"]
    assert phenothiazine["tier_reason"].startswith("measured: reversible (")
    both = verdicts(smiles, (P, N), stability)
    assert both["P_stable"][1] < phenothiazine["P_stable"]
    assert verdicts(smiles, (P,), None)["P_stable"].isna().all()
    assert verdicts([], (P,), stability).dtypes.equals(verdicts(smiles, (P,), stability).dtypes)


def test_chunks_of_other_code_are_not_gone_on_with(monkeypatch):
    library = SimpleNamespace(digest=lambda: "")
    job = SimpleNamespace(identities=(), aim=None)
    before = stage._identity(library, job, Screen())
    assert stage._identity(library, job, Screen()) == before
    monkeypatch.setattr(stage, "code_digest", lambda *modules, more: f"another {modules}")
    assert stage._identity(library, job, Screen()) != before


def test_pairs_hold_energy_and_an_error_bar():
    found = best_pairs(candidates(), candidates(), 10)
    first = found.iloc[0]
    assert len(found) == 10
    assert found["positive"].value_counts().max() <= 3
    assert first["voltage_lower_V"] < first["voltage_V"] < first["voltage_upper_V"]
    assert best_pairs(candidates()[:0], candidates(), 10).empty


def test_a_pair_is_of_as_many_molecules_as_balance_their_electrons():
    plus = candidates(1).assign(E_ox=4.0, E_ox_lower=3.7, E_ox_upper=4.3)
    minus = candidates(1).assign(
        E_red=2.0, E_red_lower=1.6, E_red_upper=2.4, electrons=2, g_per_mol_e=60.0,
        E_red2=1.4, E_red2_lower=1.0, E_red2_upper=1.8,
    )  # fmt: skip
    found = best_pairs(plus, minus, 10).iloc[0]
    assert found["voltage_V"] == pytest.approx(4.0 - 1.7)
    assert found["energy_Wh_kg"] == pytest.approx(26801.5 * 2.3 / 160)
    assert found["voltage_upper_V"] == pytest.approx(2.3 + 0.5)
    assert found["voltage_lower_V"] == pytest.approx(2.3 - 0.5)


class Scale:
    """A laboratory scale, as far as a screening asks it."""

    target, splitting = "EA", None

    def __init__(self, n, inside):
        self.measured = np.zeros(n)
        self.rows = pd.DataFrame({
            "name": ["", *["x"] * (n - 1)], "smiles": "CCO", "solvent": "ACN",
            "reversible": ["quasi", *["no"] * (n - 1)],
        })  # fmt: skip
        self.bits = np.zeros((n, 32), np.uint64)
        self.predictive = Predictive([np.zeros(n)])
        self._inside = inside

    def table(self, level):
        lower = np.where(np.arange(len(self.measured)) < self._inside, -level, 0.1)
        return self.rows.assign(
            measured=0.0,
            left_out=0.2,
            lower=lower,
            upper=1.0,
            family=["a", *["b"] * (len(lower) - 1)],
        )


def model(target, n, inside=0):
    return SimpleNamespace(target=target, scale=Scale(n, inside))


def test_the_share_inside_is_that_of_families_left_out():
    found = coverage([model("IE", 40, 38), model("EA", 50, 45)], 0.9)
    assert found["E_ox"] == {
        "n": 40, "families": 2, "inside": 38, "covered": 0.95, "mae": 0.2, "level": 0.9,
    }  # fmt: skip
    assert found["E_red"]["covered"] == 0.9


def test_a_level_that_nothing_can_vouch_for_is_refused():
    models = [model("IE", 39), model("EA", 200)]
    check_level(models, 0.95)
    with pytest.raises(
        UsageError, match=r"39 measured E_ox can vouch for error bars of at most 0\.95"
    ):
        check_level(models, 0.96)


def test_what_was_measured_is_called_by_its_name_or_its_formula():
    scale = Scale(2, 0)
    known = Known.of(scale, zero=-3.3)
    assert known.electrons(WINDOW).tolist() == [1, 1]
    scale.splitting = SimpleNamespace(
        measured=np.array([0.6, 0.6]),
        rows=pd.DataFrame({"smiles": ["CCO", "CCO"], "solvent": "ACN", "target": ["EA", "IE"]}),
    )
    known = Known.of(scale, zero=-3.3)
    assert known.second.tolist() == pytest.approx([2.7, 2.7])
    assert known.electrons(WINDOW).tolist() == [2, 2]
    assert known.names == ["CCO", "x"]
    assert known.volts.tolist() == [3.3, 3.3]
    assert known.returned.tolist() == [True, False]


@pytest.mark.parametrize(("name", "printed"), [
    ("Li/Li+", "Li/Li⁺"), ("Mg/Mg2+", "Mg/Mg²⁺"), ("SCE", "SCE"),
    ("Ag/Ag+ (0.01 M)", "Ag/Ag⁺ (0.01 M)"),
])  # fmt: skip
def test_charges_are_printed_as_such(name, printed):
    assert superscript(name) == printed


def test_rows_that_are_no_plain_smiles_are_filtered_drawn_and_written(tmp_path):
    inchi = "InChI=1S/C6H4O2/c7-5-1-2-6(8)4-3-5/h1-4H"
    cells = ["[Cl-].[NH3+]CCBr", inchi, "CC(=O)O[Na]", "*CCO"]
    notes = ("salt", "", "salt", "repeat unit")
    structures = [structure_of(*each, "methyl") for each in zip(cells, notes, strict=True)]
    bromine = Filters(("Br",), (), False, None, None)
    assert bromine.refuse(structures, pd.DataFrame()) == ["contains Br", "", "", ""]
    assert all("<svg" in draw(structure) for structure in structures)
    table = pd.DataFrame({"id": list("abcd"), "smiles": cells, "structure": structures})
    _sdf(table, set(), tmp_path / "candidates.sdf")
    written = [
        Chem.MolToSmiles(one) for one in Chem.SDMolSupplier(str(tmp_path / "candidates.sdf"))
    ]
    assert written == ["NCCBr", "O=C1C=CC(=O)C=C1", "CC(=O)O", "CCCO"]
