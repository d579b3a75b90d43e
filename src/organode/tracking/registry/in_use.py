"""Tell whether a model registry is in use, even if MLflow is not installed."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing

from organode.artifacts import TARGETS
from organode.tracking.databases import project_folder
from organode.tracking.registry.kinds import kind_of
from organode.tracking.registry.versions import model_name
from organode.tracking.store import DEFAULT_DATABASE

REGISTERED = "SELECT name FROM registered_models"


def registry_in_use() -> bool:
    """Tell whether models are loaded from a registry instead of from the Python package.

    True if the environment variable `MLFLOW_TRACKING_URI` is set, if a model of IE or EA is
    registered in the project in the working folder, or if that project has a trained and evaluated
    one, as after `git clone` and `dvc pull`. Runs alone, such as a search or a campaign with the
    packaged model, are no registry.
    """
    if os.environ.get("MLFLOW_TRACKING_URI"):
        return True
    return any(kind_of(target).exists_here() for target in TARGETS) or _has_registered()


def _has_registered() -> bool:
    """Tell whether the project's own database has a registered model of IE or EA.

    A database that cannot be read counts as one that has: who loads the model says what is wrong.
    """
    path = project_folder() / DEFAULT_DATABASE
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            names = {name for (name,) in database.execute(REGISTERED)}
    except sqlite3.OperationalError as error:
        return "no such table" not in str(error)  # MLflow has not yet made its tables
    except sqlite3.DatabaseError:
        return True
    return not names.isdisjoint(map(model_name, TARGETS))
