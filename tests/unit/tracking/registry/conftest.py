"""A registry in a database of its own."""

import json
import shutil

import pytest

NAME = "organode-IE"


@pytest.fixture(scope="session")
def empty(tmp_path_factory):
    """A registry without versions: its tables take seconds to make."""
    from mlflow import MlflowClient

    path = tmp_path_factory.mktemp("registry") / "mlflow.db"
    MlflowClient(f"sqlite:///{path}").create_registered_model(NAME)
    return path


@pytest.fixture
def store(empty, tmp_path, monkeypatch):
    """A registry with four whole versions, the first of them champion, in the working folder."""
    from mlflow import MlflowClient

    monkeypatch.chdir(tmp_path)
    shutil.copy(empty, tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    client = MlflowClient(f"sqlite:///{tmp_path}/mlflow.db")
    for _ in range(4):
        version = client.create_model_version(NAME, "models").version
        for name in ("metrics", "identity"):
            client.set_model_version_tag(NAME, version, f"organode.{name}", json.dumps({"n": 1}))
    client.set_registered_model_alias(NAME, "champion", "1")
    client.set_model_version_tag(NAME, "1", "organode.promoted", "first version")
    return client
