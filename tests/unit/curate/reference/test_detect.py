"""Synthetic shifts in real molecules: found where they are, and nowhere else."""

from dataclasses import replace

import numpy as np
import pytest
from rdkit import Chem

from organode.curate.crossfit import N_FOLDS, CrossFit, environment_counts
from organode.curate.reference import Table, declared, detect, to_absolute, with_rows
from organode.curate.xtb_reference import xtb_reference

N = 1_600


@pytest.fixture(scope="module")
def table(embedded, root):
    rows = embedded.head(N)
    molecules = [Chem.MolFromSmiles(one) for one in rows["smiles"]]
    scale = xtb_reference(molecules, root / "data/embedded/molecules.csv")
    model = CrossFit(
        environment_counts(molecules), np.arange(N) % N_FOLDS, np.ones(N, bool), scale[:, None]
    )
    energies = rows[["IE", "EA"]].to_numpy(float)
    return Table(energies, scale, np.ones(N, bool), np.full((N, 2), np.nan), model)


def blocks(share: float, seed: int) -> np.ndarray:
    """Random blocks of 20 to 200 rows that hold about `share` of all rows."""
    rng = np.random.default_rng(seed)
    low = np.zeros(N, bool)
    while low.mean() < share:
        start = rng.integers(N)
        low[start : start + rng.integers(20, 200)] = True
    return low


@pytest.mark.parametrize("shift", [0.6, 1.0, 1.24, 1.4, 2.0])
@pytest.mark.parametrize("share", [0.05, 0.3, 0.6])
def test_a_shift_in_random_blocks_is_found_and_measured(table, shift, share):
    low = blocks(share, seed=round(100 * share))
    found = detect(replace(table, energies=table.energies - shift * low[:, None]))
    assert (found.li == low).mean() >= 0.98
    assert found.shift == pytest.approx(shift, abs=0.05)
    assert found.is_mixed
    known = {1.24: 1.24, 1.4: 1.40}
    assert found.applied == pytest.approx(known.get(shift, found.shift))


def test_the_order_of_the_rows_helps_but_is_not_needed(table):
    low = np.random.default_rng(3).random(N) < 0.4
    found = detect(replace(table, energies=table.energies - 1.4 * low[:, None]))
    assert (found.li == low).mean() >= 0.98


def test_where_no_shift_is_nothing_is_changed(table):
    found = detect(table)
    assert not found.is_mixed
    assert not found.li.any()
    assert found.applied == 0
    assert "nothing was changed" in found.verdict
    assert found.scale == "absolute"


def test_what_was_made_absolute_is_not_moved_again(table):
    low = blocks(0.4, seed=1)
    energies = table.energies - 1.4 * low[:, None]
    first = detect(replace(table, energies=energies))
    again = detect(replace(table, energies=to_absolute(energies, first)))
    assert not again.li.any()


def test_a_shift_of_one_energy_alone_is_no_other_reference(table):
    energies = table.energies.copy()
    energies[blocks(0.4, seed=2), 1] -= 1.4
    found = detect(replace(table, energies=energies))
    assert not found.is_mixed
    assert not found.li.any()


def test_opposite_shifts_as_by_a_solvent_are_no_other_reference(table):
    energies = table.energies.copy()
    energies[blocks(0.4, seed=4)] += [-1.5, 1.5]
    found = detect(replace(table, energies=energies))
    assert not found.is_mixed


def test_a_table_that_is_wholly_referred_to_lithium_is_recognised(table):
    found = detect(replace(table, energies=table.energies - 1.4))
    assert not found.is_mixed
    assert found.li.all()
    assert found.applied == 1.40


def test_a_level_that_is_neither_is_said_to_be_unknown(table):
    assert detect(replace(table, energies=table.energies + 3)).scale == "unknown"


def test_a_table_with_one_kind_of_label_is_left_alone(table):
    energies = table.energies.copy()
    energies[:, 1] = np.nan
    found = detect(replace(table, energies=energies, plain=np.zeros(N, bool)))
    assert not found.li.any()
    assert np.isnan(found.confidence).all()
    assert found.scale == "unknown"


def test_confidence_is_low_where_the_energies_contradict_the_block(table):
    low = blocks(0.5, seed=5)
    energies = table.energies - 1.4 * low[:, None]
    inside = np.flatnonzero(low)[len(np.flatnonzero(low)) // 2]
    energies[inside] += 0.7  # half-way between the two
    found = detect(replace(table, energies=energies))
    assert found.confidence[inside] < np.median(found.confidence)


def test_anchors_measure_the_shift_where_there_are_enough(table):
    low = blocks(0.5, seed=6)
    energies = table.energies - 1.4 * low[:, None]
    known = np.arange(N) % 40 == 0
    anchor = np.where(known[:, None], table.energies, np.nan)
    found = detect(replace(table, energies=energies, anchor=anchor))
    assert len(found.ways) == 3
    assert found.shift == pytest.approx(1.4, abs=0.01)


def test_stated_references_and_unreadable_rows():
    found = with_rows(declared([True, False], 1.4, "stated"), np.array([1, 3]), 5)
    assert found.li.tolist() == [True, True, True, False, False]
    assert np.isnan(found.confidence[[0, 2, 4]]).all()
    absolute = to_absolute(np.ones((5, 2)), found)
    assert absolute[:, 0].tolist() == pytest.approx([2.4, 2.4, 2.4, 1, 1])
