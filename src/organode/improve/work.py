"""One command at work on a campaign: rounds of select, label, retrain and compare."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

import organode
from organode.artifacts import TARGETS
from organode.improve.budget import has_time, share
from organode.improve.choose import RULES, Offer
from organode.improve.clock import Clock
from organode.improve.cost import Costs
from organode.improve.folder import (
    CHOSEN,
    LABELS,
    LIST,
    MODEL,
    PLAN,
    PROPOSED,
    REPORT,
    SUMMARY,
    Campaign,
    Round,
)
from organode.improve.given import compare_with_predictions, read_given
from organode.improve.levels import COLUMNS, SOLVENT, possible
from organode.improve.models import known_labels, retrain, write_model
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
from organode.models.predictor import TargetModel, predict
from organode.screening.criteria.criteria import Criteria
from organode.utils.checksums import read_json
from organode.utils.files import replacing, write_json
from organode.utils.progress import say
from organode.utils.tables import write_csv

BEGIN_AGAIN = "remove the folder of this round: it is then done again"


class Labeller(Protocol):
    """Computes labels; `organode.improve.levels.Levels` by quantum chemistry."""

    @property
    def names(self) -> tuple[str, ...]:
        """Levels of the labels, from the cheapest on."""

    def label(
        self, level: str, smiles: Sequence[str], folder: Path, jobs: int, stop: Callable[[], bool]
    ) -> pd.DataFrame:
        """Return the labels of molecules, as `organode.improve.levels.Levels.label`."""


class Recorder(Protocol):
    """Records a campaign; `organode.tracking.campaign_run.CampaignRun` in MLflow."""

    def log_round(self, number: int, summary: Mapping[str, Any]) -> None:
        """Record a finished round."""

    def finish(self, folder: Path, proposed: bool) -> None:
        """Record the end of the campaign, with its report."""


@dataclass(frozen=True)
class Plan:
    """How a campaign is run.

    Attributes
    ----------
    budget : float
        Wall time in s, over all commands that work on the campaign.
    jobs : int
        Processes that label.
    rule : str
        By which rule labels are chosen: a key of `organode.improve.choose.RULES`.
    seed : int
        Seeds the choice and the training.
    """

    budget: float
    jobs: int
    rule: str = "decision"
    seed: int = 20


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
    labeller, recorder
        What computes the labels, and what records the rounds.
    replay : sequence of str
        SMILES of molecules whose predictions are to stay as they are.
    """

    campaign: Campaign
    clock: Clock
    plan: Plan
    start: Model
    criteria: Criteria
    pool: Pool
    labeller: Labeller
    recorder: Recorder
    replay: Sequence[str]

    def run(self, given: Path | None) -> dict[str, Any]:
        """Do all rounds that the budget allows, then write report and proposal."""
        finished = self.campaign.finished()
        for done in finished:  # those that the store lacks, after it had failed
            self.recorder.log_round(done.number, done.summary())
        if not finished:
            self._begin(given)
            state = self._finish(self.campaign.round(0), None)
        else:
            latest = finished[-1]
            state = self._state(self._models_of(latest))
            self.campaign.publish(latest)
        while (number := len(self.campaign.finished())) and self._goes_on(number):
            each = self.campaign.round(number)
            if not self._choose(each, state):
                say("no further label is worth its cost: the campaign ends before its budget")
                break
            self._label(each)
            state = self._finish(each, self.campaign.round(number - 1))
        return self._end(state)

    def _begin(self, given: Path | None) -> None:
        """Write the labels of round 0: those that were given."""
        path = self.campaign.round(0).folder / LABELS
        if path.exists():
            return
        table = read_given(given) if given is not None else pd.DataFrame(columns=[*COLUMNS])
        asked = table["smiles"].tolist()
        predicted = self._predicted(asked)
        if given is not None:
            table = compare_with_predictions(
                table, predicted.rename(columns={f"{name}_predicted": name for name in TARGETS})
            )
            bad = int((table["status"] != "ok").sum())
            say(f"{given}: {len(table) - bad:,} of {len(table):,} rows are used without remark")
        table = pd.concat([table, predicted], axis=1)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_csv(self._with_provenance(table, 0), path)

    def _goes_on(self, number: int) -> bool:
        """Return whether another round, which would have this number, fits into the budget."""
        if (self.campaign.round(number).folder / CHOSEN).exists():
            return True
        return has_time(self.plan.budget, self.clock.spent, self._bought())

    def _bought(self) -> list[dict[str, Any]]:
        """Return the summaries of the finished rounds in which labels were bought."""
        return [each.summary() for each in self.campaign.finished()[1:]]

    def _choose(self, each: Round, state: State) -> bool:
        """Choose the labels of a round, unless they were chosen before; false if there are none."""
        if (each.folder / CHOSEN).exists():
            return True
        labels, spent = self.campaign.labels(), self.clock.spent
        time = share(self.plan.budget, spent, self.plan.jobs, self._bought())
        offer = self._offer(state, labels)
        random = np.random.default_rng([self.plan.seed, each.number])
        chosen = RULES[self.plan.rule](offer, time.cpu_seconds, random)
        if not chosen:
            return False
        rows, places = (np.array(column) for column in zip(*chosen, strict=True))
        table = pd.DataFrame(
            {
                "smiles": [self.pool.smiles[row] for row in rows],
                "id": [self.pool.ids[row] for row in rows],
                "level": [self.labeller.names[place] for place in places],
                "value": offer.values()[rows, places],
                "expected_seconds": offer.seconds[rows, places],
            }
        )
        each.folder.mkdir(parents=True, exist_ok=True)
        write_json(each.folder / PLAN, {"until": time.until, "began": spent})
        labelled = table["smiles"].isin(labels["smiles"])
        before = _before(state.table.iloc[rows].reset_index(drop=True))
        table = pd.concat([table, before.where(~labelled)], axis=1)
        write_csv(table, each.folder / CHOSEN)
        return True

    def _offer(self, state: State, labels: pd.DataFrame) -> Offer:
        """Return what can be bought: all but labels that were bought, or failed, before."""
        pool, costs, columns = self.pool, Costs.fit(labels), []
        for level in self.labeller.names:
            seconds = costs.seconds(level, pool.heavy_atoms)
            seconds[~possible(level, pool.heavy_atoms, pool.elements)] = np.inf
            tried = labels[(labels["level"] == level) & (labels["seconds"] > 0)]
            seconds[np.isin(pool.smiles, tried["smiles"].tolist())] = np.inf
            columns.append(seconds)
        return Offer(self.labeller.names, np.column_stack(columns), pool.bits, state.decisions)

    def _label(self, each: Round) -> None:
        """Compute the chosen labels of a round, until its time is up."""
        path = each.folder / LABELS
        if path.exists():
            return
        chosen = each.table(CHOSEN)
        plan = read_json(each.folder / PLAN, BEGIN_AGAIN)
        tables = []
        for level in self.labeller.names:
            rows = chosen[chosen["level"] == level]
            if len(rows):
                found = self.labeller.label(
                    level, rows["smiles"].tolist(), each.folder, self.plan.jobs,
                    lambda: self.clock.spent >= plan["until"],
                )  # fmt: skip
                found.index = rows.index
                kept = rows.drop(columns=["smiles", "level"])
                tables.append(pd.concat([found, kept], axis=1))
        # Before the table: a command that resumes after it must not count what came between.
        write_json(each.folder / PLAN, plan | {"ended": self.clock.spent})
        write_csv(self._with_provenance(pd.concat(tables).sort_index(), each.number), path)

    def _with_provenance(self, table: pd.DataFrame, number: int) -> pd.DataFrame:
        sizes = dict(zip(self.pool.smiles, self.pool.heavy_atoms.tolist(), strict=True))
        return table.assign(
            heavy_atoms=table["smiles"].map(sizes),
            round=number,
            rule=self.plan.rule if number else "given",
            solvent=SOLVENT,
            version=organode.__version__,
        )

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
        plan = read_json(each.folder / PLAN, BEGIN_AGAIN) if number else None
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

    def _predicted(self, smiles: Sequence[str]) -> pd.DataFrame:
        """Return what the start says of molecules, with the columns of `_before`."""
        level = self.criteria.settings.level
        return _before(predict(self.start.energies, smiles, level=level))

    def _errors_of_start(
        self, out_of_fold: Mapping[str, pd.Series], known: Mapping[str, pd.DataFrame]
    ) -> dict[str, pd.Series]:
        """Return the errors of the start for the molecules whose out-of-fold errors are known."""
        errors: dict[str, pd.Series] = {}
        for target in out_of_fold:
            label = known[target]["label"]
            predicted = self._predicted(label.index.tolist())[f"{target}_predicted"]
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


def _before(table: pd.DataFrame) -> pd.DataFrame:
    """Return predictions with the names that they have beside labels, such as `IE_predicted`."""
    columns = {
        f"{target}_{name}": table[f"{target}{end}"].to_numpy(float)
        for target in TARGETS
        for name, end in (("predicted", ""), ("lower", "_lower"), ("upper", "_upper"))
    }
    return pd.DataFrame(columns)
