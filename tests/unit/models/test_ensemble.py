"""Networks on the disk: in half precision where that is as good."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import random as random_sparse

from organode.models.ensemble import CLOSE, Ensemble, Member
from organode.models.input_columns import InputColumns
from organode.models.network.network import NetworkSettings

SETTINGS = NetworkSettings(
    1, 64, counts=True, orbitals=False, widths=(32,), dropout=0.0, l2=0.0, learning_rate=1e-3
)
NONE = np.empty(0, np.uint32), np.empty(0, np.uint32), np.empty(0), np.empty(0)
MATRIX = random_sparse(9_000, 64, 0.1, "csr", np.float32, np.random.default_rng(2))


def ensemble(scale: float) -> Ensemble:
    rng = np.random.default_rng(1)
    shapes = (64, 32), (32,), (32, 1), (1,)
    members = [
        Member(fold, 7.0, scale, [rng.normal(0, 0.2, shape).astype(np.float32) for shape in shapes])
        for fold in range(2)
    ]
    return Ensemble("IE", InputColumns(SETTINGS, *NONE), members)


def test_rounded_weights_take_half_the_space(tmp_path):
    exact = ensemble(0.5)
    rounded = exact.rounded(MATRIX)
    moved = np.abs(rounded.predict(MATRIX) - exact.predict(MATRIX)).max()
    assert 0 < moved < CLOSE
    for name, each in {"exact": exact, "rounded": rounded}.items():
        each.save(tmp_path / name)
        loaded = Ensemble.load(tmp_path / name)
        assert {w.dtype.name for member in loaded.members for w in member.weights} == {"float32"}
        np.testing.assert_array_equal(loaded.predict(MATRIX), each.predict(MATRIX))
    with (
        np.load(tmp_path / "exact/fold-0.npz") as whole,
        np.load(tmp_path / "rounded/fold-0.npz") as half,
    ):
        assert [half[n].nbytes / whole[n].nbytes for n in whole.files] == [0.5] * 4
    assert Ensemble.digest(tmp_path / "exact") != Ensemble.digest(tmp_path / "rounded")


@pytest.mark.parametrize("scale", [50.0, 5e4])
def test_weights_stay_exact_if_rounding_changes_predictions(scale):
    exact = ensemble(scale)
    assert exact.rounded(MATRIX) is exact


def test_weights_beyond_half_precision_stay_exact():
    exact = ensemble(0.5)
    large = exact.members[0].weights[3] + np.float32(1e6)
    member = replace(exact.members[0], weights=[*exact.members[0].weights[:3], large])
    exact = replace(exact, members=[member])
    assert exact.rounded(MATRIX) is exact
