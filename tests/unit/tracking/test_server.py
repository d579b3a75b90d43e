"""MLflow's pages."""

import pytest

from organode.errors import UsageError
from organode.tracking.server import serve


def test_remote_store_is_not_served_again(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://user:hunter2@127.0.0.1:5000")
    with pytest.raises(UsageError, match=r"open http://127\.0\.0\.1:5000 in a browser"):
        serve(5001)
