"""The tables of rules and cores."""

import pytest
from rdkit import Chem

from organode.electrochemistry.stability import (
    CAUTION,
    FATAL,
    OXIDISED,
    REDUCED,
    verdict,
)
from organode.electrochemistry.stability.rules import (
    BOTH,
    OFF,
    SEPARATOR,
    read,
    split,
)

RULES, CORES = read("rules.csv"), read("cores.csv")
SIDES = {OXIDISED: (OXIDISED,), REDUCED: (REDUCED,), BOTH: (OXIDISED, REDUCED)}
ABOVE = {FATAL: 2, CAUTION: 1, OFF: 0}


def parsed(smiles):
    molecule = Chem.MolFromSmiles(smiles)
    assert molecule is not None, smiles
    return molecule


def tier_of(name, smiles, side):
    """Return the tier that a rule has for a molecule."""
    return next((hit.tier for hit in verdict(parsed(smiles), side).hits if hit.name == name), OFF)


def test_names_are_unique_and_every_pattern_is_valid():
    for table in (RULES, CORES):
        names = [row["name"] for row in table]
        assert len(set(names)) == len(names)
        for row in table:
            assert Chem.MolFromSmarts(row["pattern"]) is not None, row["name"]
            assert row["citation"]
    for row in RULES:
        for pattern in split(row["unless"], SEPARATOR):
            assert Chem.MolFromSmarts(pattern) is not None, (row["name"], pattern)


def test_values_in_tables_are_valid():
    for row in RULES:
        assert row["side"] in SIDES
        assert row["tier"] in {FATAL, CAUTION}
        # A core never makes it worse, and a mild one helps at least as much as an extreme one; but
        # a dicarboxylic acid is spared only where it takes the electron itself.
        tier, mild, harsh = (ABOVE[row[name]] for name in ("tier", "beside_mild", "beside_harsh"))
        assert harsh <= tier
        assert mild <= harsh or row["name"] == "conjugated dicarboxylic acid"
        assert row["reason"].endswith(".")
        assert row["reason"].count(". ") == 0
        assert row["catches"]
        assert row["spares"]
    for row in CORES:
        assert row["side"] in SIDES
        assert row["mild"] in {"yes", "no"}
        assert row["examples"]
        assert row["counterexamples"]


@pytest.mark.parametrize("row", RULES, ids=lambda row: row["name"])
def test_rule_applies_to_its_examples_only(row):
    for side in SIDES[row["side"]]:
        for smiles in split(row["catches"]):
            assert tier_of(row["name"], smiles, side) == row["tier"], smiles
        for smiles in split(row["spares"]):
            assert ABOVE[tier_of(row["name"], smiles, side)] < ABOVE[row["tier"]], smiles


@pytest.mark.parametrize("row", CORES, ids=lambda row: row["name"])
def test_core_matches_its_examples_only(row):
    pattern = Chem.MolFromSmarts(row["pattern"])
    for smiles in split(row["examples"]):
        assert parsed(smiles).HasSubstructMatch(pattern), smiles
    for smiles in split(row["counterexamples"]):
        assert not parsed(smiles).HasSubstructMatch(pattern), smiles
