"""Damaged settings and damaged folds of the stage `train`."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml

from faults import damages
from organode.errors import OrganodeError
from organode.models.network.network import Fit, NetworkSettings
from organode.pipeline import train as stage
from organode.pipeline.best import read_best

SETTINGS = NetworkSettings(1, 64, counts=False, orbitals=False, widths=(8,), dropout=0.1, l2=1e-6)


BEST = {"target": "IE", "mae": 0.12, "settings": SETTINGS.as_dict()}


def test_damaged_settings_are_rejected_with_one_sentence(tmp_path):
    path = tmp_path / "best.yaml"
    whole = yaml.safe_dump(BEST).encode()
    path.write_bytes(whole)
    assert read_best(path) == SETTINGS
    refused = 0
    for content in damages(whole, 200, 3):
        path.write_bytes(content)
        try:
            read_best(path)
        except OrganodeError as error:
            refused += 1
            assert str(path) in str(error)
            assert "organode search" in str(error)
            assert "\n" not in str(error)
    assert refused > 100


@pytest.mark.parametrize(
    "wrong",
    [{"radius": -1}, {"radius": "1"}, {"radius": 1.5}, {"n_bits": True}, {"widths": [8, 0]},
     {"widths": "88"}, {"widths": 8}, {"dropout": 1.0}, {"dropout": float("nan")}, {"l2": -1e-3},
     {"learning_rate": 0}, {"batch_size": 0}, {"counts": 1}, {"loss": "hubes"},
     {"protocol": "thasis"}, {"epochs": 3}],
)  # fmt: skip
def test_settings_out_of_range_are_rejected(tmp_path, wrong):
    path = tmp_path / "best.yaml"
    path.write_text(yaml.safe_dump(BEST | {"settings": SETTINGS.as_dict() | wrong}))
    with pytest.raises(OrganodeError, match=r"best\.yaml has no valid settings"):
        read_best(path)


def kept(work: Path, name: str, change: Callable[[bytes], bytes]) -> Fit | None:
    fit = Fit([np.arange(6.0).reshape(2, 3)], 9.0, 1.5, [0.3], [0.2], 1)
    stage._save(work, 0, fit)
    (work / name).write_bytes(change((work / name).read_bytes()))
    return stage._load(work, 0)


@pytest.mark.parametrize("name", ["fold-0.npz", "fold-0.json"])
def test_damaged_fold_is_trained_again(tmp_path, name):
    assert kept(tmp_path, name, lambda content: content).mean == 9.0
    for change in (lambda content: content[:-3], lambda _: b"", lambda it: it[:9] + b"x" + it[10:]):
        assert kept(tmp_path, name, change) is None
    (tmp_path / name).unlink()
    assert stage._load(tmp_path, 0) is None
