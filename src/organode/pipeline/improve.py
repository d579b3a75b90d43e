"""Improve a model by buying labels: rounds of select, label, retrain and compare.

A round chooses the labels that are expected to improve most decisions for a CPU second, computes
them, fine-tunes the models with which the campaign began with all labels bought so far, and decides
on all molecules again. All state is in the folder of the campaign (`organode.improve.folder`); a
command that was killed is resumed by the same command.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import joblib

from organode.improve.buying import Buying
from organode.improve.clock import Clock
from organode.improve.folder import CLOCK, Campaign
from organode.improve.plan import Labeller, Plan, Recorder
from organode.improve.pool import Pool
from organode.improve.work import Work
from organode.library.protocols import AnyLibrary
from organode.models.model import Model
from organode.screening.criteria.criteria import Criteria
from organode.utils.outputs import exclusive_lock


def improve(
    library: AnyLibrary,
    model: Model,
    criteria: Criteria,
    labeller: Callable[[], Labeller],
    recorder: Callable[[str], Recorder],
    out: Path,
    plan: Plan,
    *,
    given: Path | None = None,
    replay: Sequence[str] = (),
    now: Callable[[], float] = time.monotonic,
) -> dict[str, Any]:
    """Buy labels for a library until the budget is spent, and propose a better model.

    Parameters
    ----------
    library : AnyLibrary
        The molecules on which is decided, and of which labels are bought.
    model : Model
        The model to start from; its versions name the level of theory of its labels.
    criteria : Criteria
        What a candidate has to meet, with the stability model.
    labeller, recorder : callable
        Return what computes the labels, and what records the campaign of a given identity. They are
        called after the inputs were checked.
    out : Path
        Folder of the campaign.
    plan : Plan
        Budget, processes, rule and seed.
    given : Path, optional
        A table of energies that people bring.
    replay : sequence of str
        SMILES of molecules whose predictions are to stay as they are.
    now : callable
        Returns the time in s, from any zero.

    Returns
    -------
    dict
        `rounds`, the summaries of all rounds in order; `proposed`, whether a model is proposed;
        `spent_seconds`.

    Raises
    ------
    UsageError
        If the folder holds another campaign, or the given table or the library cannot be read.
    OrganodeError
        If labels cannot be computed or files cannot be written.
    """
    identity = _identity(library, model, criteria, plan, given)
    with exclusive_lock(out):
        campaign = Campaign.open(out, identity)
        clock = Clock(out / CLOCK, now)
        with clock.running():
            pool = Pool.read(library, criteria, plan.seed)
            buying = Buying(
                campaign, clock, plan, model.energies, criteria.settings.level, pool, labeller()
            )
            record = recorder(str(joblib.hash(identity)))
            work = Work(campaign, clock, plan, model, criteria, pool, buying, record, replay)
            return work.run(given)


def _identity(
    library: AnyLibrary, model: Model, criteria: Criteria, plan: Plan, given: Path | None
) -> dict[str, Any]:
    """Return what makes two campaigns the same. The budget may grow, and processes may change."""
    return {
        "library": library.digest(),
        "model": str(joblib.hash(model.energies)),
        "criteria": str(joblib.hash(criteria.identity())),
        "given": None if given is None else str(joblib.hash(given.read_bytes())),
        "rule": plan.rule,
        "seed": plan.seed,
    }
