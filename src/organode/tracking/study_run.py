"""The MLflow runs of searches: one for each study and, below it, one for each finished trial."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from organode.models.network.network import NetworkSettings
from organode.tracking import client as tracking
from organode.tracking.client import TAG
from organode.utils.progress import say

if TYPE_CHECKING:
    import optuna
    from mlflow import MlflowClient
    from mlflow.entities import Run

    from organode.search.plan import Plan

AT_IT = 60.0  # seconds after a trial's end in which another process may be logging it
SETTLE = 1.0  # seconds in which processes that start one study at once see each other
PAUSE = 60.0  # seconds in which a store that did not answer is left alone
OBJECTIVE = f"{tracking.HEADLINE}/mean_fold_mae"
# What MLflow's list of runs shows of a trial: a mark of its own for each state.
STATUS = {"complete": "FINISHED", "pruned": "KILLED", "fail": "FAILED"}


@dataclass
class StudyRun:
    """One study's run and, below it, one run a finished trial."""

    client: MlflowClient
    experiment: str
    run_id: str
    study: str
    logged: set[int] = field(default_factory=set)
    again_at: float = 0.0  # of the monotonic clock; until then the store is not asked again

    @classmethod
    @tracking.store_failures()
    def open(cls, target: str, study: str, identity: str, plan: Plan) -> StudyRun:
        """Find the study's run, or start it.

        Parameters
        ----------
        target, study : str
            What is searched for, and the study's name in Optuna's storage.
        identity : str
            Of the study, which a study made anew by the same name does not share.
        plan : Plan
            What is done.
        """
        from mlflow.entities import Param

        client = tracking.connect()
        experiment = tracking.open_experiment(
            client,
            f"organode-{target}-search",
            f"Hyperparameter searches for {target}: a run for each study, its trials below it. "
            f"`{OBJECTIVE}` (eV) is what the search minimises: of a trial that learned all folds, "
            "and the best so far of a study. A trial that was given up has none; its status is "
            "KILLED, its name says pruned. `fold/mae` has one step a fold.",
        )
        condition = f"tags.`{TAG}study` = '{identity}'"
        found = client.search_runs([experiment], condition)
        if found:
            run_id = min(run.info.run_id for run in found)
            client.update_run(run_id, status="RUNNING")
            self = cls(client, experiment, run_id, study)
            self.logged = _whole_trials(self._trial_runs())
            return self
        run = client.create_run(
            experiment,
            run_name=study,
            tags=tracking.provenance() | tracking.outer_run(client) | {
                f"{TAG}study": identity,
                f"{TAG}stage": "search",
                f"{TAG}target": target,
                "mlflow.note.content": _about(study, plan.n_folds, plan.epochs),
            },
        )  # fmt: skip
        time.sleep(SETTLE)
        run_id = _keep_one(client, experiment, condition, run.info.run_id)
        if run_id == run.info.run_id:
            # What makes the study this one; the number of trials may grow.
            known = {"epochs": plan.epochs, "n_folds": plan.n_folds} | plan.space
            client.log_batch(
                run_id, params=[Param(f"search.{key}", str(value)) for key, value in known.items()]
            )
            tracking.log_dataset(client, run_id, [target])
        return cls(client, experiment, run_id, study)

    def _trial_runs(self) -> dict[int, list[Run]]:
        """Return each trial's runs, one of them in the end; whole ones first."""
        found: dict[int, list[Run]] = {}
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
                if number is not None:  # not a run that a user put below the study
                    found.setdefault(int(number), []).append(run)
            token = page.token
            if not token:
                return {number: sorted(runs, key=_whole_first) for number, runs in found.items()}

    def log_trials(self, trials: list[optuna.trial.FrozenTrial]) -> None:
        """Log every trial that is not in MLflow yet.

        A store that does not answer now gets them at the next call: the study itself is safe
        in Optuna's storage.
        """
        if time.monotonic() < self.again_at:
            return
        try:
            self._log_missing(trials, AT_IT)
        except Exception as error:  # whatever MLflow's transport raised
            self.again_at = time.monotonic() + PAUSE
            say(f"the MLflow store failed ({tracking.reason(error)}): trials are logged later")

    def _log_missing(self, trials: list[optuna.trial.FrozenTrial], at_it: float) -> None:
        """Log trials that are not known to be in MLflow.

        Where a run was begun and is not whole, another process is still writing it, up to `at_it`
        seconds after the trial's end; after that its writer, or the store, has died.
        """
        for trial in trials:
            if trial.number in self.logged:
                continue
            begun = self.client.search_runs([self.experiment], self._is_trial(trial.number))
            if not begun:
                self._log_trial(trial)
                continue
            first = min(begun, key=_whole_first)
            if not _is_whole(first):
                if time.time() - trial.datetime_complete.timestamp() < at_it:
                    continue
                self._complete_trial(first.info.run_id, trial)
            self.logged.add(trial.number)

    def _is_trial(self, number: int) -> str:
        trial = f"tags.`{TAG}trial` = '{number}'"
        return f"tags.`mlflow.parentRunId` = '{self.run_id}' and {trial}"

    def _log_trial(self, trial: optuna.trial.FrozenTrial) -> None:
        state = _state(trial)
        run = self.client.create_run(
            self.experiment,
            start_time=_begin(trial),
            run_name=f"trial {trial.number}{f' ({state})' * (state != 'complete')} of {self.study}",
            tags={
                "mlflow.parentRunId": self.run_id,
                f"{TAG}stage": "trial",
                f"{TAG}trial": str(trial.number),
                f"{TAG}state": state,
            },
        )
        run_id = run.info.run_id
        condition = self._is_trial(trial.number)
        if _keep_one(self.client, self.experiment, condition, run_id) == run_id:
            self._complete_trial(run_id, trial)
            self.logged.add(trial.number)

    def _complete_trial(self, run_id: str, trial: optuna.trial.FrozenTrial) -> None:
        """Log a trial's settings, the error of each fold and, where it learned all, the mean."""
        from mlflow.entities import Metric, Param, RunTag

        begun, ended, state = _begin(trial), _end(trial), _state(trial)
        errors = trial.user_attrs.get("fold_maes", [])
        metrics = [Metric("fold/mae", mae, ended, fold) for fold, mae in enumerate(errors)]
        metrics.append(Metric("cost/seconds", (ended - begun) / 1000, ended, 0))
        if state == "complete":
            metrics.append(Metric(OBJECTIVE, float(trial.values[0]), ended, 0))
            metrics.append(Metric("fold/sd_mae", float(np.std(errors)), ended, 0))
        settings = trial.user_attrs.get("settings")
        parameters = (
            tracking.network_parameters(NetworkSettings.from_dict(settings)) if settings else {}
        )
        self.client.log_batch(
            run_id,
            metrics,
            [Param(key, str(value)) for key, value in parameters.items()],
            [RunTag(f"{TAG}folds", str(len(errors)))],
        )
        self.client.set_terminated(run_id, STATUS[state], ended)

    def finish(
        self,
        finished: list[optuna.trial.FrozenTrial],
        complete: list[optuna.trial.FrozenTrial],
        best: optuna.trial.FrozenTrial,
        plan: Plan,
        figures: Path,
    ) -> None:
        """Log what is missing of the trials, the study's result, its progress and its figures.

        The best setting stands in the run's description and in tags: a study that is continued may
        find a better one, and MLflow's parameters cannot change.

        Parameters
        ----------
        finished, complete : list of optuna.trial.FrozenTrial
            All trials that have ended, and those that count and learned all folds.
        best : optuna.trial.FrozenTrial
            Of the latter.
        plan : Plan
            What was done.
        figures : Path
            Their folder.

        Raises
        ------
        OrganodeError
            If the store does not answer: the study is not complete in it.
        """
        from mlflow.entities import Metric, RunTag

        now = int(time.time() * 1000)
        so_far = np.minimum.accumulate([trial.values[0] for trial in complete])
        metrics = [
            Metric(OBJECTIVE, float(value), now, trial.number)
            for trial, value in zip(complete, so_far, strict=True)
        ]
        states = Counter(_state(trial) for trial in finished)
        metrics += [Metric(f"trials/{name}", states[name], now, 0) for name in STATUS]
        # Of all processes and starts; one that failed may have been dead for a while.
        lived = [trial for trial in finished if _state(trial) != "fail"]
        seconds = sum(_end(trial) - _begin(trial) for trial in lived) / 1000
        metrics += tracking.cost("search", seconds)
        chosen = tracking.network_parameters(NetworkSettings.from_dict(best.user_attrs["settings"]))
        about = _about(self.study, plan.n_folds, plan.epochs) + _result(best, chosen, states)
        tags = {f"best.{key}": str(value) for key, value in chosen.items()}
        tags["mlflow.note.content"] = about
        try:
            self.logged = _whole_trials(self._trial_runs())  # others may have logged some
            self._log_missing(finished, at_it=0)
            for _, *others in self._trial_runs().values():
                for other in others:
                    _delete(self.client, other.info.run_id)
            self.client.log_batch(
                self.run_id, metrics, tags=[RunTag(key, value) for key, value in tags.items()]
            )
            self.client.log_artifacts(self.run_id, str(figures), "figures")
            self.client.set_terminated(self.run_id)
        except Exception as error:  # whatever MLflow's transport raised
            raise tracking.failure(error) from error


def _about(study: str, n_folds: int, epochs: int) -> str:
    return f"Optuna study **{study}**: {n_folds} folds a trial, {epochs} epochs a fold."


def _result(
    best: optuna.trial.FrozenTrial, chosen: Mapping[str, Any], states: Mapping[str, int]
) -> str:
    """Return the best setting, and how many trials ended how, in Markdown."""
    counts = ", ".join(f"{states[name]} {name}" for name in STATUS if states[name])
    rows = "\n".join(f"| {key} | {value} |" for key, value in chosen.items())
    return (
        f"\n\nTrials: {counts}. The best, trial {best.number}, has a mean validation MAE of "
        f"{float(best.values[0]):.4f} eV:\n\n| setting | value |\n|---|---|\n{rows}\n"
    )


def _state(trial: optuna.trial.FrozenTrial) -> str:
    return str(trial.state.name.lower())


def _begin(trial: optuna.trial.FrozenTrial) -> int:
    """Return when a trial began, in milliseconds."""
    return int((trial.datetime_start or trial.datetime_complete).timestamp() * 1000)


def _end(trial: optuna.trial.FrozenTrial) -> int:
    """Return when a trial ended, in milliseconds."""
    return int(trial.datetime_complete.timestamp() * 1000)


def _whole_first(run: Run) -> tuple[bool, str]:
    """Return a key that sorts runs in the same way for every process."""
    return not _is_whole(run), run.info.run_id


def _whole_trials(runs: dict[int, list[Run]]) -> set[int]:
    """Return the trials whose first run is whole."""
    return {number for number, (first, *_) in runs.items() if _is_whole(first)}


def _is_whole(run: Run) -> bool:
    """Tell whether everything that belongs to a trial's run was written."""
    return bool(run.info.status != "RUNNING")


def _keep_one(client: MlflowClient, experiment: str, condition: str, mine: str) -> str:
    """Return the run that stands for something which several processes may log at once.

    Each of them makes a run and looks again; all but one delete theirs. Two stay where one
    process had looked before the other's run was there: `StudyRun.finish` deletes one.
    """
    kept = min(run.info.run_id for run in client.search_runs([experiment], condition))
    if kept != mine:
        _delete(client, mine)
    return str(kept)


def _delete(client: MlflowClient, run_id: str) -> None:
    """Delete a run, unless another process has just done so."""
    from mlflow.exceptions import MlflowException

    try:
        client.delete_run(run_id)
    except MlflowException:
        if client.get_run(run_id).info.lifecycle_stage != "deleted":
            raise
