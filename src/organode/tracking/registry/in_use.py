"""Tell whether a model registry is in use, even if MLflow is not installed."""

from __future__ import annotations

import os

from organode.artifacts import TARGETS
from organode.tracking.registry.kinds import kind_of
from organode.tracking.store import store_exists


def registry_in_use() -> bool:
    """Tell whether models are loaded from a registry instead of from the Python package.

    True if the environment variable `MLFLOW_TRACKING_URI` is set, if the project in the working
    folder has an MLflow tracking store, or if that project has a trained and evaluated model of IE
    or EA, as after `git clone` and `dvc pull`.
    """
    named = bool(os.environ.get("MLFLOW_TRACKING_URI"))
    return named or store_exists() or any(kind_of(target).exists_here() for target in TARGETS)
