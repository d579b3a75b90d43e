"""Outlines of patterns, and lists of least numbers."""

import numpy as np
import pytest
from rdkit import Chem

from organode.electrochemistry.stability.kinds import Minima, outline
from organode.electrochemistry.stability.rules import cores, rules

SIDES = ("oxidised", "reduced")


@pytest.mark.parametrize("smarts", ["c1ccccc1", "[$(c1ccccc1)]", "C-[$(CO)]"])
def test_patterns_without_environments_and_small_ones_have_no_outline(smarts):
    assert outline(Chem.MolFromSmarts(smarts)) is None


def test_outline_has_atoms_and_bonds_but_not_environments():
    pattern = Chem.MolFromSmarts("[#6;$([#6]Cl)](=O)[#6;!$([#6]F)]=O")
    found = outline(pattern)
    for smiles, is_there, is_outlined in (
        ("O=C(Cl)C=O", True, True),
        ("O=C(Cl)C(F)=O", False, True),
        ("O=CC=O", False, True),
        ("O=CCC=O", False, False),
    ):
        molecule = Chem.MolFromSmiles(smiles)
        assert molecule.HasSubstructMatch(pattern) == is_there
        assert molecule.HasSubstructMatch(found) == is_outlined


def test_molecules_have_the_outlines_of_their_patterns():
    patterns = {rule.pattern.place: rule.pattern for side in SIDES for rule in rules(side)}
    patterns |= {core.pattern.place: core.pattern for side in SIDES for core in cores(side)}
    outlined = [pattern for pattern in patterns.values() if pattern.outline is not None]
    texts = ["O=C(c1ccccc1)C(=O)c1ccccc1", "CCOC(=O)c1ccc(C(=O)OCC)cc1", "COc1ccc(N)cc1"]
    molecules = [Chem.MolFromSmiles(text) for text in texts]
    present = [
        (molecule.HasSubstructMatch(pattern.query), pattern.is_in(molecule))
        for molecule in molecules
        for pattern in outlined
    ]
    assert all(as_searched == by_outline for as_searched, by_outline in present)
    assert any(as_searched for as_searched, _ in present)


def test_lists_are_reached_if_no_number_is_less():
    lists = Minima([{"a": 2}, {"a": 1, "c": 3}, {"b": 1}], ["a", "b", "c"])
    numbers = np.array([[2, 0, 3], [1, 1, 2], [0, 0, 0]])
    assert lists.reached(numbers).tolist() == [
        [True, True, False],
        [False, False, True],
        [False, False, False],
    ]
    assert Minima([], ["a"]).reached(np.zeros((2, 1))).shape == (2, 0)
