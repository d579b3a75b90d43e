"""Metrics that one stage writes and another reads: damage is reported with the command to run."""

import json
import random

import pytest

from organode import artifacts
from organode.errors import OrganodeError

ENERGY_METRICS = {
    part: {"mae": 0.1, "rmse": 0.2, "r2": 0.9, "sd_abs_error": 0.1, "spearman": 0.9, "n": 10}
    for part in artifacts.PARTS
} | {"margin": 0.3, "scrambled": {}, "intervals": {}, "decision": {}, "measured": {}}
STABILITY_METRICS = {
    "left_out": {"n": 72, "auc": 0.9, "brier": 0.1},
    "by_side": {"oxidised": {"brier": 0.1}, "reduced": {"brier": 0.2}},
    "by_origin": {"literature": {"brier": 0.1}},
    "signals": {"reduced": {"bond breaks": {"n": 50, "auc": 0.9}}},
}


@pytest.fixture
def path(tmp_path, monkeypatch):
    """Where metrics are looked for."""
    path = tmp_path / "metrics.json"
    monkeypatch.setattr(artifacts, "metrics_path", lambda _target: path)
    return path


def damaged_versions(content: bytes, n: int, seed: int) -> list[bytes]:
    """The content with one bit flipped, or cut off."""
    chance = random.Random(seed)
    versions = [content[: chance.randrange(len(content))] for _ in range(n // 4)]
    while len(versions) < n:
        flipped = bytearray(content)
        flipped[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        versions.append(bytes(flipped))
    return versions


def test_damaged_energy_metrics_are_rejected_with_remedy(path):
    path.write_text(json.dumps(ENERGY_METRICS))
    assert artifacts.read_metrics("IE") == ENERGY_METRICS
    versions = damaged_versions(path.read_bytes(), 100, 4)
    rejected = 0
    for content in [*versions, b"[]", b"null", b"", b'{"outer": 1}']:
        path.write_bytes(content)
        try:
            artifacts.read_metrics("IE")
        except OrganodeError as error:
            rejected += 1
            assert "metrics.json is damaged: run `organode evaluate IE` again" in str(error)
    assert rejected > 50


def test_missing_energy_metrics_are_reported_with_remedy(path):
    with pytest.raises(OrganodeError, match=r"metrics\.json is missing: run `organode evaluate"):
        artifacts.read_metrics("IE")


def test_damaged_stability_metrics_are_rejected_with_remedy(path):
    path.write_text(json.dumps(STABILITY_METRICS))
    assert artifacts.read_stability_metrics() == STABILITY_METRICS
    for content in ("", "[]", "{}", '{"left_out": {"n": 1}}', path.read_text().replace(":", ";")):
        path.write_text(content)
        with pytest.raises(OrganodeError, match=r"is damaged: run `organode stability` again"):
            artifacts.read_stability_metrics()


def test_missing_stability_metrics_are_reported_with_remedy(path):
    with pytest.raises(OrganodeError, match=r"is missing: run `organode stability` again"):
        artifacts.read_stability_metrics()
