"""Answers of a model that are kept beside a built library's chunk."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from organode.electrochemistry.scale.potential import Potential
from organode.models.predictor import Answer
from organode.models.uncertainty.error_bars import Reliability
from organode.screening.engine.answer_cache import CachedModel
from organode.utils.predictive import Predictive
from screening import SMILES, chunk_of


class CountingModel:
    """Answers by the number of heavy atoms, and counts its calls."""

    target = "IE"
    scale = SimpleNamespace(predictive=Predictive([np.array([-1.0, 1.0])]))

    def __init__(self):
        self.calls = 0

    def answer(self, molecules):
        self.calls += 1
        atoms = np.asarray(molecules.composition.heavy_atoms, float)
        reasons = [""] * (len(atoms) - 1) + ["unknown element"]
        reliability = Reliability(atoms / 100, (1 / atoms).astype(np.float32), reasons)
        first = Potential(atoms, atoms / 50, self.scale.predictive, reasons)
        predictions = np.stack([atoms, atoms + 0.1])
        return Answer(self, predictions, reliability, first, first.moved(-0.6, 0.1))


@pytest.fixture
def chunk(tmp_path):
    return replace(chunk_of(*SMILES[:5]).featurized(), cache_folder=tmp_path)


def values(answer):
    waves = [
        part
        for wave in (answer.potential, answer.second)
        for part in (wave.volts.tolist(), wave.spread.tolist(), list(wave.remarks))
    ]
    reliability = answer.reliability
    return [
        answer.predictions.tolist(),
        reliability.expected.tolist(),
        reliability.similarity.tolist(),
        list(reliability.reasons),
        *waves,
    ]


def test_answer_is_computed_once_and_read_unchanged(chunk):
    model = CountingModel()
    cached = CachedModel(model, "v1")
    first, second = cached.answer(chunk), cached.answer(chunk)
    assert model.calls == 1
    assert values(first) == values(second)


def test_other_model_computes_its_own_answer(chunk):
    model = CountingModel()
    CachedModel(model, "v1").answer(chunk)
    CachedModel(model, "v2").answer(chunk)
    assert model.calls == 2


def test_damaged_answer_is_computed_again(chunk, tmp_path):
    model = CountingModel()
    cached = CachedModel(model, "v1")
    before = values(cached.answer(chunk))
    (file,) = tmp_path.glob("IE-v1.answers")
    file.write_bytes(file.read_bytes()[:-1])
    assert values(cached.answer(chunk)) == before
    assert model.calls == 2


def test_nothing_is_kept_without_a_folder(chunk, tmp_path):
    model = CountingModel()
    cached = CachedModel(model, "v1")
    for _ in range(2):
        cached.answer(replace(chunk, cache_folder=None))
    assert model.calls == 2
    assert not list(tmp_path.iterdir())
