"""Networks of several folds, trained at the same time."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import random as random_sparse

from organode.models.network import folds as module
from organode.models.network.batched import fit_batched
from organode.models.network.folds import fit_folds
from organode.models.network.network import NetworkSettings
from organode.models.network.training import fit

SETTINGS = NetworkSettings(
    1, 16, counts=True, orbitals=False, widths=(8,), dropout=0.0, l2=0.0,
    learning_rate=3e-3, batch_size=32,
)  # fmt: skip


@pytest.fixture(scope="module")
def parts():
    random = np.random.default_rng(1)
    x = random_sparse(60, 16, 0.2, "csr", np.float32, random)
    y = 7 + np.asarray(x @ random.normal(size=(16, 1)))

    def of_fold(fold):
        valid = np.arange(60) % 3 == fold
        return (x[~valid], y[~valid]), (x[valid], y[valid])

    return of_fold


def test_each_fold_is_trained_as_if_it_were_alone(parts):
    together = dict(fit_folds(SETTINGS, parts, [2, 0], epochs=2, seed=3))
    assert set(together) == {0, 2}
    for fold, fitted in together.items():
        alone = fit(SETTINGS, *parts(fold), epochs=2, seed=3, fold=fold)
        assert fitted.valid_mae == alone.valid_mae
        for ours, theirs in zip(fitted.weights, alone.weights, strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_validation_error_of_each_epoch_is_reported_with_its_fold(parts):
    reported = {0: [], 1: []}
    done = fit_folds(
        SETTINGS, parts, [0, 1], epochs=3, seed=3,
        on_epoch=lambda fold, mae: reported[fold].append(mae),
    )  # fmt: skip
    fitted = dict(done)
    assert reported == {fold: fitted[fold].valid_mae for fold in (0, 1)}


@pytest.mark.parametrize("found", [[], ["/CPU:0"]])
def test_no_folds_need_no_training(parts, found, monkeypatch):
    monkeypatch.setattr(module, "gpus", lambda: found)
    assert list(fit_folds(SETTINGS, parts, [], epochs=1, seed=1)) == []


@pytest.fixture
def batched(monkeypatch):
    """The folds of each call of `fit_batched`; two GPUs are pretended, a test may want one."""
    called = []

    def watched(settings, made, folds, **more):
        called.append(list(folds))
        return fit_batched(settings, made, folds, **more)

    monkeypatch.setattr(module, "gpus", lambda: ["/CPU:0", "/CPU:0"])
    monkeypatch.setattr(module, "fit_batched", watched)
    return called


def test_gpu_trains_all_its_folds_at_once(parts, batched, monkeypatch):
    reported = {0: [], 1: [], 2: []}
    monkeypatch.setattr(module, "gpus", lambda: ["/CPU:0"])
    done = fit_folds(
        SETTINGS, parts, [2, 0, 1], epochs=2, seed=3,
        on_epoch=lambda fold, mae: reported[fold].append(mae),
    )  # fmt: skip
    together = dict(done)
    assert batched == [[2, 0, 1]]
    assert reported == {fold: fitted.valid_mae for fold, fitted in together.items()}
    for fold, fitted in together.items():
        alone = fit(SETTINGS, *parts(fold), epochs=2, seed=3, fold=fold)
        for ours, theirs in zip(fitted.weights, alone.weights, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_gpus_share_the_folds(parts, batched):
    assert set(dict(fit_folds(SETTINGS, parts, [0, 1, 2], epochs=1, seed=3))) == {0, 1, 2}
    assert sorted(batched) == [[0, 2], [1]]
    batched.clear()
    assert set(dict(fit_folds(SETTINGS, parts, [1], epochs=1, seed=3))) == {1}
    assert batched == [[1]]


def test_gpu_trains_folds_with_fewer_labels_by_themselves(parts, batched, monkeypatch):
    monkeypatch.setattr(module, "gpus", lambda: ["/CPU:0"])

    def joint_but_fold_1(fold):
        (x, y), valid = parts(fold)
        return (x, y if fold == 1 else np.hstack([y, y])), valid

    assert set(dict(fit_folds(SETTINGS, joint_but_fold_1, range(3), epochs=1, seed=3))) == {0, 1, 2}
    assert batched == [[1], [0, 2]]


def test_networks_go_on_from_weights_on_a_gpu(parts, batched):
    shapes = [(16, 8), (8,), (8, 1), (1,)]
    weights = [np.full(shape, 0.1, np.float32) for shape in shapes]
    settings = replace(SETTINGS, learning_rate=1e-9)
    asked = []

    def start(fold, learned):
        asked.append((fold, learned[0].shape[0]))
        return [(fold + 1) * each for each in weights]

    done = dict(fit_folds(settings, parts, [0, 1], epochs=1, seed=3, start=start))
    assert sorted(asked) == [(0, 40), (1, 40)]
    for fold, fitted in done.items():
        np.testing.assert_allclose(fitted.weights[0], (fold + 1) * weights[0], atol=1e-6)


def test_error_of_a_fold_is_raised(parts):
    def broken(fold):
        if fold == 1:
            raise ValueError("no rows in fold 1")
        return parts(fold)

    with pytest.raises(ValueError, match="no rows in fold 1"):
        dict(fit_folds(SETTINGS, broken, [0, 1], epochs=1, seed=1))


def test_trainings_stop_when_the_caller_does(monkeypatch):
    """A caller that has enough, or is interrupted, does not wait for epochs to come."""
    ended, second_runs = [], threading.Event()

    def fit_for_long(settings, train, valid, *, epochs, seed, fold, start, on_epoch):
        if fold == 0:
            second_runs.wait()
            return "fitted"
        try:
            for epoch in range(2_000):
                second_runs.set()
                on_epoch(epoch, 0.5)
                time.sleep(0.001)
        except InterruptedError:
            ended.append(fold)
            raise

    monkeypatch.setattr(module, "fit", fit_for_long)
    monkeypatch.setattr(module, "cpu_count", lambda: 2)
    running = fit_folds(SETTINGS, lambda fold: (None, None), [0, 1, 2], epochs=1, seed=1)
    assert next(running) == (0, "fitted")
    running.close()
    assert 1 in ended
