"""Metrics that are read from a file."""

import json

import pytest

from faults import damages
from organode import artifacts
from organode.errors import OrganodeError

METRICS = {
    part: {"mae": 0.1, "rmse": 0.2, "r2": 0.9, "sd_abs_error": 0.1, "spearman": 0.9, "n": 10}
    for part in ("outer", "out_of_fold", "whole_set")
} | {"margin": 0.3, "scrambled": {}, "intervals": {}, "decision": {}, "measured": {}}


def test_damaged_metrics_are_rejected_with_one_sentence(tmp_path, monkeypatch):
    path = tmp_path / "metrics.json"
    monkeypatch.setattr(artifacts, "metrics_path", lambda _target: path)
    path.write_text(json.dumps(METRICS))
    assert artifacts.read_metrics("IE") == METRICS
    whole = path.read_bytes()
    refused = 0
    for content in [*damages(whole, 100, 4), b"[]", b"null", b"", b'{"outer": 1}']:
        path.write_bytes(content)
        try:
            artifacts.read_metrics("IE")
        except OrganodeError as error:
            refused += 1
            assert "metrics.json is damaged: run `organode evaluate IE` again" in str(error)
    assert refused > 50
    path.unlink()
    with pytest.raises(OrganodeError, match=r"metrics\.json is missing: run `organode evaluate"):
        artifacts.read_metrics("IE")
