"""Settings of a network."""

import subprocess
import sys

import pytest

from helpers import environment
from organode.models.network.network import NetworkSettings

SETTINGS = NetworkSettings(
    1, 64, counts=True, orbitals=False, widths=(32, 16), dropout=0.0, l2=0.0,
    learning_rate=3e-3, batch_size=32,
)  # fmt: skip


def test_settings_round_trip():
    assert NetworkSettings.from_dict(SETTINGS.as_dict()) == SETTINGS
    with pytest.raises(TypeError):
        NetworkSettings.from_dict(SETTINGS.as_dict() | {"depth": 3})


def test_prediction_needs_no_tensorflow(tmp_path):
    code = (
        "import sys, organode.models.predictor, organode.models.network.network; "
        "print({'tensorflow', 'keras'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment(), capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.stdout == "set()\n", done.stderr
