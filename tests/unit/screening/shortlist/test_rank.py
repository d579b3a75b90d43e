"""Ranking, Pareto fronts and the diverse subset."""

import numpy as np
import pytest
from rdkit import Chem

from organode.screening.shortlist.rank import diverse_subset, fronts, rank, score, top
from screening import MEASURED, candidates


def test_rows_of_a_front_are_dominated_by_earlier_fronts_only():
    values = np.array([[1, 1], [2, 2], [3, 1], [1, 3], [0, 0], [2, 2]], float)
    assert fronts(values).tolist() == [2, 1, 1, 1, 3, 1]


def test_picks_are_dissimilar():
    homologues = ["COc1ccc(OC)cc1", "CCOc1ccc(OCC)cc1", "CCCOc1ccc(OCCC)cc1", "O=C1C=CC(=O)C=C1"]
    molecules = [*map(Chem.MolFromSmiles, homologues)]
    repeated = [molecules[1]] * 5 + molecules[3:]
    assert diverse_subset(molecules * 2, [""] * 8, 10)[0] == 0
    assert diverse_subset(repeated, [""] * len(repeated), 10) == [0, 5]
    assert len(diverse_subset(molecules, [""] * 4, 1)) == 1


def test_one_core_takes_a_fifth_of_the_picks_unless_there_are_no_others():
    molecules = [*map(Chem.MolFromSmiles, ["CCO", "c1ccncc1", "CSC", "C1CCCCC1", "NC=O", "CC#N"])]
    cores = ["quinone", "quinone", "quinone", "", "", "azo"]
    assert diverse_subset(molecules, cores, 4) == [0, 3, 4, 5]
    assert diverse_subset(molecules, cores, 5) == [0, 1, 3, 4, 5]
    assert diverse_subset(molecules, ["quinone"] * 6, 5) == [0, 1, 2, 3, 4]


def test_rank_follows_the_score():
    table = candidates()
    table["score"] = score(table)
    ranked = rank(top(table, 6), 3, MEASURED)
    assert ranked["score"].is_monotonic_decreasing
    assert ranked["rank"].tolist() == [1, 2, 3, 4, 5, 6]
    assert ranked["pick"][0] == 1
    assert ranked["front"].min() == 1


def test_score_is_weighted_by_stability():
    table = candidates().assign(expected_Wh_kg=100.0)
    table["P_stable"] = [0.9, 0.1, np.nan, 0.5, 1.0, 0.2]
    assert score(table).tolist() == pytest.approx([90, 10, 100, 50, 100, 20])


def test_better_tier_comes_first():
    table = candidates().assign(tier=["caution", "fine", "caution", "fatal", "fine", "caution"])
    table["score"] = np.arange(6.0)
    assert top(table, 6)["row"].tolist() == [4, 1, 5, 2, 0, 3]
    assert top(table, 3)["row"].tolist() == [4, 1, 5]
