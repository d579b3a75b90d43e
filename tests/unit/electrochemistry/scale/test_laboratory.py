"""The laboratory scale, on measurements that are made up."""

import json
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from breakages import MARK, breakage
from organode.chem.fingerprint import Environments
from organode.chem.orbitals.huckel import NAMES
from organode.electrochemistry.references import against_fc
from organode.electrochemistry.scale.gaussian_process import HOME
from organode.electrochemistry.scale.laboratory import (
    CARBONATE,
    DESCRIPTION,
    ROWS,
    UNKNOWN,
    InCells,
    Scale,
)
from organode.errors import OrganodeError

SLOPE, ZERO = 0.8, -4.0


@dataclass(frozen=True)
class MadeUp:
    """Molecules of a family, 0.7 alike, of other families 0.1; one of no family is like none."""

    family: np.ndarray
    seed: int = 0
    breaks: np.ndarray | float = 0.0

    @property
    def n(self):
        return len(self.family)

    @property
    def bits(self):
        bits = np.zeros((self.n, 2048), np.uint8)
        for own, (row, family) in zip(bits, enumerate(self.family.tolist()), strict=True):
            own[np.random.default_rng([self.seed, row]).choice(2000, 3, replace=False)] = 1
            if family >= 0:
                own[np.random.default_rng(family).choice(2000, 12, replace=False)] = 1
                own[-2:] = 1
        return np.packbits(bits, axis=1).view(np.uint64)

    @property
    def descriptors(self):
        random = np.random.default_rng(self.seed)
        values = random.normal(size=(self.n, len(NAMES))) * 0.05
        values[:, NAMES.index("centres")] += 2
        values[:, MARK] = self.breaks
        return values

    def environments(self, radius):
        empty = np.empty(0, np.int32)
        return Environments(empty, empty, empty, empty, np.empty((0, 2)))


def measurements(n_families=12, each=8, seed=1, between=0.1, noise=0.05, solvents=(HOME,)):
    """Return molecules, their energies, and rows: a line, an offset a family, and noise."""
    random = np.random.default_rng(seed)
    family = np.repeat(np.arange(n_families), each)
    energy = random.uniform(1, 5, len(family))
    offset = random.normal(0, between, n_families)[family]
    volts = ZERO + SLOPE * energy + offset + random.normal(0, noise, len(family))
    rows = pd.DataFrame("", index=range(len(family)), columns=list(ROWS), dtype="str")
    rows["name"] = [f"molecule {number}" for number in range(len(family))]
    rows["family"] = [f"family {number}" for number in family]
    rows["solvent"] = [solvents[number % len(solvents)] for number in range(len(family))]
    rows["reversible"] = "yes"
    return MadeUp(family, seed), energy, rows.assign(E_Fc=volts)


def fitted(molecules, energy, rows, target="EA"):
    return Scale.fit(target, rows, molecules, energy, np.full(len(energy), 0.05), breakage())


@pytest.fixture(scope="module")
def scale():
    return fitted(*measurements())


def answer(scale, family, energy):
    molecules = MadeUp(np.asarray(family), 7)
    energy = np.asarray(energy, float)
    return scale.answer(molecules, energy, np.full(len(energy), 0.05))


def test_line_is_recovered(scale):
    result = answer(scale, [99, 99], [1.5, 4.5])
    np.testing.assert_allclose(result.volts, ZERO + SLOPE * np.array([1.5, 4.5]), atol=0.15)
    assert np.abs(scale.measured - scale.left_out).mean() < 0.15


def test_intervals_cover_unseen_families(scale):
    molecules, energy, rows = measurements(n_families=40, each=5, seed=2)
    strangers = MadeUp(molecules.family + 1000, 2)
    lower, upper = scale.answer(strangers, energy, np.full(len(energy), 0.05)).interval(0.9)
    covered = ((rows["E_Fc"] >= lower) & (rows["E_Fc"] <= upper)).mean()
    assert 0.8 < covered <= 0.99
    table = scale.table(0.9)
    assert 0.8 < table["measured"].between(table["lower"], table["upper"]).mean() < 0.97


def test_intervals_grow_with_level_and_for_unlike_molecules(scale):
    known, other = answer(scale, [3], [3.0]), answer(scale, [-1], [3.0])
    widths = [np.subtract(*each.interval(0.9)[::-1])[0] for each in (known, other)]
    assert widths[0] < widths[1]
    assert known.remarks == [""]
    assert other.remarks[0].startswith("unlike every molecule measured (molecule ")
    low, high = (np.subtract(*known.interval(level)[::-1])[0] for level in (0.5, 0.9))
    assert low < high
    assert known.interval(0.999)[1][0] == np.inf  # more than 96 measurements can vouch for


def test_uncertain_energies_widen_intervals(scale):
    molecules = MadeUp(np.array([3, 3]), 7)
    spread = scale.answer(molecules, np.array([3.0, 3.0]), np.array([0.05, 0.6])).spread
    assert spread[1] > 1.3 * spread[0]


def test_probability_within_a_window_agrees_with_the_interval(scale):
    result = answer(scale, [3], [3.0])
    lower, upper = (float(each[0]) for each in result.interval(0.8))
    assert result.within(lower, upper)[0] == pytest.approx(0.8, abs=0.03)
    moved = result.moved(3.28, 0.1)
    assert moved.volts[0] == pytest.approx(result.volts[0] + 3.28)
    assert moved.spread[0] == pytest.approx(np.hypot(result.spread[0], 0.1))


def test_outlier_does_not_affect_others(scale):
    molecules, energy, rows = measurements()
    wrong = rows.copy()
    wrong.loc[10, "E_Fc"] += 3.0
    spoiled = fitted(molecules, energy, wrong)
    ask = ([1, 1, 5], [2.0, 4.0, 3.0])
    np.testing.assert_allclose(answer(spoiled, *ask).volts, answer(scale, *ask).volts, atol=0.1)
    assert spoiled.process.weight[10] == spoiled.process.weight.min() < 0.3


def test_scale_of_earlier_version_is_rejected_with_remedy(scale, tmp_path):
    scale.save(tmp_path)
    texts = json.loads((tmp_path / DESCRIPTION).read_text())
    former = {**texts, **texts["process"]}
    (tmp_path / DESCRIPTION).write_text(json.dumps(former))
    with pytest.raises(OrganodeError, match=r"before organode knew second waves: run `dvc repro`"):
        Scale.load(tmp_path)
    del texts["process"]["hyperparameters"]["breaks"]
    (tmp_path / DESCRIPTION).write_text(json.dumps(texts))
    with pytest.raises(OrganodeError, match=r"before organode knew ions that fall apart: run"):
        Scale.load(tmp_path)


def test_waves_of_ions_that_break_are_shifted_and_uncertain():
    molecules, energy, rows = measurements(noise=0.03, between=0.02)
    breaks = np.arange(len(rows)) % 4 == 0
    random = np.random.default_rng(5)
    rows["E_Fc"] += breaks * (0.5 + random.normal(0, 0.3, len(rows)))
    fit = fitted(replace(molecules, breaks=breaks), energy, rows)
    asked = MadeUp(np.array([3, 3]), 7, np.array([0.0, 1.0]))
    result = fit.answer(asked, np.array([3.0, 3.0]), np.full(2, 0.05))
    assert result.volts[1] - result.volts[0] == pytest.approx(0.5, abs=0.15)
    assert result.spread[1] > 2 * result.spread[0]
    assert result.remarks[0] == ""
    assert "a bond of the reduced form may break (99%, computed)" in result.remarks[1]
    blind = fitted(molecules, energy, rows)
    assert fit.spread[~breaks].mean() < blind.spread[~breaks].mean()


def test_saved_scale_gives_same_potentials(scale, tmp_path):
    scale.save(tmp_path)
    loaded = Scale.load(tmp_path)
    before, after = answer(scale, [3, -1], [3.0, 2.0]), answer(loaded, [3, -1], [3.0, 2.0])
    np.testing.assert_array_equal(before.volts, after.volts)
    np.testing.assert_array_equal(before.interval(0.9), after.interval(0.9))
    assert before.remarks == after.remarks
    pd.testing.assert_frame_equal(scale.table(0.9), loaded.table(0.9))
    assert loaded.in_cells == scale.in_cells
    with pytest.raises(
        OrganodeError, match=r"before organode knew the laboratory scale: run `dvc repro`"
    ):
        Scale.load(tmp_path / "empty")


def test_measurements_without_noise_are_fitted():
    result = answer(fitted(*measurements(between=0, noise=0)), [3], [3.0])
    assert result.volts[0] == pytest.approx(ZERO + SLOPE * 3.0, abs=0.01)


@pytest.mark.parametrize(("n_families", "each"), [(3, 20), (6, 3)])
def test_too_few_measurements_or_families_are_rejected(n_families, each):
    with pytest.raises(OrganodeError, match=r"too few for a laboratory scale: bring at least 20"):
        fitted(*measurements(n_families, each))


def test_solvent_effect_is_fitted_where_measured():
    molecules, energy, rows = measurements(between=0.03, solvents=(HOME, "DMF"))
    in_dmf = rows["solvent"] == "DMF"
    process = fitted(molecules, energy, rows.assign(E_Fc=rows["E_Fc"] - 0.1 * in_dmf)).process
    assert process.solvent_effect(HOME) == (0.0, 0.0)
    shift, spread = process.solvent_effect("DMF")
    assert shift == pytest.approx(-0.1, abs=0.04)
    unknown, prior = process.solvent_effect("DMSO")
    assert unknown == 0
    assert spread < prior == pytest.approx(process.hyperparameters.solvent)


def test_irreversible_waves_have_their_own_noise():
    molecules, energy, rows = measurements(noise=0.03, between=0.02)
    random = np.random.default_rng(5)
    irreversible = np.arange(len(rows)) % 2 == 1
    rows["E_Fc"] += irreversible * random.normal(0, 0.3, len(rows))
    rows["reversible"] = np.where(irreversible, "no", "yes")
    process = fitted(molecules, energy, rows).process
    assert process.hyperparameters.irreversible > 2 * process.hyperparameters.reversible
    sure = replace(process.training, irreversible=np.zeros(len(rows)))
    similarity = np.eye(len(rows))
    doubtful = replace(process.training, irreversible=np.ones(len(rows)))
    spreads = [process.predict(each, similarity)[1].mean() for each in (sure, doubtful)]
    assert spreads[0] < spreads[1]


def test_cells_shift_and_widen_potentials_if_enough_were_measured(scale):
    molecules, energy = MadeUp(np.arange(8) % 12, 7), np.linspace(2, 4, 8)
    error = np.full(8, 0.05)
    shift, _ = scale.effect(CARBONATE)
    against_lithium = shift - against_fc("Li/Li+", CARBONATE).volts
    averages = scale.answer(molecules, energy, error).volts + against_lithium + 0.3
    averages += [-0.2, 0.2, -0.1, 0.1, 0.2, -0.2, 0.1, 5.0]  # one is another reaction
    result = scale.with_cells(molecules, energy, error, averages, np.ones(8, int)).in_cells
    assert result.n == 8
    assert result.shift == pytest.approx(0.4, abs=0.05)
    assert 0.1 <= result.spread < 0.4
    assert InCells.fit(np.ones(4), np.zeros(4)) == InCells(0.0, UNKNOWN, 4)
