"""The choice of labels."""

from dataclasses import replace

import numpy as np
import pytest
from rdkit import Chem

from organode.chem.similarity import packed_bits
from organode.improve.choose import RULES, Offer, decision
from organode.improve.state import Decision

# Two groups of near twins, and a stranger.
SMILES = [
    "CCCCCCCCCCO", "CCCCCCCCCCCO", "CCCCCCCCCCCCO",
    "O=C1C=CC(=O)C=C1", "CC1=CC(=O)C=CC1=O", "CN1CCN(C)C1c1ccccn1",
]  # fmt: skip
RANDOM = np.random.default_rng(0)


def offer(volts, seconds=None, levels=("xtb",), weight=1.0, model=0.3):
    n = len(volts)
    of_role = Decision(
        np.asarray(volts, float), np.full(n, 0.05), np.full(n, model), 1.0, 4.0, np.full(n, weight)
    )
    seconds = np.ones((n, len(levels))) if seconds is None else np.asarray(seconds, float)
    bits = packed_bits([Chem.MolFromSmiles(smiles) for smiles in SMILES[:n]])
    return Offer(levels, seconds, bits, {"p": of_role})


def rows(choice):
    return [row for row, _ in choice]


def test_labels_that_change_no_decision_are_not_bought():
    assert decision(offer([2.5] * 6), 100, RANDOM) == []
    assert rows(decision(offer([2.5, 2.5, 2.5, 1.0, 2.5, 2.5]), 100, RANDOM)) == [3]


def test_molecules_whose_ions_do_not_last_are_not_bought():
    assert decision(offer([1.0] * 6, weight=0.0), 100, RANDOM) == []


def test_batch_is_diverse():
    chosen = rows(decision(offer([1.0] * 6), 3, RANDOM))
    assert len({0, 1, 2} & set(chosen)) == 1
    assert len(chosen) == 3


def test_labels_that_cost_less_are_preferred_and_the_budget_is_kept():
    seconds = [[9.0], [9.0], [1.0], [9.0], [9.0], [9.0]]
    assert rows(decision(offer([1.0] * 6, seconds), 5, RANDOM)) == [2]
    assert decision(offer([1.0] * 6, seconds), 0.5, RANDOM) == []


def test_better_level_is_chosen_only_where_it_is_worth_its_price():
    levels = ("xtb", "b3lyp")
    cheap = decision(offer([1.0], [[1.0, 1.01]], levels), 100, RANDOM)
    dear = decision(offer([1.0], [[1.0, 50.0]], levels), 100, RANDOM)
    labelled = decision(offer([1.05], [[np.inf, 50.0]], levels, model=0.2), 100, RANDOM)
    assert (cheap, dear, labelled) == ([(0, 1)], [(0, 0)], [(0, 1)])


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_buys_each_label_once_for_at_most_the_budget(rule):
    seconds = [[1.0], [2.0], [np.inf], [1.5], [1.0], [3.0]]
    chosen = RULES[rule](offer([1.0, 1.1, 0.9, 1.0, 1.2, 0.95], seconds), 5.0, RANDOM)
    assert chosen
    assert len(set(chosen)) == len(chosen)
    assert sum(seconds[row][place] for row, place in chosen) <= 5.0
    assert 2 not in rows(chosen)


def test_rules_for_comparison_follow_their_score():
    volts = [0.0, 2.5, 1.0, 1.5, 0.5, 1.2]
    assert rows(RULES["greedy"](offer(volts), 2, RANDOM)) == [1, 3]
    several = offer(volts)
    errors = np.array([0.1, 0.2, 0.9, 0.3, 0.8, 0.1])
    several = replace(several, decisions={"p": replace(several.decisions["p"], model=errors)})
    assert rows(RULES["uncertain"](several, 2, RANDOM)) == [2, 4]
    first, second = (RULES["random"](several, 3, np.random.default_rng(s)) for s in (1, 2))
    assert first != second
