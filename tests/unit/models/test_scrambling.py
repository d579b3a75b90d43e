"""Labels that are shuffled before a network sees them."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from organode.models.network.network import NetworkSettings
from organode.models.network.training import fit
from organode.models.scrambling import EPOCHS, scrambled, scrambling

SETTINGS = NetworkSettings(
    1, 16, counts=True, orbitals=False, widths=(32,), dropout=0.0, l2=0.0,
    learning_rate=1e-2, batch_size=32,
)  # fmt: skip


def few():
    """Training data whose every part is the same 64 rows."""
    x = np.random.default_rng(5).normal(size=(64, 16)).astype(np.float32)
    part = csr_matrix(x), 7 + x[:, :1].astype(float)
    return SimpleNamespace(parts=lambda _matrix, _fold, joint: (part, part))


def test_same_control_beside_other_work():
    with scrambling(few(), None, SETTINGS, seed=1) as control:
        pass
    assert control.result() == scrambled(few(), None, SETTINGS, seed=1)


def test_control_runs_while_the_block_does():
    with scrambling(few(), None, SETTINGS, seed=1) as control:
        assert control.result(timeout=300)["epochs"] == EPOCHS  # nothing waits for the block's end


def test_error_in_the_block_stops_the_control(monkeypatch):
    monkeypatch.setattr("organode.models.scrambling.EPOCHS", 10_000_000)
    with (
        pytest.raises(ValueError, match="broken"),
        scrambling(few(), None, SETTINGS, seed=1) as control,
    ):
        raise ValueError("broken")
    assert isinstance(control.exception(), InterruptedError)


def test_network_learns_nothing_from_shuffled_labels():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(1_100, 16)).astype(np.float32)
    label = 7 + x[:, :1]
    parts = (csr_matrix(x[:1_000]), label[:1_000]), (csr_matrix(x[1_000:]), label[1_000:])
    data = SimpleNamespace(parts=lambda _matrix, _fold, joint: parts)
    result = scrambled(data, None, SETTINGS, seed=1)
    assert result["r2"] < 0.2
    assert result["n"] == 100
    assert result["epochs"] == EPOCHS
    assert result["mae"] > 0.8 * result["mae_of_the_mean"]
    known = fit(SETTINGS, *parts, epochs=EPOCHS, seed=1)
    assert known.mae < 0.5 * result["mae"]
