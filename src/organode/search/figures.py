"""Figures of a study: what was found when, and which parameters mattered."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import TrialState

from organode.figures import save

FEWEST = 4  # complete trials that say anything about parameters
VALUE = "mean validation MAE (eV)"
SHOWN = 6  # parameters


def draw(study: optuna.Study, title: str, folder: Path) -> None:
    """Draw history, importances, parallel coordinates and slices into a folder.

    A study with few complete trials gets its history alone.
    """
    from matplotlib import style
    from optuna.visualization import matplotlib as charts

    # Optuna sets a style of its own for all figures of the process: it has to end with these.
    with warnings.catch_warnings(), style.context("default"):
        # Experimental API; and axes of one value, on which Matplotlib remarks.
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        warnings.simplefilter("ignore", UserWarning)
        _draw(charts, study, title, folder)


def _draw(charts: Any, study: optuna.Study, title: str, folder: Path) -> None:
    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    _save(charts.plot_optimization_history(study, target_name=VALUE), title, folder / "history.png")
    if len(complete) < FEWEST or len({trial.values[0] for trial in complete}) == 1:
        return
    importances = optuna.importance.get_param_importances(study)
    shown = list(importances)[:SHOWN]
    _save(charts.plot_param_importances(study, params=shown, target_name=VALUE),
          title, folder / "importances.png")  # fmt: skip
    _save(charts.plot_parallel_coordinate(study, params=shown, target_name=VALUE),
          title, folder / "parallel.png", size=(12, 5))  # fmt: skip
    _save(charts.plot_slice(study, params=shown, target_name=VALUE),
          title, folder / "slices.png", size=(14, 4))  # fmt: skip


def _save(axes: Any, title: str, path: Path, size: tuple[float, float] = (7, 4.5)) -> None:
    import matplotlib.pyplot as plt

    first = axes if hasattr(axes, "figure") else axes.ravel()[0]
    figure = first.figure
    figure.set_size_inches(*size)
    figure.suptitle(title)
    figure.tight_layout()
    save(figure, path)
    plt.close(figure)
