"""One command at work on a campaign: rounds of select, label, retrain and compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from organode.improve.budget import has_time
from organode.improve.buying import Buying
from organode.improve.clock import Clock
from organode.improve.folder import (
    CHOSEN,
    LABELS,
    LIST,
    MODEL,
    PLAN,
    PROPOSED,
    REMEDY,
    REPORT,
    SUMMARY,
    Campaign,
    Round,
)
from organode.improve.models import known_labels, retrain, write_model
from organode.improve.plan import Plan, Recorder
from organode.improve.pool import Pool
from organode.improve.report import render
from organode.improve.state import State, list_of
from organode.improve.summary import (
    bought,
    certainty,
    changes,
    errors_before,
    gains,
    is_better,
    mean_errors,
)
from organode.models.model import Model
from organode.models.predictor import TargetModel
from organode.screening.criteria.criteria import Criteria
from organode.utils.checksums import read_json
from organode.utils.files import replacing, write_json
from organode.utils.progress import say
from organode.utils.tables import write_csv


@dataclass
class Work:
    """One command at work on a campaign, whose state is all in the campaign's folder.

    Attributes
    ----------
    campaign, clock, plan
        The folder, the time that was spent, and how the campaign is run.
    start : Model
        The model with which the campaign began.
    criteria : Criteria
        What a candidate has to meet.
    pool : Pool
        The molecules on which is decided.
    buying : Buying
        Chooses and computes labels.
    recorder : Recorder
        Records the rounds.
    replay : sequence of str
        SMILES of molecules whose predictions are to stay as they are.
    """

    campaign: Campaign
    clock: Clock
    plan: Plan
    start: Model
    criteria: Criteria
    pool: Pool
    buying: Buying
    recorder: Recorder
    replay: Sequence[str]

    def run(self, given: Path | None) -> dict[str, Any]:
        """Do all rounds that the budget allows, then write report and proposal."""
        finished = self.campaign.finished()
        for done in finished:  # those that the store lacks, after it had failed
            self.recorder.log_round(done.number, done.summary())
        if not finished:
            self.buying.begin(given)
            state = self._finish(self.campaign.round(0), None)
        else:
            latest = finished[-1]
            state = self._state(self._models_of(latest))
            self.campaign.publish(latest)
        while (number := len(self.campaign.finished())) and self._goes_on(number):
            each = self.campaign.round(number)
            if not self.buying.choose(each, state):
                say("no further label is worth its cost: the campaign ends before its budget")
                break
            self.buying.label(each)
            state = self._finish(each, self.campaign.round(number - 1))
        return self._end(state)

    def _goes_on(self, number: int) -> bool:
        """Return whether another round, which would have this number, fits into the budget."""
        if (self.campaign.round(number).folder / CHOSEN).exists():
            return True
        return has_time(self.plan.budget, self.clock.spent, self.campaign.bought())

    def _finish(self, each: Round, before: Round | None) -> State:
        """Retrain with the labels of a round, decide again, and write what it came to."""
        began = self.clock.spent
        labels = each.table(LABELS)
        known = known_labels(self.campaign.labels(each))
        tuned = retrain(self.start.energies, known, self.replay, self.plan.seed)
        facts = {"labels": {target: len(rows) for target, rows in known.items()}}
        write_model(each.folder / MODEL, self.start, tuned.models, "campaign", facts)
        state = self._state(tuned.models, known)
        start = self._errors_of_start(tuned.out_of_fold, known)
        listed = list_of(state, self.pool)
        write_csv(listed, each.folder / LIST)
        number = each.number
        plan = read_json(each.folder / PLAN, REMEDY) if number else None
        summary = {
            "round": number,
            **bought(labels),
            "label_seconds": round(plan["ended"] - plan["began"], 1) if plan else 0.0,
            "retrain_seconds": round(self.clock.spent - began, 1),
            "before": errors_before(labels),
            "start": mean_errors(start),
            "after": mean_errors(tuned.out_of_fold),
            "gain": gains(start, tuned.out_of_fold),
            "labels": facts["labels"],
            "list": changes(before.table(LIST) if before else None, listed, self.criteria.tasks),
            "certainty": certainty(
                {role: each.inside for role, each in state.decisions.items()},
                {role: each.weight for role, each in state.decisions.items()},
            ),
            "spent_seconds": round(self.clock.spent, 1),
        }
        write_json(each.folder / SUMMARY, summary)
        self.campaign.publish(each)
        self.recorder.log_round(number, summary)
        return state

    def _errors_of_start(
        self, out_of_fold: Mapping[str, pd.Series], known: Mapping[str, pd.DataFrame]
    ) -> dict[str, pd.Series]:
        """Return the errors of the start for the molecules whose out-of-fold errors are known."""
        errors: dict[str, pd.Series] = {}
        for target in out_of_fold:
            label = known[target]["label"]
            predicted = self.buying.predicted(label.index.tolist())[f"{target}_predicted"]
            errors[target] = predicted.set_axis(label.index) - label
        return errors

    def _models_of(self, latest: Round) -> tuple[TargetModel, ...]:
        return Model.load(latest.folder / MODEL).energies

    def _state(
        self, models: Sequence[TargetModel], known: Mapping[str, pd.DataFrame] | None = None
    ) -> State:
        """Predict and decide on all molecules with the labels known so far."""
        known = known_labels(self.campaign.labels()) if known is None else known
        return State.of(self.pool, models, self.criteria, known)

    def _end(self, state: State) -> dict[str, Any]:
        """Propose the model, and write the report."""
        finished = self.campaign.finished()
        labels = self.campaign.labels()
        models = self._models_of(finished[-1])
        latest = finished[-1].summary()
        proposed = is_better(latest["gain"])
        facts = {"rounds": len(finished) - 1, "after": latest["after"]}
        if proposed:
            write_model(self.campaign.folder / PROPOSED, self.start, models, "candidate", facts)
        summaries = [each.summary() for each in finished]
        page = render(summaries, labels, state, self.pool, self.plan.rule, proposed)
        with replacing(self.campaign.folder / REPORT) as temporary:
            temporary.write_text(page, encoding="utf-8")
        self.recorder.finish(self.campaign.folder, proposed)
        return {
            "rounds": summaries, "proposed": proposed, "spent_seconds": round(self.clock.spent, 1)
        }  # fmt: skip
