"""Registering a model that is registered already, or lacks a file."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from organode.errors import OrganodeError
from organode.tracking.registry import register as module
from organode.tracking.registry.register import register_model


def kind(monkeypatch, **changes):
    """Make `register_model` register this kind of model, which cannot be loaded."""

    def load(*_folders):
        raise OrganodeError("networks are missing")

    one = {
        "identity": lambda: "abc", "load": load, "parts": {"networks": Path("networks")},
        "metrics_path": Path("metrics.json"), "measured_by": "organode evaluate IE",
        "label_tags": dict, **changes,
    }  # fmt: skip
    monkeypatch.setattr(module, "kind_of", lambda *_: SimpleNamespace(**one))


def lost():
    raise FileNotFoundError("metrics.json")


def test_registered_model_is_not_loaded_again(monkeypatch):
    kind(monkeypatch)
    version = SimpleNamespace(version="3")
    monkeypatch.setattr(module, "version_by_identity", lambda *_: version)
    monkeypatch.setattr(module, "has_artefacts", lambda _version: True)
    monkeypatch.setattr(module, "version_by_number", lambda _client, _target, number: number)
    for name in ("connect", "tag_version", "_make_champion_if_first"):
        monkeypatch.setattr(module, name, lambda *_, **__: None)
    assert register_model("IE") == "3"


def test_missing_model_comes_before_missing_metrics(monkeypatch):
    kind(monkeypatch, identity=lost)
    with pytest.raises(OrganodeError, match="networks are missing"):
        register_model("IE")
    kind(monkeypatch, identity=lost, load=lambda *_: None)
    with pytest.raises(OrganodeError, match=r"metrics.json is missing: run `organode evaluate IE`"):
        register_model("IE")
