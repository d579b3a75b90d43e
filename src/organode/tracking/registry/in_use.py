"""Tell whether a model registry is in use; needs no MLflow."""

from __future__ import annotations

import os

from organode.artifacts import TARGETS
from organode.tracking.registry.kinds import kind_of
from organode.tracking.store import store_exists


def registry_in_use() -> bool:
    """Tell whether there is a store to ask for champions, or this project holds a model for it.

    True if `MLFLOW_TRACKING_URI` is set, if the project in the working folder has a tracking
    store, or if it has a trained and evaluated model, as after `git clone` and `dvc pull`.
    """
    named = bool(os.environ.get("MLFLOW_TRACKING_URI"))
    return named or store_exists() or any(kind_of(target).exists_here() for target in TARGETS)
