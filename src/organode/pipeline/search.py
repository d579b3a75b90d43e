"""The stage `search`: find the best network settings by an Optuna study, which can be resumed."""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import numpy as np
import optuna
import yaml
from optuna.trial import FrozenTrial, TrialState

from organode.artifacts import best_path
from organode.errors import OrganodeError, without_password
from organode.models.network.network import NetworkSettings
from organode.models.training_data import Labelled
from organode.search import figures
from organode.search.plan import Plan, standard_plan, thesis_plan
from organode.search.sampler import STARTUP, SeededByTrial
from organode.settings import Search, Settings
from organode.tracking.databases import database_lock, project_folder, resolved_address
from organode.tracking.study_run import StudyRun
from organode.utils.code import code_digest
from organode.utils.files import replacing
from organode.utils.progress import bar, say
from organode.utils.resources import explained

FINISHED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)
COUNTED = (TrialState.COMPLETE, TrialState.PRUNED)  # towards the requested number of trials
MOST_FAILURES = 5  # trials in a row that run out of memory, before the search gives up
HEARTBEAT = 10  # seconds; a trial without a heartbeat for three times as long has died
PAIR = 2  # folds trained at the same time; the same number on every machine
PATIENCE = 1.0  # seconds between checks of the trials of other processes
BEGINNING = 60.0  # seconds to wait for the process that created a study to queue its first trials

Preset = Literal["thesis"]


def search(
    target: str,
    settings: Settings,
    *,
    preset: Preset | None = None,
    epochs: int | None = None,
) -> NetworkSettings:
    """Search for the best network settings of one target, and write them to a YAML file.

    The file is ``results/search/<target>/best.yaml``, or ``thesis.yaml`` in the same folder with
    the preset ``thesis``. The name of the study depends on data, folds, search space, epochs and
    seed: if a study with this name exists in the storage, it is resumed, else a new study starts.
    Several processes may work on one study at the same time. Each finished trial is a run in MLflow
    below the run of the study. The test set is never used.

    Parameters
    ----------
    target : str
        ``IE`` or ``EA``.
    settings : Settings
        All of `params.yaml`.
    preset : {'thesis'}, optional
        ``thesis`` compares the 25 network settings of the 2020 thesis that the project began with,
        by 2-fold cross-validation as in the thesis. If omitted, the settings are searched.
    epochs : int, optional
        Number of epochs of each training; by default the setting `search.epochs`, or the number of
        the preset.

    Returns
    -------
    NetworkSettings
        Settings of the completed trial with the smallest mean validation MAE.

    Raises
    ------
    OrganodeError
        If the MLflow server or the storage cannot be reached at the start; if the MLflow server
        cannot be reached at the end (the YAML file is written by then, and the same command logs
        the rest to MLflow); if five trials in a row run out of memory; or if no trial completed.
    """
    data = Labelled.read(target)
    plan = thesis_plan(target, data) if preset else standard_plan(target, settings, data)
    if epochs is not None:
        plan = replace(plan, epochs=epochs)
    study = _study(plan, settings)
    tracked = StudyRun.open(target, study.study_name, study.user_attrs["uid"], plan)
    _track(study, tracked)
    _run_trials(study, plan, settings, tracked)
    # The study may have more trials than requested now: the result must not depend on them.
    counted = sorted(_counted(study), key=lambda trial: trial.number)[: plan.n_trials]
    complete = [trial for trial in counted if trial.state == TrialState.COMPLETE]
    if not complete:
        raise OrganodeError(f"none of the {plan.n_trials} trials completed: raise search.n_trials")
    best = min(complete, key=lambda trial: float(trial.values[0]))
    _write_best(best_path(target, preset), best, len(counted))
    with tempfile.TemporaryDirectory() as folder:
        figures.draw(study, plan.title, Path(folder))
        finished = study.get_trials(deepcopy=False, states=FINISHED)
        tracked.finish(finished, complete, best, plan, Path(folder))
    if plan.pruner is not None and plan.n_trials <= STARTUP:
        say(
            f"{plan.n_trials} trials are a smoke test, all of them random: docs/engineer/search.md "
            "says how to search overnight"
        )
    return _settings(best)


def _run_trials(study: optuna.Study, plan: Plan, settings: Settings, tracked: StudyRun) -> None:
    from organode.models.network.backend import device  # imports TensorFlow

    say(f"search {plan.title} {device()}")
    done = len(_counted(study))
    if done:
        say(f"resuming study {study.study_name} after {done} finished trials")
    failures = 0
    with bar(f"search {plan.title}", plan.n_trials, "trials", done=done) as progress:
        while (now := len(_counted(study))) < plan.n_trials:
            if now + _running(study) >= plan.n_trials:
                time.sleep(PATIENCE)  # other processes run the last trials
                optuna.storages.fail_stale_trials(study)
            else:
                study.optimize(_objective(plan, settings.seed), n_trials=1, catch=(MemoryError,))
                failures = 0 if len(_counted(study)) > now else failures + 1
            _track(study, tracked)
            progress.advance(len(_counted(study)) - now, note=_best_note(study))
            if failures == MOST_FAILURES:
                raise OrganodeError(
                    f"{failures} trials in a row ran out of memory: use smaller search.n_bits and "
                    "search.widths, or fewer molecules"
                )


def _name(plan: Plan, seed: int) -> str:
    code = code_digest("organode.search.space")
    content = json.dumps(
        [plan.title, seed, plan.space, plan.epochs, code, plan.data.digest()], sort_keys=True
    )
    return f"{plan.title}-{hashlib.sha256(content.encode()).hexdigest()[:12]}"


def _study(plan: Plan, settings: Settings) -> optuna.Study:
    """Load or create the study of a plan; if the study is new, queue the plan's first trials."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)  # heartbeat
    if settings.search.storage == Search.model_fields["storage"].default:
        (project_folder() / ".organode").mkdir(exist_ok=True)
    storage = _storage(resolved_address(settings.search.storage))
    name = _name(plan, settings.seed)
    pruner = plan.pruner or optuna.pruners.NopPruner()
    sampler = SeededByTrial(settings.seed)
    try:
        study = optuna.create_study(
            storage=storage, study_name=name, direction="minimize", pruner=pruner, sampler=sampler
        )
    except optuna.exceptions.DuplicatedStudyError:
        study = optuna.load_study(storage=storage, study_name=name, pruner=pruner, sampler=sampler)
        end = time.monotonic() + BEGINNING
        while "uid" not in study.user_attrs and time.monotonic() < end:
            time.sleep(0.1)  # another process has just created the study and runs the lines below
    if "uid" not in study.user_attrs:
        queued = {trial.user_attrs.get("first") for trial in study.get_trials(deepcopy=False)}
        for number, parameters in enumerate(plan.first):
            if number not in queued:  # else a process queued it, and was killed before the end
                study.enqueue_trial(parameters, user_attrs={"first": number})
        # MLflow's run has this id: a study that is deleted and created again gets a new run.
        study.set_user_attr("uid", uuid4().hex)
    return study


def _storage(address: str) -> optuna.storages.RDBStorage:
    try:
        with database_lock(address):
            return optuna.storages.RDBStorage(
                address,
                heartbeat_interval=HEARTBEAT,
                grace_period=3 * HEARTBEAT,
                heartbeat_stale_trial_callback=optuna.storages.RetryHeartbeatStaleTrialCallback(),
            )
    except OrganodeError:
        raise
    except Exception as error:  # from SQLAlchemy, a missing driver, or the database
        reason = without_password(" ".join(str(error).split()))[:200]
        raise explained(error, without_password(address)) or OrganodeError(
            f"search.storage = {without_password(address)} cannot be used ({reason}): give an "
            "Optuna storage that can be reached, such as sqlite:///studies.db"
        ) from error


def _objective(plan: Plan, seed: int) -> Callable[[optuna.Trial], float]:
    from organode.models.network.folds import fit_folds  # imports TensorFlow

    def objective(trial: optuna.Trial) -> float:
        network = plan.suggest(trial)
        trial.set_user_attr("settings", network.as_dict())
        twin = _twin(trial)
        if twin is not None:
            return _repeat(trial, twin)
        matrix = plan.data.matrix(plan.data.inputs(network))
        errors: list[float] = []
        # With a pruner, the first fold is trained alone: most poor settings are pruned after it.
        for folds in _groups(plan.n_folds, first_alone=plan.pruner is not None):
            fits = dict(
                fit_folds(
                    network,
                    lambda fold: plan.data.parts(matrix, fold, joint=network.joint),
                    folds,
                    epochs=plan.epochs,
                    seed=seed,
                )
            )
            for fold in folds:
                errors.append(fits[fold].mae)
                trial.report(float(np.mean(errors)), step=fold)
            trial.set_user_attr("fold_maes", errors)
            if len(errors) < plan.n_folds and trial.should_prune():
                raise optuna.TrialPruned
        return float(np.mean(errors))

    return _queued_again(objective)


def _queued_again(objective: Callable[[optuna.Trial], float]) -> Callable[[optuna.Trial], float]:
    """Return an objective that queues a trial's parameters again if the trial is interrupted.

    Optuna itself queues parameters again only if the process of the trial was killed, which Optuna
    notices when the heartbeat of the trial stops.
    """

    def resumable(trial: optuna.Trial) -> float:
        try:
            return objective(trial)
        except (optuna.TrialPruned, MemoryError):  # pruned, or too large for this machine
            raise
        except (Exception, KeyboardInterrupt):
            trial.study.enqueue_trial(trial.params)
            raise

    return resumable


def _groups(n_folds: int, *, first_alone: bool) -> list[range]:
    """Return the numbers of the folds in groups of at most two.

    The folds of a group are trained at the same time. With `first_alone`, the first group has only
    fold 0, so that a trial can be pruned after this fold.
    """
    starts = [*range(int(first_alone), n_folds, PAIR)]
    groups = [range(start, min(start + PAIR, n_folds)) for start in starts]
    return [range(1), *groups] if first_alone else groups


def _twin(trial: optuna.Trial) -> FrozenTrial | None:
    """Return a completed or pruned trial of the study with the same parameters, or None."""
    for other in trial.study.get_trials(deepcopy=False, states=COUNTED):
        if other.params == trial.params:
            return other
    return None


def _repeat(trial: optuna.Trial, twin: FrozenTrial) -> float:
    """Return the MAE (eV) of `twin`, a finished trial with the same parameters as `trial`.

    This saves the training. The errors of the folds of `twin` are copied to `trial`. If `twin` was
    pruned, `trial` is pruned too.
    """
    trial.set_user_attr("same_as", twin.number)
    trial.set_user_attr("fold_maes", twin.user_attrs["fold_maes"])
    for fold, value in twin.intermediate_values.items():
        trial.report(value, step=fold)
    if twin.state == TrialState.PRUNED:
        raise optuna.TrialPruned
    return float(twin.values[0])


def _counted(study: optuna.Study) -> list[FrozenTrial]:
    """Return the completed and pruned trials of a study, without failed or interrupted trials."""
    return list(study.get_trials(deepcopy=False, states=COUNTED))


def _running(study: optuna.Study) -> int:
    """Return the number of running trials of a study.

    This process calls it between its own trials, so that these trials run in other processes.
    """
    return len(study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)))


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
