"""The stage `search`: find the best network settings by an Optuna study, which can be resumed."""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any
from uuid import uuid4

import optuna
import yaml
from optuna.trial import FrozenTrial, TrialState

from organode.artifacts import best_path
from organode.errors import OrganodeError, without_password
from organode.models.network.network import NetworkSettings
from organode.models.training_data import Labelled
from organode.search import figures
from organode.search.attributes import FIXED, FOLD_MAES, ROW_ERRORS, SETTINGS
from organode.search.draws import queue_again
from organode.search.objective import objective
from organode.search.paired import Comparison, compare, unpack
from organode.search.plan import Plan, Preset, make_plan
from organode.search.sampler import STARTUP, SeededByDraw
from organode.settings import Search, Settings
from organode.tracking.databases import database_lock, project_folder, resolved_address
from organode.tracking.study_run import StudyRun
from organode.utils.code import code_digest
from organode.utils.files import replacing
from organode.utils.progress import bar, say
from organode.utils.resources import explained

FINISHED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)
RUNNING = (TrialState.RUNNING,)
COUNTED = (TrialState.COMPLETE, TrialState.PRUNED)  # towards the requested number of trials
MOST_FAILURES = 5  # trials in a row that run out of memory, before the search gives up
HEARTBEAT = 10  # seconds between two heartbeats of a trial
GRACE = 30  # seconds; a trial without a heartbeat for so long has died
BEGINNING = 60.0  # seconds to wait for the process that created a study to give it an id
PATIENCE = 1.0  # seconds between checks of the trials of other processes


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
    preset : {'thesis', 'nightly'}, optional
        ``thesis`` compares the 25 network settings of the 2020 thesis that the project began with,
        by 2-fold cross-validation as in the thesis. ``nightly`` has 100 trials, each on all folds
        and with the epochs of the final training. If omitted, the settings say how much is tried.
    epochs : int, optional
        Number of epochs of each training; by default the setting `search.epochs`, or the number of
        the preset.

    Returns
    -------
    NetworkSettings
        Settings of the completed trial with the smallest mean validation MAE; or the fixed settings
        `organode.search.space.STRONG`, unless that trial is better with 95 % confidence.

    Raises
    ------
    OrganodeError
        If the MLflow server or the storage cannot be reached at the start; if the MLflow server
        cannot be reached at the end (the YAML file is written by then, and the same command logs
        the rest to MLflow); if five trials in a row run out of memory; or if no trial completed.
    """
    plan = make_plan(target, settings, Labelled.read(target), preset, epochs)
    study = _study(plan, settings)
    tracked = StudyRun.open(target, study.study_name, study.user_attrs["uid"], plan)
    _track(study, tracked)
    _run_trials(study, plan, settings, tracked)
    # The study may have more trials than requested now: the result must not depend on them.
    counted = sorted(_counted(study), key=lambda trial: trial.number)[: plan.n_trials]
    complete = [trial for trial in counted if trial.state == TrialState.COMPLETE]
    if not complete:
        raise OrganodeError(f"none of the {plan.n_trials} trials completed: raise search.n_trials")
    chosen, comparison = _choose(complete)
    _write_best(best_path(target, preset), chosen, comparison, len(counted))
    with tempfile.TemporaryDirectory() as folder:
        figures.draw(study, plan.title, plan.epochs, Path(folder))
        finished = study.get_trials(deepcopy=False, states=FINISHED)
        tracked.finish(finished, complete, chosen, comparison, plan, Path(folder))
    if plan.pruner is not None and plan.n_trials <= STARTUP:
        say(
            f"{plan.n_trials} trials are a smoke test, all of them random: docs/engineer/search.md "
            "says how to search longer"
        )
    return _settings(chosen)


def _choose(complete: list[FrozenTrial]) -> tuple[FrozenTrial, Comparison | None]:
    """Return the trial whose settings are used, and the best trial's comparison with the fixed one.

    The fixed settings have worked well for all tables of labels. The best one of many other trials
    is partly lucky: it is used only if it is better than the fixed settings with 95 % confidence.
    """
    fixed = next((trial for trial in complete if FIXED in trial.user_attrs), None)
    others = [trial for trial in complete if trial is not fixed]
    best = min(others, key=lambda trial: float(trial.values[0]), default=None)
    if fixed is None:  # they ran out of memory, or the preset has none
        return best or complete[0], None
    if best is None:
        say("no other trial came near the fixed settings: these will be trained")
        return fixed, None
    comparison = compare(*(unpack(trial.user_attrs[ROW_ERRORS]) for trial in (best, fixed)))
    chosen, name = (best, "best trial") if comparison.is_better else (fixed, "fixed settings")
    say(
        "error of the best trial less that of the fixed settings: "
        f"{comparison.in_words()}; the {name} will be trained"
    )
    return chosen, comparison


def _run_trials(study: optuna.Study, plan: Plan, settings: Settings, tracked: StudyRun) -> None:
    from organode.models.network.backend import device  # imports TensorFlow

    say(f"search {plan.title} {device()}")
    _await_earlier(study)
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
                study.optimize(objective(plan, settings.seed), n_trials=1, catch=(MemoryError,))
                failures = 0 if len(_counted(study)) > now else failures + 1
            _track(study, tracked)
            progress.advance(len(_counted(study)) - now, note=_best_note(study))
            if failures == MOST_FAILURES:
                raise OrganodeError(
                    f"{failures} trials in a row ran out of memory: use smaller search.n_bits and "
                    "search.widths, or fewer molecules"
                )


def _await_earlier(study: optuna.Study) -> None:
    """Wait until each trial that is running now has ended, or is known to be alive.

    A trial whose process was killed is run again before any other trial, so that a search that was
    killed ends like a search that ran through.
    """
    running = {trial.number for trial in study.get_trials(deepcopy=False, states=RUNNING)}
    if not running:
        return
    say(f"{len(running)} trials run in other processes, or their process was killed: waiting")
    end = time.monotonic() + GRACE + HEARTBEAT
    while time.monotonic() < end:
        optuna.storages.fail_stale_trials(study)
        if not running & {each.number for each in study.get_trials(deepcopy=False, states=RUNNING)}:
            return
        time.sleep(PATIENCE)


def _name(plan: Plan, seed: int) -> str:
    code = code_digest("organode.search.objective", "organode.search.sampler")
    content = json.dumps(
        [plan.title, seed, plan.space, plan.epochs, code, plan.data.digest()], sort_keys=True
    )
    return f"{plan.title}-{hashlib.sha256(content.encode()).hexdigest()[:12]}"


def _study(plan: Plan, settings: Settings) -> optuna.Study:
    """Load or create the study of a plan."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)  # heartbeat
    if settings.search.storage == Search.model_fields["storage"].default:
        (project_folder() / ".organode").mkdir(exist_ok=True)
    storage = _storage(resolved_address(settings.search.storage))
    name = _name(plan, settings.seed)
    pruner = plan.pruner or optuna.pruners.NopPruner()
    sampler = SeededByDraw(settings.seed, plan.first)
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
        # MLflow's run has this id: a study that is deleted and created again gets a new run.
        study.set_user_attr("uid", uuid4().hex)
    return study


def _storage(address: str) -> optuna.storages.RDBStorage:
    try:
        with database_lock(address):
            return optuna.storages.RDBStorage(
                address,
                heartbeat_interval=HEARTBEAT,
                grace_period=GRACE,
                heartbeat_stale_trial_callback=queue_again,
            )
    except OrganodeError:
        raise
    except Exception as error:  # from SQLAlchemy, a missing driver, or the database
        reason = without_password(" ".join(str(error).split()))[:200]
        raise explained(error, without_password(address)) or OrganodeError(
            f"search.storage = {without_password(address)} cannot be used ({reason}): give an "
            "Optuna storage that can be reached, such as sqlite:///studies.db"
        ) from error


def _counted(study: optuna.Study) -> list[FrozenTrial]:
    """Return the completed and pruned trials of a study, without failed or interrupted trials."""
    return list(study.get_trials(deepcopy=False, states=COUNTED))


def _running(study: optuna.Study) -> int:
    """Return the number of running trials of a study.

    This process calls it between its own trials, so that these trials run in other processes.
    """
    return len(study.get_trials(deepcopy=False, states=RUNNING))


def _track(study: optuna.Study, tracked: StudyRun) -> None:
    tracked.log_trials(study.get_trials(deepcopy=False, states=FINISHED))


def _settings(trial: FrozenTrial) -> NetworkSettings:
    return NetworkSettings.from_dict(trial.user_attrs[SETTINGS])


def _best_note(study: optuna.Study) -> str:
    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    return f"best MAE {study.best_value:.3f} eV" if complete else ""


def _write_best(
    path: Path, chosen: FrozenTrial, comparison: Comparison | None, trials: int
) -> None:
    content: dict[str, Any] = {
        "settings": _settings(chosen).as_dict(),
        "mean_fold_mae": round(float(chosen.values[0]), 6),
        "fold_maes": [round(mae, 6) for mae in chosen.user_attrs[FOLD_MAES]],
        "trials": trials,
    }
    if comparison is not None:
        content["against_fixed"] = comparison.as_dict()
    with replacing(path) as temporary:
        temporary.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
