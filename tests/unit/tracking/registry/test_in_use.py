"""Whether a registry is in use, or the packaged model answers."""

import pytest
from mlflow import MlflowClient

from organode.tracking.registry.in_use import registry_in_use


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A client of a project's own, new store."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    client = MlflowClient(f"sqlite:///{tmp_path}/mlflow.db")
    client.search_experiments()
    return client


def test_runs_alone_are_no_registry(store):
    store.create_run(store.create_experiment("organode-improve"))
    assert not registry_in_use()
    store.create_registered_model("of-somebody-else")
    assert not registry_in_use()


def test_a_registered_model_is(store):
    store.create_registered_model("organode-EA")
    assert registry_in_use()


@pytest.mark.parametrize(("content", "in_use"), [(None, False), (b"", False), (b"damaged", True)])
def test_a_damaged_store_is_left_to_who_loads_from_it(tmp_path, monkeypatch, content, in_use):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    if content is not None:
        (tmp_path / "mlflow.db").write_bytes(content)
    assert registry_in_use() == in_use


def test_a_named_server_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")
    assert registry_in_use()
