"""SMARTS without the environments that a molecule lacks."""

import pytest
from rdkit import Chem

from organode.electrochemistry.stability.rules import cores, rules
from organode.electrochemistry.stability.simplify import (
    environments,
    lone_environment,
    simplified,
)
from organode.electrochemistry.stability.verdict import Examined

SMARTS = "[N;H1,H2;!$(N-[#6]=[O,S]);!$(N-[$(c1ccc(F)cc1),$([#7])])]-[$(c),$(C=[!#6])]"


@pytest.fixture(scope="module")
def patterns():
    every = [*rules("oxidised"), *rules("reduced"), *cores("oxidised"), *cores("reduced")]
    unless = [each for rule in every if hasattr(rule, "unless") for each in rule.unless]
    by_place = {each.place: each for each in [*(item.pattern for item in every), *unless]}
    return [*by_place.values()]


def test_environments_within_environments_are_found():
    found = ["N-[#6]=[O,S]", "N-[$(c1ccc(F)cc1),$([#7])]", "c1ccc(F)cc1", "[#7]", "c", "C=[!#6]"]
    assert environments(SMARTS) == found
    assert environments("[#6]1(=O)~[#6]~[#6]1") == []


@pytest.mark.parametrize(
    ("absent", "expected"),
    [
        (["N-[#6]=[O,S]"], "[N;H1,H2;!$(N-[$(c1ccc(F)cc1),$([#7])])]-[c,$(C=[!#6])]"),
        (["c1ccc(F)cc1", "C=[!#6]"], "[N;H1,H2;!$(N-[#6]=[O,S]);!$(N-[$([#7])])]-[c]"),
        (
            ["N-[#6]=[O,S]", "N-[$(c1ccc(F)cc1),$([#7])]"],
            "[N;H1,H2]-[c,$(C=[!#6])]",
        ),
    ],
)
def test_absent_environments_are_left_out(absent, expected):
    assert simplified(SMARTS, absent) == expected


def test_atom_without_further_conditions_matches_any_or_none():
    assert simplified("[!$(CO)]-[$(CO),$(CN)]", ["CO", "CN"]) == "[*]-[$(CO),$(CN)]"


def test_only_an_environment_alone_is_taken_for_the_whole():
    assert lone_environment("[$([OX2H]-[CX3]=O)]") == "[OX2H]-[CX3]=O"
    for smarts in ("[$(CO)]-[$(CN)]", "[$(CO),$(CN)]", "[C;$(CO)]", "CO"):
        assert lone_environment(smarts) == smarts


@pytest.mark.parametrize(
    "smiles",
    [
        "Nc1ccccc1", "CC(=O)Nc1ccccc1", "CN(C)c1ccc(N)cc1", "OC(=O)c1ccc(C(=O)O)cc1", "OC=CC",
        "Oc1ccccc1C=O", "CC1(C)CCCC(C)(C)N1[O]", "N#Cc1ccc(C#N)cc1", "COc1cc(C)c(OC)cc1C",
        "O=C1c2ccccc2C(=O)c2ccccc21", "c1ccc2[nH]ccc2c1", "CC(N)=C(C)C(=O)OC", "O=S(=O)(O)c1ccccc1",
    ],
)  # fmt: skip
def test_simplified_patterns_match_the_same_atoms(smiles, patterns):
    molecule = Chem.MolFromSmiles(smiles)
    may_have = Examined.of(molecule).may_have
    fewer = 0
    for pattern in patterns:
        simpler = pattern.simplified(may_have)
        fewer += simpler.smarts != pattern.smarts
        for uniquify in (True, False):
            expected = molecule.GetSubstructMatches(pattern.query, uniquify=uniquify)
            assert molecule.GetSubstructMatches(simpler.query, uniquify=uniquify) == expected
        assert simpler.is_in(molecule) == bool(expected) == pattern.is_in(molecule)
    assert fewer
