"""Labels that are shuffled before a network sees them."""

from types import SimpleNamespace

import numpy as np
from scipy.sparse import csr_matrix

from organode.models.network.network import NetworkSettings
from organode.models.network.training import fit
from organode.models.scrambling import EPOCHS, scrambled

SETTINGS = NetworkSettings(
    1, 16, counts=True, orbitals=False, widths=(32,), dropout=0.0, l2=0.0,
    learning_rate=1e-2, batch_size=32,
)  # fmt: skip


def test_network_learns_nothing_from_shuffled_labels():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(600, 16)).astype(np.float32)
    label = 7 + x[:, :1]
    parts = (csr_matrix(x[:500]), label[:500]), (csr_matrix(x[500:]), label[500:])
    data = SimpleNamespace(parts=lambda _matrix, _fold, joint: parts)
    result = scrambled(data, None, SETTINGS, seed=1)
    assert result["r2"] < 0.2
    assert result["n"] == 100
    assert result["epochs"] == EPOCHS
    assert result["mae"] > 0.8 * result["mae_of_the_mean"]
    known = fit(SETTINGS, *parts, epochs=EPOCHS, seed=1)
    assert known.mae < 0.5 * result["mae"]
