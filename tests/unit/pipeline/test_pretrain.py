"""Which molecules a network may learn before it is tested."""

from types import SimpleNamespace

import numpy as np

from organode.pipeline import pretrain as module
from organode.pipeline.pretrain import _clipped, _new

CURATED = ["c1ccncc1C", "CCO", "c1ccsc1"]


def new(smiles, method):
    data = SimpleNamespace(smiles=CURATED, fold=np.array([-1, 0, 1]))
    return _new(smiles, CURATED, data, method, ["CCS"]).tolist()


def test_molecules_that_are_tested_are_not_learned_before(monkeypatch):
    monkeypatch.setattr(module, "held_out", lambda smiles: np.zeros(len(smiles), bool))
    further = ["CCO", "Cc1cccnc1", "CCN", "Clc1ccncc1", "Clc1ccsc1", "SCC"]
    assert new(further, "random") == [False, False, True, True, True, False]
    # Pyridine is a scaffold of the test set, thiophene is not.
    assert new(further, "scaffold") == [False, False, True, False, True, False]


def test_molecules_held_out_for_error_bars_are_not_learned(monkeypatch):
    further = ["Oc1ccoc1", "CCCCCCN", "CCCCCCCN"]
    left = lambda smiles: np.array([each == "CCCCCCN" for each in smiles])  # noqa: E731
    monkeypatch.setattr(module, "held_out", left)
    # To a network of small environments, both amines are the same.
    assert new(further, "random") == [True, False, False]


def test_furthest_labels_are_clipped_for_each_protocol():
    labels = np.column_stack([np.arange(1001.0), np.full(1001, np.nan)])
    labels[:5, 1] = 2.0
    clipped = _clipped(labels)
    assert clipped[:, 0].min() == 10
    assert clipped[:, 0].max() == 990
    assert np.isnan(clipped[5:, 1]).all()
    assert (clipped[:5, 1] == 2).all()
