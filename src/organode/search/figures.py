"""Draw figures of an Optuna study: history of the trials, and importance of the parameters."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from optuna.trial import FrozenTrial, TrialState

from organode.utils.report.figures import BLUE, GREY, ORANGE, save, subplots

FEWEST = 4  # trials that the figures of parameters need
SHOWN = 6  # most important parameters that a figure shows
# Figures of parameters: file name, name in words, and size in inches.
OF_PARAMETERS = {
    "importances": ("importances", (7, 4.5)),
    "parallel": ("parallel coordinates", (12, 5)),
    "slices": ("slices", (14, 4)),
}


def draw(study: optuna.Study, title: str, epochs: int, folder: Path) -> None:
    """Draw four figures of an Optuna study as PNG files in a folder.

    The figures are the history of the trials and three figures of parameters: importances, parallel
    coordinates and slices. Most trials are pruned (stopped) after short trainings of the first
    cross-validation fold. The figures of parameters therefore compare trials by their error at the
    last step that all trials, including pruned trials, have reached. If there are fewer than four
    trials (`FEWEST`), or all trials have the same error, each figure of parameters shows a sentence
    that says so.

    Parameters
    ----------
    study : optuna.Study
        The study; `organode.search.pruner.Halving` says what its trials report.
    title : str
        Beginning of the figures' titles, such as ``IE``.
    epochs : int
        Number of epochs of a fold's training.
    folder : Path
        Folder for ``history.png``, ``importances.png``, ``parallel.png`` and ``slices.png``.
    """
    from matplotlib import style
    from optuna.visualization import matplotlib as charts

    # Optuna changes the style of all figures in the process: the context restores it.
    with warnings.catch_warnings(), style.context("default"):
        # Optuna warns that its API is experimental, matplotlib of axes with a single value.
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        warnings.simplefilter("ignore", UserWarning)
        trials = _with_errors(study)
        title = f"{title}: {len(trials)} trials"
        _history(trials, title, folder / "history.png")
        _of_parameters(charts, trials, title, epochs, folder)


def _with_errors(study: optuna.Study) -> list[FrozenTrial]:
    """Return the complete and pruned trials that have reported an error."""
    states = (TrialState.COMPLETE, TrialState.PRUNED)
    trials = study.get_trials(deepcopy=False, states=states)
    return [trial for trial in trials if trial.intermediate_values]


def at_shared_step(trials: Sequence[FrozenTrial]) -> tuple[int, list[float]]:
    """Return the last step that all trials have reached, and each trial's error there.

    Parameters
    ----------
    trials : sequence of optuna.trial.FrozenTrial
        One or more trials, which have reported errors at the steps of the same study.

    Returns
    -------
    (int, list of float)
        The step, and each trial's error at this step, eV.
    """
    shared = max(set.intersection(*(set(trial.intermediate_values) for trial in trials)))
    return shared, [trial.intermediate_values[shared] for trial in trials]


def _step_in_words(step: int, epochs: int) -> str:
    """Return what the error at a step is the error of, such as ``fold 1 after 2 epochs``."""
    if step < epochs:
        return f"fold 1 after {step} epoch{'s' * (step > 1)}"
    return "fold 1" if step == epochs else f"folds 1–{step - epochs + 1}"


def _history(trials: Sequence[FrozenTrial], title: str, path: Path) -> None:
    complete = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    pruned = [trial for trial in trials if trial.state == TrialState.PRUNED]
    figure, (axes,) = subplots(1, 1, (7, 4.5))
    if pruned:
        numbers = [trial.number for trial in pruned]
        means = [trial.intermediate_values[trial.last_step] for trial in pruned]
        label = f"{len(pruned)} pruned: error when pruned"
        axes.plot(numbers, means, "x", color=GREY, label=label)
    numbers = [trial.number for trial in complete]
    values = [float(trial.values[0]) for trial in complete]
    axes.plot(numbers, values, "o", color=BLUE, label=f"{len(complete)} complete")
    if complete:
        best = np.minimum.accumulate(values)
        axes.step(numbers, best, where="post", color=ORANGE, label=f"best so far: {best[-1]:.3f}")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set(xlabel="trial", ylabel="mean validation MAE (eV)", title=title)
    axes.legend()
    save(figure, path)


def _of_parameters(
    charts: Any, trials: Sequence[FrozenTrial], title: str, epochs: int, folder: Path
) -> None:
    step, errors = at_shared_step(trials) if trials else (0, [])
    if len(trials) < FEWEST or len(set(errors)) == 1:
        for name, (words, size) in OF_PARAMETERS.items():
            why = f"No {words}: these need {FEWEST} trials with different errors, and there are "
            _draw_text(why + str(len(set(errors))), title, folder / f"{name}.png", size)
        return
    study = _as_complete(trials, errors)
    shared = set.intersection(*(set(trial.params) for trial in trials))
    importances = optuna.importance.get_param_importances(study, params=sorted(shared))
    shown = list(importances)[:SHOWN]
    value = f"validation MAE, {_step_in_words(step, epochs)} (eV)"
    title = f"{title}, by their {value}"
    axes = charts.plot_param_importances(study, params=shown, target_name=value)
    _save(axes.figure, title, folder / "importances.png", OF_PARAMETERS["importances"][1])
    axes = charts.plot_parallel_coordinate(study, params=shown, target_name=value)
    _save(axes.figure, title, folder / "parallel.png", OF_PARAMETERS["parallel"][1])
    _slices(study, shown, value, title, folder / "slices.png")


def _slices(
    study: optuna.Study, parameters: Sequence[str], value: str, title: str, path: Path
) -> None:
    """Draw the trials' errors against each parameter, the figure "slices".

    Optuna's own figure is not used, because its colour bar hides a part of the figure.
    """
    figure, axes = subplots(1, len(parameters), OF_PARAMETERS["slices"][1], sharey=True)
    trials = study.get_trials(deepcopy=False)
    errors = [trial.values[0] for trial in trials]
    for axis, parameter in zip(axes, parameters, strict=True):
        values = [trial.params[parameter] for trial in trials]
        kind = trials[0].distributions[parameter]
        if isinstance(kind, optuna.distributions.CategoricalDistribution):
            axis.set_xticks(range(len(kind.choices)), map(str, kind.choices))
            values = [kind.choices.index(choice) for choice in values]
        elif kind.log:
            axis.set_xscale("log")
        drawn = axis.scatter(values, errors, c=range(len(trials)), cmap="viridis_r", s=18)
        axis.set_xlabel(parameter)
    axes[0].set_ylabel(value)
    figure.colorbar(drawn, ax=list(axes), label="trial, in order")
    figure.suptitle(title)
    save(figure, path)


def _as_complete(trials: Sequence[FrozenTrial], errors: Sequence[float]) -> optuna.Study:
    """Return a study in which all the trials are complete and have the given errors as values.

    Pruned trials are marked complete too, because Optuna's figures leave out pruned trials.
    """
    study = optuna.create_study()
    for trial, error in zip(trials, errors, strict=True):
        study.add_trial(
            optuna.trial.create_trial(
                params=trial.params, distributions=trial.distributions, value=error
            )
        )
    return study


def _draw_text(sentence: str, title: str, path: Path, size: tuple[float, float]) -> None:
    figure, (axes,) = subplots(1, 1, size)
    axes.set_axis_off()
    axes.set_title(title)
    axes.text(0.5, 0.5, sentence, ha="center", wrap=True)
    save(figure, path)


def _save(figure: Any, title: str, path: Path, size: tuple[float, float]) -> None:
    import matplotlib.pyplot as plt

    figure.set_size_inches(*size)
    figure.suptitle(title)
    figure.tight_layout()
    save(figure, path)
    plt.close(figure)
