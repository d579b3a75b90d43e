"""Settings of a network."""

import pytest

from organode.models.network.network import NetworkSettings

SETTINGS = NetworkSettings(
    1, 64, counts=True, orbitals=False, widths=(32, 16), dropout=0.0, l2=0.0,
    learning_rate=3e-3, batch_size=32,
)  # fmt: skip


def test_settings_round_trip():
    assert NetworkSettings.from_dict(SETTINGS.as_dict()) == SETTINGS
    with pytest.raises(TypeError):
        NetworkSettings.from_dict(SETTINGS.as_dict() | {"depth": 3})
