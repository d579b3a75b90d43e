"""Log hyperparameter searches in MLflow: one run for each Optuna study and each finished trial.

The runs of trials are child runs of their study's run. Several processes may work on one study, and
each process logs every trial that MLflow lacks: the process that ran a trial may have died, or the
store may have failed when the trial was logged. MLflow has no lock that processes on several
machines could share, and allows several runs with the same name. So two processes may create a run
of the same trial, or of the study, at the same time. These rules leave a single run of each trial
and study (for a study, rule 1 alone applies):

1. A process creates a run of a trial, then searches for all runs of that trial. The run with the
   smallest id stays; a process that created another run deletes that other run (`_keep_first`).
2. The process then logs metrics and, last, sets the run's status: a run whose status is not
   RUNNING is fully written.
3. A run that is not fully written is left to the process that created it for `WRITING_TIME` seconds
   after the trial's end. Later, or at the end of the search, any process completes the run. Writing
   twice does no harm: MLflow keeps equal parameters and metrics once.
4. At the end of the search, `StudyRun.finish` logs missing trials and deletes duplicate runs.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from organode.models.network.network import NetworkSettings
from organode.tracking.provenance import TAG, log_curated_table, provenance_tags
from organode.tracking.runs import (
    HEADLINE,
    cost_metrics,
    network_parameters,
    open_experiment,
    parent_tags,
)
from organode.tracking.store import connect, failure, reason_of, store_failures
from organode.utils.progress import say

if TYPE_CHECKING:
    import optuna
    from mlflow import MlflowClient
    from mlflow.entities import Run

    from organode.search.paired import Comparison
    from organode.search.plan import Plan

WRITING_TIME = 60.0  # seconds after a trial's end in which another process may be writing its run
SETTLING_TIME = 1.0  # seconds in which processes that start one study at once see each other's runs
RETRY_AFTER = 60.0  # seconds in which a store that failed is not asked again
OBJECTIVE = f"{HEADLINE}/mean_fold_mae"
# MLflow's status for each state of a trial; its list of runs shows each status as another mark.
STATUS = {"complete": "FINISHED", "pruned": "KILLED", "fail": "FAILED"}


@dataclass
class StudyRun:
    """The MLflow run of one Optuna study, the parent of the runs of that study's trials.

    Attributes
    ----------
    client : MlflowClient
        Client of the MLflow store.
    experiment, run_id : str
        Ids of the experiment and of the study's run.
    study : str
        The study's name in Optuna's storage.
    logged : set of int
        Numbers of the trials whose runs are known to be fully written.
    retry_at : float
        Time by `time.monotonic`, in s, before which a store that failed gets no request.
    """

    client: MlflowClient
    experiment: str
    run_id: str
    study: str
    logged: set[int] = field(default_factory=set)
    retry_at: float = 0.0

    @classmethod
    @store_failures()
    def open(cls, target: str, study: str, identity: str, plan: Plan) -> StudyRun:
        """Return the run of a study; create a run if MLflow has no run of the study.

        Parameters
        ----------
        target, study : str
            ``IE`` or ``EA``, and the study's name in Optuna's storage.
        identity : str
            The study's unique id: a study that is deleted and created again with the same name has
            a new id.
        plan : Plan
            The study's search space, number of trials, folds and epochs.
        """
        client = connect()
        experiment = open_experiment(
            client,
            f"organode-{target}-search",
            f"Hyperparameter searches for {target}: a run for each study, its trials below it. "
            f"`{OBJECTIVE}` (eV) is what the search minimises: of a trial, where all folds were "
            "trained; of a study, the best so far. A pruned trial has none; its status is KILLED, "
            "its name says pruned. `fold/mae` has one step a fold, trained with as many epochs as "
            f"the tag `{TAG}epochs` says; `rung/mae`, of fold 0, has one step a number of epochs.",
        )
        condition = f"tags.`{TAG}study` = '{identity}'"
        known = client.search_runs([experiment], condition)
        if known:
            run_id = min(run.info.run_id for run in known)
            client.update_run(run_id, status="RUNNING")
            study_run = cls(client, experiment, run_id, study)
            study_run.logged = _written_trials(study_run._trial_runs())
            return study_run
        tags = {
            f"{TAG}study": identity,
            f"{TAG}stage": "search",
            f"{TAG}target": target,
            "mlflow.note.content": _description(study, plan),
        }
        run = client.create_run(
            experiment, run_name=study, tags=provenance_tags() | parent_tags(client) | tags
        )
        time.sleep(SETTLING_TIME)
        run_id = _keep_first(client, experiment, condition, run.info.run_id)
        if run_id == run.info.run_id:
            _log_plan(client, run_id, plan)
            log_curated_table(client, run_id, [target])
        return cls(client, experiment, run_id, study)

    def _trial_runs(self) -> dict[int, list[Run]]:
        """Return each trial's runs, mostly one, by trial number; fully written runs come first."""
        runs_of: dict[int, list[Run]] = {}
        token = None
        while True:
            page = self.client.search_runs(
                [self.experiment],
                f"tags.`mlflow.parentRunId` = '{self.run_id}'",
                max_results=1000,
                page_token=token,
            )
            for run in page:
                number = run.data.tags.get(f"{TAG}trial")
                if number is not None:  # a run that a user put below the study has no number
                    runs_of.setdefault(int(number), []).append(run)
            token = page.token
            if not token:
                break
        return {number: sorted(runs, key=_written_first) for number, runs in runs_of.items()}

    def log_trials(self, trials: list[optuna.trial.FrozenTrial]) -> None:
        """Log those of the given finished trials that MLflow lacks.

        If the store fails, a message is printed and no exception raised, since Optuna's storage
        keeps the trials. A call at least `RETRY_AFTER` seconds later logs the missing trials.
        """
        if time.monotonic() < self.retry_at:
            return
        try:
            self._log_missing(trials, WRITING_TIME)
        except Exception as error:  # whatever MLflow's transport raised
            self.retry_at = time.monotonic() + RETRY_AFTER
            say(f"the MLflow store failed ({reason_of(error)}): trials are logged later")

    def _log_missing(self, trials: list[optuna.trial.FrozenTrial], writing_time: float) -> None:
        """Log those of the given trials that are not known to be in MLflow.

        A run that is not fully written is left to the process that created it until `writing_time`
        seconds after the trial's end; after that, the run is completed here.
        """
        for trial in trials:
            if trial.number in self.logged:
                continue
            runs = self.client.search_runs([self.experiment], self._condition(trial.number))
            if not runs:
                self._log_trial(trial)
                continue
            first = min(runs, key=_written_first)
            if not _is_written(first):
                if time.time() - trial.datetime_complete.timestamp() < writing_time:
                    continue
                self._complete_trial(first.info.run_id, trial)
            self.logged.add(trial.number)

    def _condition(self, number: int) -> str:
        """Return the filter by which MLflow finds the runs of the trial with this number."""
        trial = f"tags.`{TAG}trial` = '{number}'"
        return f"tags.`mlflow.parentRunId` = '{self.run_id}' and {trial}"

    def _log_trial(self, trial: optuna.trial.FrozenTrial) -> None:
        """Create a trial's run; fill it, or delete it if another run has a smaller id."""
        state = _state(trial)
        suffix = "" if state == "complete" else f" ({state})"
        run = self.client.create_run(
            self.experiment,
            start_time=_start(trial),
            run_name=f"trial {trial.number}{suffix} of {self.study}",
            tags={
                "mlflow.parentRunId": self.run_id,
                f"{TAG}stage": "trial",
                f"{TAG}trial": str(trial.number),
                f"{TAG}state": state,
            },
        )
        run_id = run.info.run_id
        condition = self._condition(trial.number)
        if _keep_first(self.client, self.experiment, condition, run_id) == run_id:
            self._complete_trial(run_id, trial)
            self.logged.add(trial.number)

    def _complete_trial(self, run_id: str, trial: optuna.trial.FrozenTrial) -> None:
        """Log a trial's settings, time (s) and MAE of each fold (eV) in its run; end the run.

        The MAE of fold 0 is logged for each number of epochs with which it was trained. If all
        folds were trained, mean and standard deviation of the MAE are logged too.
        """
        from mlflow.entities import Metric, Param, RunTag

        start, end, state = _start(trial), _end(trial), _state(trial)
        errors = trial.user_attrs.get("fold_maes", [])
        epochs = trial.user_attrs.get("epochs", 0)
        metrics = [Metric("fold/mae", mae, end, fold) for fold, mae in enumerate(errors)]
        metrics += [
            Metric("rung/mae", mae, end, step)
            for step, mae in trial.intermediate_values.items()
            if step <= epochs  # later steps are those of the further folds
        ]
        metrics.append(Metric("cost/seconds", (end - start) / 1000, end, 0))
        if state == "complete":
            metrics.append(Metric(OBJECTIVE, float(trial.values[0]), end, 0))
            metrics.append(Metric("fold/sd_mae", float(np.std(errors)), end, 0))
        parameters = _parameters(trial) if "settings" in trial.user_attrs else {}
        self.client.log_batch(
            run_id,
            metrics,
            [Param(key, str(value)) for key, value in parameters.items()],
            [
                RunTag(f"{TAG}folds", str(len(errors))),
                RunTag(f"{TAG}epochs", str(epochs)),
            ],
        )
        self.client.set_terminated(run_id, STATUS[state], end)

    def finish(
        self,
        finished: list[optuna.trial.FrozenTrial],
        complete: list[optuna.trial.FrozenTrial],
        chosen: optuna.trial.FrozenTrial,
        comparison: Comparison | None,
        plan: Plan,
        figures: Path,
    ) -> None:
        """Log the study's result, progress and figures, and the trials that MLflow lacks.

        The chosen settings become tags and part of the description, not parameters: parameters in
        MLflow cannot change, and a study that is resumed may find better settings.

        Parameters
        ----------
        finished : list of optuna.trial.FrozenTrial
            All trials that have ended: complete, pruned or failed.
        complete : list of optuna.trial.FrozenTrial
            Trials in which all folds were trained, sorted by number; `chosen` is one of these.
        chosen : optuna.trial.FrozenTrial
            The trial whose settings are the result of the search.
        comparison : Comparison or None
            How the best trial's errors compare with those of the fixed settings; None if they were
            not compared.
        plan : Plan
            The study's search space, number of trials, folds and epochs.
        figures : Path
            Folder with the study's figures.

        Raises
        ------
        OrganodeError
            If the MLflow store fails; the run of the study then stays incomplete.
        """
        from mlflow.entities import RunTag

        states = Counter(_state(trial) for trial in finished)
        tags = {f"best.{key}": str(value) for key, value in _parameters(chosen).items()}
        tags["mlflow.note.content"] = _description(self.study, plan) + _result(
            chosen, states, comparison
        )
        metrics = _study_metrics(finished, complete, comparison)
        try:
            self.logged = _written_trials(self._trial_runs())  # by other processes, too
            self._log_missing(finished, writing_time=0)
            for _, *duplicates in self._trial_runs().values():
                for duplicate in duplicates:
                    _delete(self.client, duplicate.info.run_id)
            self.client.log_batch(
                self.run_id, metrics, tags=[RunTag(key, value) for key, value in tags.items()]
            )
            self.client.log_artifacts(self.run_id, str(figures), "figures")
            self.client.set_terminated(self.run_id)
        except Exception as error:  # whatever MLflow's transport raised
            raise failure(error) from error


def _log_plan(client: MlflowClient, run_id: str, plan: Plan) -> None:
    """Log the search space, and folds and epochs of each trial, as parameters of a study's run.

    The number of trials is left out: it may grow later, and parameters in MLflow cannot change.
    """
    from mlflow.entities import Param

    parameters = {"epochs": plan.epochs, "n_folds": plan.n_folds} | plan.space
    client.log_batch(
        run_id, params=[Param(f"search.{key}", str(value)) for key, value in parameters.items()]
    )


def _study_metrics(
    finished: list[optuna.trial.FrozenTrial],
    complete: list[optuna.trial.FrozenTrial],
    comparison: Comparison | None,
) -> list[Any]:
    """Return metrics: lowest MAE (eV) up to each trial, trials by state, time and memory used.

    With a comparison, its numbers (eV) are metrics too.
    """
    from mlflow.entities import Metric

    now = int(time.time() * 1000)
    best_so_far = np.minimum.accumulate([trial.values[0] for trial in complete])
    metrics = [
        Metric(OBJECTIVE, float(value), now, trial.number)
        for trial, value in zip(complete, best_so_far, strict=True)
    ]
    states = Counter(_state(trial) for trial in finished)
    metrics += [Metric(f"trials/{state}", states[state], now, 0) for state in STATUS]
    against = comparison.as_dict() if comparison else {}
    metrics += [Metric(f"against_fixed/{name}", value, now, 0) for name, value in against.items()]
    # The time of all trials, whichever process or earlier command ran them, without failed trials:
    # their process may have been dead for long before that was noticed.
    durations = [_end(trial) - _start(trial) for trial in finished if _state(trial) != "fail"]
    return metrics + cost_metrics("search", sum(durations) / 1000)


def _description(study: str, plan: Plan) -> str:
    return f"Optuna study **{study}**: {plan.n_folds} folds a trial, {plan.epochs} epochs a fold."


def _result(
    chosen: optuna.trial.FrozenTrial, states: Mapping[str, int], comparison: Comparison | None
) -> str:
    """Return a Markdown text: trials by state, why the chosen trial was chosen, its settings."""
    counts = ", ".join(f"{states[state]} {state}" for state in STATUS if states[state])
    against = (
        f"The best trial's error less that of the fixed settings is {comparison.in_words()}. "
        if comparison
        else ""
    )
    rows = "\n".join(f"| {key} | {value} |" for key, value in _parameters(chosen).items())
    return (
        f"\n\nTrials: {counts}. {against}The settings of trial {chosen.number} are used; its mean "
        f"validation MAE is {float(chosen.values[0]):.4f} eV:\n\n"
        f"| setting | value |\n|---|---|\n{rows}\n"
    )


def _parameters(trial: optuna.trial.FrozenTrial) -> dict[str, Any]:
    return network_parameters(NetworkSettings.from_dict(trial.user_attrs["settings"]))


def _state(trial: optuna.trial.FrozenTrial) -> str:
    return str(trial.state.name.lower())


def _start(trial: optuna.trial.FrozenTrial) -> int:
    """Return when a trial started, in milliseconds since 1970, as MLflow counts."""
    return int((trial.datetime_start or trial.datetime_complete).timestamp() * 1000)


def _end(trial: optuna.trial.FrozenTrial) -> int:
    """Return when a trial ended, in milliseconds since 1970, as MLflow counts."""
    return int(trial.datetime_complete.timestamp() * 1000)


def _is_written(run: Run) -> bool:
    """Tell whether a trial's run is fully written, so that its status is no longer RUNNING."""
    return bool(run.info.status != "RUNNING")


def _written_first(run: Run) -> tuple[bool, str]:
    """Return a sort key for runs: first by whether a run is fully written, then by its id."""
    return not _is_written(run), run.info.run_id


def _written_trials(runs_of: dict[int, list[Run]]) -> set[int]:
    """Return the numbers of the trials that have a fully written run."""
    return {number for number, (first, *_) in runs_of.items() if _is_written(first)}


def _keep_first(client: MlflowClient, experiment: str, condition: str, created: str) -> str:
    """Return the smallest id of the runs that match a filter; delete `created` if its id differs.

    Two runs stay if a process searched before the run of another process existed.
    `StudyRun.finish` deletes the second run of a trial.

    Parameters
    ----------
    client, experiment
        MLflow's client, and the id of the experiment.
    condition : str
        MLflow's filter for all runs of one trial or study.
    created : str
        Id of the run that this process has just created; it matches the filter.
    """
    first = min(run.info.run_id for run in client.search_runs([experiment], condition))
    if first != created:
        _delete(client, created)
    return str(first)


def _delete(client: MlflowClient, run_id: str) -> None:
    """Delete a run, unless another process has just deleted it."""
    from mlflow.exceptions import MlflowException

    try:
        client.delete_run(run_id)
    except MlflowException:
        if client.get_run(run_id).info.lifecycle_stage != "deleted":
            raise
