"""Buy the labels of a round: choose them, compute them, and write where they come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import organode
from organode.artifacts import TARGETS
from organode.improve.budget import share
from organode.improve.choose import RULES, Offer
from organode.improve.clock import Clock
from organode.improve.cost import Costs
from organode.improve.folder import CHOSEN, LABELS, PLAN, REMEDY, Campaign, Round
from organode.improve.given import compare_with_predictions, read_given
from organode.improve.levels import COLUMNS, SOLVENT, possible
from organode.improve.plan import Labeller, Plan
from organode.improve.pool import Pool
from organode.improve.state import State
from organode.label.engine import NOT_COMPUTED
from organode.models.predictor import TargetModel, predict
from organode.utils.checksums import read_json
from organode.utils.files import write_json
from organode.utils.progress import say
from organode.utils.tables import write_csv


@dataclass(frozen=True)
class Buying:
    """Buys the labels of a campaign.

    Attributes
    ----------
    campaign, clock, plan
        The folder, the time that was spent, and how the campaign is run.
    start : sequence of TargetModel
        The models of IE and EA with which the campaign began.
    level : float
        Share of labels that are to lie inside the interval of their prediction, 0 to 1.
    pool : Pool
        The molecules of which labels are bought.
    labeller : Labeller
        Computes the labels.
    """

    campaign: Campaign
    clock: Clock
    plan: Plan
    start: Sequence[TargetModel]
    level: float
    pool: Pool
    labeller: Labeller

    def begin(self, given: Path | None) -> None:
        """Write the labels of round 0: those that were given."""
        path = self.campaign.round(0).folder / LABELS
        if path.exists():
            return
        table = read_given(given) if given is not None else pd.DataFrame(columns=[*COLUMNS])
        asked = table["smiles"].tolist()
        predicted = self.predicted(asked)
        if given is not None:
            table = compare_with_predictions(
                table, predicted.rename(columns={f"{name}_predicted": name for name in TARGETS})
            )
            bad = int((table["status"] != "ok").sum())
            say(f"{given}: {len(table) - bad:,} of {len(table):,} rows are used without remark")
        table = pd.concat([table, predicted], axis=1)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_csv(self._with_provenance(table, 0), path)

    def choose(self, each: Round, state: State) -> bool:
        """Choose the labels of a round, unless they were chosen before; false if there are none."""
        if (each.folder / CHOSEN).exists():
            return True
        labels, spent = self.campaign.labels(), self.clock.spent
        time = share(self.plan.budget, spent, self.plan.jobs, self.campaign.bought())
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
            seconds = costs.seconds(level, pool.composition.heavy_atoms)
            seconds[~possible(level, pool.composition)] = np.inf
            tried = labels[(labels["level"] == level) & (labels["status"] != NOT_COMPUTED)]
            seconds[np.isin(pool.smiles, tried["smiles"].tolist())] = np.inf
            columns.append(seconds)
        return Offer(self.labeller.names, np.column_stack(columns), pool.bits, state.decisions)

    def label(self, each: Round) -> None:
        """Compute the chosen labels of a round, until its time is up."""
        path = each.folder / LABELS
        if path.exists():
            return
        chosen = each.table(CHOSEN)
        plan = read_json(each.folder / PLAN, REMEDY)
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
        sizes = dict(zip(self.pool.smiles, self.pool.composition.heavy_atoms.tolist(), strict=True))
        return table.assign(
            heavy_atoms=table["smiles"].map(sizes),
            round=number,
            rule=self.plan.rule if number else "given",
            solvent=SOLVENT,
            version=organode.__version__,
        )

    def predicted(self, smiles: Sequence[str]) -> pd.DataFrame:
        """Return what the start says of molecules, with the columns of `_before`."""
        return _before(predict(self.start, smiles, level=self.level))


def _before(table: pd.DataFrame) -> pd.DataFrame:
    """Return predictions with the names that they have beside labels, such as `IE_predicted`."""
    columns = {
        f"{target}_{name}": table[f"{target}{end}"].to_numpy(float)
        for target in TARGETS
        for name, end in (("predicted", ""), ("lower", "_lower"), ("upper", "_upper"))
    }
    return pd.DataFrame(columns)
