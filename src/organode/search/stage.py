"""The stage `search`: one resumable Optuna study for each target."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import yaml
from optuna.trial import TrialState

from organode import network
from organode.errors import OrganodeError
from organode.files import replacing
from organode.labelled import Labelled
from organode.network import NetworkSettings
from organode.progress import bar, say
from organode.search import best_path
from organode.search.space import first_trials, suggest
from organode.settings import Settings
from organode.tracking import StudyRun

FINISHED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)
STUDIES = Path(".organode/studies.db")
MOST_IN_VAIN = 5
HEARTBEAT = 10  # seconds; a trial silent for three of them has died


def search(target: str, settings: Settings, out: Path | None = None) -> NetworkSettings:
    """Search for the best setting of one target and write it to `best.yaml`.

    The study is named after its data, folds and space: started again on the same it goes on,
    started on anything else it begins anew. Each finished trial is a run in MLflow below the
    study's run. The outer test rows are never looked at.

    Returns
    -------
    NetworkSettings
        Of the completed trial with the smallest mean validation MAE.

    Raises
    ------
    OrganodeError
        If the tracking server cannot be reached before the start, or no trial completed.
    """
    data = Labelled.read(target)
    identity = _identity(target, settings, data)
    study = _study(f"{target}-{identity[:12]}", target, settings)
    tracked = StudyRun.open(target, study.study_name, identity, settings)
    _track(study, tracked)
    done = _finished(study)
    if done:
        say(f"going on after {done} finished trials of study {study.study_name}")
    with bar(f"search {target}", settings.search.n_trials, "trials", done=done) as progress:
        in_vain = 0
        while (now := _finished(study)) < settings.search.n_trials:
            study.optimize(_objective(data, settings), n_trials=1, catch=(MemoryError,))
            _track(study, tracked)
            progress.advance(_finished(study) - now, note=_best_note(study))
            in_vain = 0 if _finished(study) > now else in_vain + 1
            if in_vain == MOST_IN_VAIN:
                raise OrganodeError(
                    f"{in_vain} trials one after another ran out of memory: narrow search.n_bits "
                    "and search.widths, or bring fewer molecules"
                )
    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if not complete:
        raise OrganodeError(
            f"none of the {settings.search.n_trials} trials completed: raise search.n_trials"
        )
    best = _settings(study.best_trial)
    tracked.finish(study)
    _write_best(out or best_path(target), study, best)
    return best


def _identity(target: str, settings: Settings, data: Labelled) -> str:
    space = settings.search.model_dump(mode="json", exclude={"n_trials"})
    content = json.dumps([target, settings.seed, space, data.digest()], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def _study(name: str, target: str, settings: Settings) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    STUDIES.parent.mkdir(parents=True, exist_ok=True)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)  # heartbeat
    storage = optuna.storages.RDBStorage(
        f"sqlite:///{STUDIES}",
        heartbeat_interval=HEARTBEAT,
        grace_period=3 * HEARTBEAT,
        heartbeat_stale_trial_callback=optuna.storages.RetryHeartbeatStaleTrialCallback(),
    )
    study = optuna.create_study(
        storage=storage,
        study_name=name,
        direction="minimize",
        load_if_exists=True,
        pruner=optuna.pruners.MedianPruner(n_startup_trials=4),
    )
    known = len(study.get_trials(deepcopy=False))
    # A study that goes on must not draw what it drew at its start again.
    study.sampler = optuna.samplers.TPESampler(seed=settings.seed + known)
    if not known:
        for parameters in first_trials(target, settings.search):
            study.enqueue_trial(parameters)
    return study


def _objective(data: Labelled, settings: Settings) -> Callable[[optuna.Trial], float]:
    def objective(trial: optuna.Trial) -> float:
        chosen = suggest(trial, settings.search)
        trial.set_user_attr("settings", chosen.as_dict())
        fingerprints = data.matrix(chosen)
        errors: list[float] = []
        for fold in range(settings.search.n_folds):
            valid = data.fold == fold
            train = (data.fold >= 0) & ~valid
            fitted = network.fit(
                chosen,
                (fingerprints[train], data.label[train]),
                (fingerprints[valid], data.label[valid]),
                epochs=settings.search.epochs,
                seed=settings.seed + fold,
            )
            errors.append(fitted.valid_mae[-1])
            trial.set_user_attr("fold_maes", errors)
            trial.report(float(np.mean(errors)), step=fold)
            if fold + 1 < settings.search.n_folds and trial.should_prune():
                raise optuna.TrialPruned
        return float(np.mean(errors))

    return objective


def _finished(study: optuna.Study) -> int:
    """Count trials that count: one that died is tried again and not counted."""
    return len(study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED)))


def _track(study: optuna.Study, tracked: StudyRun) -> None:
    tracked.log_trials(study.get_trials(deepcopy=False, states=FINISHED))


def _settings(trial: optuna.trial.FrozenTrial) -> NetworkSettings:
    return NetworkSettings.from_dict(trial.user_attrs["settings"])


def _best_note(study: optuna.Study) -> str:
    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    return f"best MAE {study.best_value:.3f} eV" if complete else ""


def _write_best(path: Path, study: optuna.Study, best: NetworkSettings) -> None:
    content: dict[str, Any] = {
        "settings": best.as_dict(),
        "mean_fold_mae": round(study.best_value, 6),
        "fold_maes": [round(mae, 6) for mae in study.best_trial.user_attrs["fold_maes"]],
        "trials": _finished(study),
    }
    with replacing(path) as temporary:
        temporary.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
