"""Synthetic shifts of real molecules: detected where they are, and nowhere else."""

from dataclasses import replace

import numpy as np
import pytest
from rdkit import Chem

from organode.curate.crossfit import N_FOLDS, CrossFit, environment_counts
from organode.curate.reference.assignment import Evidence, to_absolute
from organode.curate.reference.detect import detect
from organode.curate.xtb_reference import xtb_reference

N = 1_600


@pytest.fixture(scope="module")
def evidence(embedded, root):
    rows = embedded.head(N)
    molecules = [Chem.MolFromSmiles(smiles) for smiles in rows["smiles"]]
    scale = xtb_reference(molecules, root / "data/embedded/molecules.csv")
    model = CrossFit(
        environment_counts(molecules), np.arange(N) % N_FOLDS, np.ones(N, bool), scale[:, None]
    )
    energies = rows[["IE", "EA"]].to_numpy(float)
    return Evidence(energies, scale, np.ones(N, bool), np.full((N, 2), np.nan), model)


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
def test_shift_in_random_blocks_is_detected_and_measured(evidence, shift, share):
    low = blocks(share, seed=round(100 * share))
    references = detect(replace(evidence, energies=evidence.energies - shift * low[:, None]))
    assert (references.li == low).mean() >= 0.98
    assert references.shift == pytest.approx(shift, abs=0.05)
    assert references.is_mixed
    known = {1.24: 1.24, 1.4: 1.40}
    assert references.applied == pytest.approx(known.get(shift, references.shift))


def test_shift_in_rows_without_order_is_detected(evidence):
    low = np.random.default_rng(3).random(N) < 0.4
    references = detect(replace(evidence, energies=evidence.energies - 1.4 * low[:, None]))
    assert (references.li == low).mean() >= 0.98


def test_table_without_shift_is_not_changed(evidence):
    references = detect(evidence)
    assert not references.is_mixed
    assert not references.li.any()
    assert references.applied == 0
    assert "nothing was changed" in references.verdict
    assert references.scale == "absolute"


def test_corrected_table_is_not_corrected_again(evidence):
    low = blocks(0.4, seed=1)
    energies = evidence.energies - 1.4 * low[:, None]
    first = detect(replace(evidence, energies=energies))
    again = detect(replace(evidence, energies=to_absolute(energies, first)))
    assert not again.li.any()


def test_shift_of_a_single_energy_is_not_a_reference(evidence):
    energies = evidence.energies.copy()
    energies[blocks(0.4, seed=2), 1] -= 1.4
    references = detect(replace(evidence, energies=energies))
    assert not references.is_mixed
    assert not references.li.any()


def test_opposite_shifts_as_by_a_solvent_are_not_a_reference(evidence):
    energies = evidence.energies.copy()
    energies[blocks(0.4, seed=4)] += [-1.5, 1.5]
    references = detect(replace(evidence, energies=energies))
    assert not references.is_mixed


def test_table_referred_to_lithium_as_a_whole_is_recognised(evidence):
    references = detect(replace(evidence, energies=evidence.energies - 1.4))
    assert not references.is_mixed
    assert references.li.all()
    assert references.applied == 1.40


def test_level_of_no_known_reference_has_unknown_scale(evidence):
    assert detect(replace(evidence, energies=evidence.energies + 3)).scale == "unknown"


def test_table_with_a_single_kind_of_label_is_not_changed(evidence):
    energies = evidence.energies.copy()
    energies[:, 1] = np.nan
    references = detect(replace(evidence, energies=energies, regular=np.zeros(N, bool)))
    assert not references.li.any()
    assert np.isnan(references.confidence).all()
    assert references.scale == "unknown"


def test_confidence_is_low_where_energies_contradict_the_block(evidence):
    low = blocks(0.5, seed=5)
    energies = evidence.energies - 1.4 * low[:, None]
    inside = np.flatnonzero(low)[len(np.flatnonzero(low)) // 2]
    energies[inside] += 0.7  # half-way between the two
    references = detect(replace(evidence, energies=energies))
    assert references.confidence[inside] < np.median(references.confidence)


def test_enough_anchors_improve_the_estimate_of_the_shift(evidence):
    low = blocks(0.5, seed=6)
    energies = evidence.energies - 1.4 * low[:, None]
    known = np.arange(N) % 40 == 0
    anchor = np.where(known[:, None], evidence.energies, np.nan)
    references = detect(replace(evidence, energies=energies, anchor=anchor))
    assert len(references.estimates) == 3
    assert references.shift == pytest.approx(1.4, abs=0.01)
