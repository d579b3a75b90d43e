"""Differences, their error bars, and the fragments that make them, without a trained model."""

import doctest
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from organode.chem.features import Molecules
from organode.cli.comparison_text import as_text, comparison_json, write_comparison
from organode.compare import compare
from organode.compare import shapley as shapley_module
from organode.compare import substituents as substituents_module
from organode.compare.differences import Differences, Scores
from organode.compare.reference import anchor, find_reference
from organode.compare.shapley import MOST_EXACT, shapley, subsets
from organode.compare.substituents import common_core
from organode.electrochemistry import against_fc
from organode.electrochemistry.scale.laboratory import ROWS
from organode.electrochemistry.scale.potential import Potential
from organode.errors import UsageError
from organode.settings import Screen
from organode.utils.predictive import Predictive
from organode.utils.tables import read_csv

AQ = "O=C1c2ccccc2C(=O)c2ccccc21"
BQ = "O=C1C=CC(=O)C=C1"
CHLORANIL = "O=C1C(Cl)=C(Cl)C(=O)C(Cl)=C1Cl"
METHOXY_AQ = "COc1cccc2c1C(=O)c1ccccc1C2=O"
MEASURED = [  # name, SMILES, solvent, reversible, V vs Fc/Fc+
    ("9,10-anthraquinone (AQ)", AQ, "ACN", "no", -1.50),
    ("9,10-anthraquinone (AQ)", "O=C1c2ccccc2C(=O)c2ccccc12", "ACN", "yes", -1.30),
    ("anthraquinone", AQ, "ACN", "yes", -1.32),
    ("1,4-benzoquinone (BQ)", BQ, "DMF", "yes", -0.90),
    ("methyl viologen (MV)", "C[n+]1ccc(-c2cc[n+](C)cc2)cc1", "ACN", "quasi", -0.80),
    ("twice (TW)", "CCO", "ACN", "no", 0.0),
    ("again (TW)", "CCCO", "ACN", "no", 0.0),
]


@dataclass(frozen=True)
class MeasuredScale:
    """The part of a laboratory scale that a comparison asks for."""

    rows: pd.DataFrame
    measured: np.ndarray
    left_out: np.ndarray
    spread: np.ndarray
    bits: np.ndarray

    @classmethod
    def of(cls, measured):
        rows = pd.DataFrame("", index=range(len(measured)), columns=list(ROWS), dtype="str")
        names = ("name", "smiles", "solvent", "reversible")
        for name, cells in zip(names, list(zip(*measured, strict=True))[:4], strict=True):
            rows[name] = pd.array(cells, "str")
        rows["doi"] = "10.1/x"
        volts = np.array([row[4] for row in measured])
        molecules = [Chem.MolFromSmiles(smiles) for smiles in rows["smiles"]]
        spread = np.full(len(volts), 0.1)
        return cls(rows, volts, volts + 0.05, spread, Molecules(molecules).bits)

    def effect(self, solvent):
        return (0.0, 0.0) if solvent == "ACN" else (0.2, 0.03)


@dataclass(frozen=True)
class Made:
    """An answer: potentials by a rule."""

    model: object
    potential: Potential

    def measured(self, electrode, solvent):
        zero = self.model.zero(electrode, solvent)
        return self.potential.moved(*zero), self.potential.moved(*zero)


@dataclass(frozen=True)
class RuleModel:
    """A model whose potential depends on heteroatoms, not additively."""

    target: str
    scale: MeasuredScale

    def answer(self, molecules):
        counts = [
            [sum(atom.GetSymbol() == each for atom in molecule.GetAtoms()) for each in ("Cl", "O")]
            for molecule in molecules.molecules
        ]
        volts = np.array([0.1 * chlorine**1.5 - 0.2 * oxygen for chlorine, oxygen in counts])
        scores = Predictive([np.linspace(-2, 2, 101)])
        n = len(volts)
        return Made(self, Potential(volts, np.full(n, 0.1), scores, [""] * n))

    def zero(self, electrode, solvent):
        shift, spread = self.scale.effect(solvent)
        return shift - against_fc(electrode, solvent).volts, spread


@pytest.fixture(scope="module")
def models():
    return [RuleModel("EA", MeasuredScale.of(MEASURED))]


def groups(one, other):
    found = common_core(Chem.MolFromSmiles(one), Chem.MolFromSmiles(other))
    return [[group.smiles for group in side.groups] for side in (found.one, found.other)]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (METHOXY_AQ, AQ, [["*OC"], []]),
        (CHLORANIL, BQ, [["*Cl"] * 4, []]),
        ("O=C1c2ccccc2C(=O)c2cc3ccccc3cc21", AQ, [[], []]),  # a fused ring belongs to the core
        ("CC(=O)OC1CC(C)(C)N([O])C(C)(C)C1", "OC1CC(C)(C)N([O])C(C)(C)C1", [["*C(C)=O"], []]),
        ("CC1(C)CCCC(C)(C)N1[O]", "CC1(C)CCCC(C)(C)N1C", [[], ["*C"]]),  # a radical's site stays
        ("Cc1ccccc1", "Clc1ccccc1", [["*C"], ["*Cl"]]),
    ],
)
def test_molecules_are_split_into_common_core_and_groups(one, other, expected):
    assert groups(one, other) == expected


def test_groups_are_replaced_by_hydrogen_on_nitrogen_and_in_cations_too():
    for one, other, bare in (
        ("Cn1cccc1", "c1cc[nH]c1", "c1cc[nH]c1"),
        ("C[n+]1ccc(-c2cc[n+](Cc3ccccc3)cc2)cc1", "C[n+]1ccc(-c2cc[n+](C)cc2)cc1",
         "C[n+]1ccc(-c2cc[n+](C)cc2)cc1"),
        (CHLORANIL, BQ, BQ),
    ):  # fmt: skip
        side = common_core(Chem.MolFromSmiles(one), Chem.MolFromSmiles(other)).one
        assert side.without(range(len(side.groups))) == Chem.CanonSmiles(bare)
        assert side.without([]) == Chem.CanonSmiles(one)


def test_molecules_with_little_in_common_have_no_core():
    assert common_core(Chem.MolFromSmiles("CC1(C)CCCC(C)(C)N1[O]"), Chem.MolFromSmiles(AQ)) is None


@pytest.mark.parametrize("n", [1, 3, MOST_EXACT, MOST_EXACT + 3])
def test_shapley_values_add_up_and_are_repeatable(n):
    random = np.random.default_rng(n)
    worth = {some: random.normal(size=2) for some in subsets(n)}
    shares = shapley(n, worth)
    whole = worth[frozenset(range(n))] - worth[frozenset()]
    np.testing.assert_allclose(shares.sum(axis=0), whole, atol=1e-12)
    np.testing.assert_array_equal(shares, shapley(n, worth))


@pytest.mark.parametrize("n", [4, MOST_EXACT + 2])
def test_shapley_values_of_independent_members_are_what_each_is_worth(n):
    own = np.arange(1.0, n + 1)
    worth = {some: np.array([own[list(some)].sum()]) for some in subsets(n)}
    np.testing.assert_allclose(shapley(n, worth)[:, 0], own)


def test_members_that_do_the_same_share_alike():
    worth = {some: np.array([float(len(some) ** 2)]) for some in subsets(4)}
    np.testing.assert_allclose(shapley(4, worth), 4.0)


def test_no_group_has_no_share():
    assert shapley(0, {frozenset(): np.zeros(2)}).shape == (0, 2)


def test_each_molecule_counts_once_however_many_its_errors():
    scores = Scores.of(np.array([9.0] * 90 + [*range(9)]), np.array([0] * 90 + [*range(1, 10)]))
    assert scores.quantile(0.5) == 5.0  # of 0 to 8 and 9, and a new one
    assert scores.quantile(0.9) == 9.0
    assert scores.quantile(0.95) == np.inf
    assert Scores.of(np.empty(0), np.empty(0, "U1")).quantile(0.5) == np.inf


def families_scale(shared, own, n_families=40, each=4):
    """Return measurements whose errors a family shares, and each has one of its own."""
    random = np.random.default_rng(3)
    n = n_families * each
    bits = np.zeros((n, 2048), np.uint8)
    for row, of in enumerate(bits):
        of[np.random.default_rng(row // each).choice(1024, 12, replace=False)] = 1
        of[1024 + random.choice(1024, 2, replace=False)] = 1  # alike in a family: 12 of 16
    error = np.repeat(random.normal(0, shared, n_families), each) + random.normal(0, own, n)
    rows = pd.DataFrame({"smiles": [f"molecule {row}" for row in range(n)], "solvent": "ACN"})
    packed = np.packbits(bits, axis=1).view(np.uint64)
    return MeasuredScale(rows, error, np.zeros(n), np.full(n, 0.1), packed)


def test_error_bars_of_alike_molecules_are_narrower_where_errors_are_shared():
    bars = Differences.of(families_scale(shared=0.2, own=0.02))
    spread = np.array([0.1, 0.1])
    unlike, alike = bars.half_width(spread, spread, np.array([0.1, 0.75]), 0.9)
    assert alike == pytest.approx(1.64 * 0.02 * np.sqrt(2), rel=0.2)
    assert unlike == pytest.approx(1.64 * 0.2 * np.sqrt(2), rel=0.2)
    few = Differences.of(families_scale(0.2, 0.02), np.arange(160) < 8)
    assert np.isinf(few.half_width(spread, spread, np.array([0.1, 0.75]), 0.99)).all()


def test_errors_count_as_independent_where_pairs_are_too_few():
    few, single = Scores.of(np.array([0.1]), np.array(["a"])), np.linspace(0, 2, 200)
    bars = Differences((few,) * 4, Scores.of(single, np.arange(200)))
    half = bars.half_width(np.array([0.3]), np.array([0.4]), np.array([0.9]), 0.9)
    assert half[0] == pytest.approx(0.5 * 1.8, abs=0.02)


@pytest.mark.parametrize(
    "text", ["AQ", "aq", "9,10-Anthraquinone", " 9,10-anthraquinone  (AQ) ", AQ, "anthraquinone"]
)
def test_reference_is_found_by_name_abbreviation_and_structure(text, models):
    found = find_reference(text, models)
    assert Chem.MolToSmiles(found.molecule) == AQ
    assert "anthraquinone" in found.name


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("TW", "several measured molecules: twice (TW); again (TW)"),
        ("junk", "no name in the table of measured potentials, and as a structure: not a valid"),
        ("Li/Li+", "for the electrode: --electrode Li/Li+"),
    ],
)
def test_reference_that_cannot_be_found_is_refused(text, says, models):
    with pytest.raises(UsageError) as raised:
        find_reference(text, models)
    assert says in str(raised.value)


def test_anchor_is_the_best_measurement_in_the_solvent_or_brought_into_it(models):
    aq, bq = (Chem.MolFromSmiles(text) for text in (AQ, BQ))
    found = anchor(models[0], aq, "Fc/Fc+", "ACN")
    assert found.volts == pytest.approx(-1.31)  # median of the reversible ones
    assert (found.spread, found.reversible) == (0.0, "yes")
    assert found.source == "median of 2, reversible, in ACN; doi 10.1/x"
    moved = anchor(models[0], bq, "Fc/Fc+", "ACN")
    assert moved.volts == pytest.approx(-1.1)
    assert moved.spread == pytest.approx(0.03)
    assert anchor(models[0], bq, "Fc/Fc+", "DMF").volts == pytest.approx(-0.9)
    assert anchor(models[0], Chem.MolFromSmiles(CHLORANIL), "Fc/Fc+", "ACN") is None


def test_anchor_tells_a_dication_from_its_radical(models):
    dication = Chem.MolFromSmiles("C[n+]1ccc(-c2cc[n+](C)cc2)cc1")
    radical = Chem.MolFromSmiles("CN1C=CC(=C2C=C[N+](C)C=C2)C=C1")
    assert anchor(models[0], dication, "Fc/Fc+", "ACN").reversible == "quasi"
    assert anchor(models[0], radical, "Fc/Fc+", "ACN") is None


@pytest.fixture(scope="module")
def table(models):
    return compare(models, [CHLORANIL, "junk", BQ, "AQ"], "BQ", level=0.5, electrode="Fc/Fc+")


def test_contributions_add_up_to_the_difference(table):
    for _, row in table[table["status"] == "ok"].iterrows():
        total = sum(part["volts"] for part in row["E_red_contributions"])
        assert total == pytest.approx(row["E_red_difference"], abs=1e-12)
    chloranil = table["E_red_contributions"][0]
    assert [part["fragment"] for part in chloranil] == ["*Cl"] * 4 + [BQ]
    assert [part["of"] for part in chloranil] == ["molecule"] * 4 + ["core"]
    shares = [part["volts"] for part in chloranil]
    assert shares[:4] == pytest.approx([0.1 * 4**1.5 / 4] * 4)
    assert shares[4] == 0
    drawn = Chem.MolFromSmiles(table["structure"][0])
    for part in chloranil[:4]:
        around = drawn.GetAtomWithIdx(part["atom"]).GetNeighbors()
        assert "Cl" in [atom.GetSymbol() for atom in around]


def test_groups_of_the_reference_count_against_it(models):
    row = compare(models, [BQ], CHLORANIL, electrode="Fc/Fc+").iloc[0]
    assert {part["of"] for part in row["E_red_contributions"]} == {"reference", "core"}
    assert row["E_red_difference"] == pytest.approx(-0.8)
    assert row["E_red_contributions"][0]["volts"] == pytest.approx(-0.2)
    assert np.isnan(row["E_red_anchored"])
    assert row["E_red_remark"].startswith("the reference was not measured")


def test_anchored_potential_is_the_measured_one_and_the_difference(table):
    good = table[table["status"] == "ok"]
    np.testing.assert_allclose(good["E_red_measured"], -1.1)
    np.testing.assert_allclose(good["E_red_anchored"], -1.1 + good["E_red_difference"])
    half = (good["E_red_difference_upper"] - good["E_red_difference_lower"]) / 2
    wider = (good["E_red_anchored_upper"] - good["E_red_anchored_lower"]) / 2
    assert wider[0] > half[0] > 0  # measured in another solvent
    assert table["E_red_difference"][2] == 0


def test_what_cannot_be_read_keeps_its_row(table):
    assert table["status"].tolist() == ["ok", "not a valid SMILES", "ok", "ok"]
    assert table["row"].tolist() == [0, 1, 2, 3]
    assert table["smiles"].tolist() == [CHLORANIL, "junk", BQ, "AQ"]
    assert table["note"][3] == "9,10-anthraquinone (AQ) in the table of measured potentials"
    assert np.isnan(table["E_red"][1])
    assert table["structure"][1] == table["E_red_remark"][1] == ""


def test_nothing_readable_is_a_table_too(models, tmp_path):
    table = compare(models, ["junk"], "AQ")
    assert table["E_red"].isna().all()
    assert "junk: not a valid SMILES" in as_text(table, ["E_red"], 0.9, Screen())
    assert '"E_red_contributions": null' in comparison_json(table)
    write_comparison(table, tmp_path / "out.parquet")


def test_text_merges_equal_fragments(table):
    lines = as_text(table, ["E_red"], 0.9, Screen()).splitlines()
    assert lines[0] == f"reference: 1,4-benzoquinone (BQ) {BQ}"
    assert "measured -1.10 V (reversible, in DMF; doi 10.1/x)" in lines[1]
    assert f"  {CHLORANIL}: +0.80 = +0.80 (4 *Cl) +0.00 (core)" in lines
    assert not any("-0.00" in line for line in lines)


def test_files_hold_contributions_as_json(table, tmp_path):
    write_comparison(table, tmp_path / "out.csv")
    write_comparison(table, tmp_path / "out.parquet")
    read = read_csv(tmp_path / "out.csv"), pd.read_parquet(tmp_path / "out.parquet")
    for each in read:
        assert list(each.columns) == list(table.columns)
        assert '"fragment": "*Cl"' in each["E_red_contributions"][0]
    assert read[1]["E_red_contributions"][1] == ""


@pytest.mark.parametrize("module", [shapley_module, substituents_module])
def test_examples_in_docstrings_run(module):
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0
