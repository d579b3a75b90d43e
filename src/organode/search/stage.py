"""The stage `search`: one resumable Optuna study for each target."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import optuna
import yaml
from optuna.trial import FrozenTrial, TrialState

from organode import network
from organode.errors import OrganodeError
from organode.files import replacing, sha256
from organode.labelled import Labelled
from organode.network import NetworkSettings
from organode.progress import bar, say
from organode.search import best_path
from organode.search import space as search_space
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
    tracked = StudyRun.open(target, study.study_name, study.user_attrs["uid"], settings)
    _track(study, tracked)
    done = len(_counted(study))
    if done:
        say(f"going on after {done} finished trials of study {study.study_name}")
    with bar(f"search {target}", settings.search.n_trials, "trials", done=done) as progress:
        in_vain = 0
        while (now := len(_counted(study))) < settings.search.n_trials:
            study.optimize(_objective(data, settings), n_trials=1, catch=(MemoryError,))
            _track(study, tracked)
            progress.advance(len(_counted(study)) - now, note=_best_note(study))
            in_vain = 0 if len(_counted(study)) > now else in_vain + 1
            if in_vain == MOST_IN_VAIN:
                raise OrganodeError(
                    f"{in_vain} trials one after another ran out of memory: narrow search.n_bits "
                    "and search.widths, or bring fewer molecules"
                )
    # The study may hold more trials than are asked for now: the result must not depend on them.
    counted = sorted(_counted(study), key=lambda trial: trial.number)[: settings.search.n_trials]
    complete = [trial for trial in counted if trial.state == TrialState.COMPLETE]
    if not complete:
        raise OrganodeError(
            f"none of the {settings.search.n_trials} trials completed: raise search.n_trials"
        )
    best = min(complete, key=lambda trial: float(trial.values[0]))
    tracked.finish(complete, best)
    _write_best(out or best_path(target), best, len(counted))
    return _settings(best)


def _identity(target: str, settings: Settings, data: Labelled) -> str:
    space = settings.search.model_dump(mode="json", exclude={"n_trials"})
    code = sha256(Path(search_space.__file__))
    content = json.dumps([target, settings.seed, space, code, data.digest()], sort_keys=True)
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
    # A study that goes on must not draw again what it drew at its start.
    study.sampler = optuna.samplers.TPESampler(seed=settings.seed + known)
    if "uid" not in study.user_attrs:  # a study made anew is another one in MLflow too
        study.set_user_attr("uid", uuid4().hex)
    alive = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.WAITING, TrialState.RUNNING)
    tried = {
        trial.user_attrs.get("first") for trial in study.get_trials(deepcopy=False, states=alive)
    }
    for number, parameters in enumerate(first_trials(target, settings.search)):
        if number not in tried:  # at the start, or because it was interrupted
            study.enqueue_trial(parameters, user_attrs={"first": number})
    return study


def _objective(data: Labelled, settings: Settings) -> Callable[[optuna.Trial], float]:
    def objective(trial: optuna.Trial) -> float:
        chosen = suggest(trial, settings.search)
        trial.set_user_attr("settings", chosen.as_dict())
        fingerprints = data.matrix(chosen)
        errors: list[float] = []
        for fold in range(settings.search.n_folds):
            try:
                fitted = network.fit(
                    chosen,
                    *data.parts(fingerprints, fold),
                    epochs=settings.search.epochs,
                    seed=settings.seed + fold,
                )
            except Exception as error:  # TensorFlow has a type of its own for it
                if type(error).__name__ == "ResourceExhaustedError":
                    raise MemoryError(str(error)) from error
                raise
            errors.append(fitted.valid_mae[-1])
            trial.set_user_attr("fold_maes", errors)
            trial.report(float(np.mean(errors)), step=fold)
            if fold + 1 < settings.search.n_folds and trial.should_prune():
                raise optuna.TrialPruned
        return float(np.mean(errors))

    return objective


def _counted(study: optuna.Study) -> list[FrozenTrial]:
    """Return the trials that count; one that died or was interrupted does not."""
    return list(study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED)))


def _track(study: optuna.Study, tracked: StudyRun) -> None:
    tracked.log_trials(study.get_trials(deepcopy=False, states=FINISHED))


def _settings(trial: FrozenTrial) -> NetworkSettings:
    return NetworkSettings.from_dict(trial.user_attrs["settings"])


def _best_note(study: optuna.Study) -> str:
    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    return f"best MAE {study.best_value:.3f} eV" if complete else ""


def _write_best(path: Path, best: FrozenTrial, trials: int) -> None:
    content: dict[str, Any] = {
        "settings": _settings(best).as_dict(),
        "mean_fold_mae": round(float(best.values[0]), 6),
        "fold_maes": [round(mae, 6) for mae in best.user_attrs["fold_maes"]],
        "trials": trials,
    }
    with replacing(path) as temporary:
        temporary.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
