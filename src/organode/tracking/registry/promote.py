"""Promote a model version to champion after a paired test, and roll a promotion back.

The champion is the version in use.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from organode.errors import OrganodeError, UsageError
from organode.tracking.registry.artefacts import read_run_table
from organode.tracking.registry.comparison import Comparison
from organode.tracking.registry.history import champion_history, earlier_champions, write_history
from organode.tracking.registry.kinds import kind_of
from organode.tracking.registry.kinds.kind import Outcome
from organode.tracking.registry.lookup import (
    PROMOTED,
    newest_version,
    tag_version,
    version_by_alias,
    version_by_number,
)
from organode.tracking.registry.versions import CHAMPION, PREVIOUS, Registered, model_name
from organode.tracking.store import connect, store_failures

if TYPE_CHECKING:
    from mlflow import MlflowClient


@dataclass(frozen=True)
class Promotion:
    """The result of a promotion or a rollback.

    Attributes
    ----------
    candidate : Registered
        The version that was to become champion.
    champion : Registered or None
        The champion before the promotion or rollback; None if there was no champion.
    comparison : Comparison or None
        Errors on the test set (for stability: on the redox couples), which decide. None if they
        were not compared: without a champion, after a rollback, or if candidate and champion were
        not tested on the same rows, for example.
    reason : str
        Why the candidate was promoted, or why not.
    moved : bool
        Whether the candidate has become champion.
    before : tuple of str
        Numbers of the earlier champions to which rollbacks can return now. The next rollback
        returns to the last of these versions.
    measured : Comparison or None
        Errors against measured potentials, which do not decide; None if they were not compared.
    """

    candidate: Registered
    champion: Registered | None
    comparison: Comparison | None
    reason: str
    moved: bool
    before: tuple[str, ...] = ()
    measured: Comparison | None = None

    def table(self) -> str:
        """Return the errors of candidate and champion as text; empty if they were not compared."""
        comparisons = [
            comparison for comparison in (self.comparison, self.measured) if comparison is not None
        ]
        if not comparisons:
            return ""
        measures = pd.concat([comparison.measures for comparison in comparisons])
        lines = [measures.round(4).to_string()]
        if self.measured is not None and self.measured.is_worse:
            lines.append(
                f"worse against measurement, by more than chance: {self.measured.sentence()}"
            )
        return "\n".join(lines)


@store_failures()
def promote(
    target: str, number: str | None = None, *, force: bool = False, reason: str = ""
) -> Promotion:
    """Make a version the champion (version in use) if it is better than the present champion.

    A model of IE or EA is better if its MAE on the test set is significantly smaller, by a paired
    test. Both models must have been trained on the same curated table, with the same test set and
    energy reference. Errors against measured potentials are compared too, but do not decide.

    A stability model is better if the mean squared error of its probabilities is significantly
    smaller, by a paired test. Both models must have been fitted to the same redox couples. Each
    probability is predicted by a fit without the molecule's family.

    If there is no champion, the version is promoted without a comparison.

    Parameters
    ----------
    target : str
        ``IE``, ``EA`` or ``stability``.
    number : str, optional
        Number of the version to promote; the newest version if omitted.
    force : bool
        Whether to promote the version even if it is not better or cannot be compared; then
        `reason` must say why.
    reason : str
        Why the version is promoted, in the user's words; kept in a tag of the version.

    Returns
    -------
    Promotion
        `moved` says whether the version became champion, `reason` why or why not.

    Raises
    ------
    UsageError
        If the version does not exist, its registration was interrupted, or `force` is true without
        a reason.
    OrganodeError
        If no version is registered, or the tables to compare are lost and `force` is false.
    """
    if force and not reason.strip():
        raise UsageError('--force needs --reason "…": it is kept with the model')
    client = connect()
    candidate = (
        version_by_number(client, target, number) if number else newest_version(client, target)
    )
    champion = version_by_alias(client, target, CHAMPION)
    if not candidate.metrics:
        raise UsageError(
            f"registering {candidate.name} version {candidate.version} was interrupted: "
            f"run `organode register {target}` and promote the version that it makes"
        )
    if champion is not None and champion.version == candidate.version:
        return Promotion(candidate, champion, None, "it is the champion already", moved=False)
    outcome = Outcome(None, "")
    try:
        if champion is not None:
            read_table = partial(read_run_table, client)
            outcome = kind_of(target).compare(candidate, champion, read_table)
    except OrganodeError as error:  # such as a champion whose artefacts are lost
        if not force:
            raise
        outcome = Outcome(None, str(error))
    comparison, objection, measured = outcome.comparison, outcome.objection, outcome.measured
    if objection and not force:
        return Promotion(candidate, champion, comparison, objection, False, measured=measured)
    story = reason.strip() or (comparison.sentence() if comparison else "first champion")
    # Before the alias: versions after the present champion do not count until the alias has moved.
    history = [*champion_history(client, target), candidate.version]
    write_history(client, target, history)
    _move_alias(client, candidate, champion, story)
    before = tuple(earlier_champions(client, target, candidate))
    return Promotion(candidate, champion, comparison, story, True, before, measured)


@store_failures()
def rollback(target: str, reason: str = "") -> Promotion:
    """Undo the latest promotion: make the previous champion (version in use) champion again.

    The present champion is removed from the list of champions, so that no later rollback returns to
    this version. Another rollback goes back to the champion before.

    Parameters
    ----------
    target : str
        ``IE``, ``EA`` or ``stability``.
    reason : str
        Why the promotion is undone, in the user's words; kept in a tag of the version that becomes
        champion.

    Raises
    ------
    OrganodeError
        If no earlier champion exists any more, or there was none.
    """
    client = connect()
    champion = version_by_alias(client, target, CHAMPION)
    history = champion_history(client, target)
    earlier = earlier_champions(client, target, champion)
    if not earlier:
        raise OrganodeError(_nothing_to_roll_back_to(target, champion, history))
    candidate = version_by_number(client, target, earlier[-1])
    story = f"rolled back{': ' + reason.strip() if reason.strip() else ''}"
    write_history(client, target, earlier)
    _move_alias(client, candidate, champion, story)
    return Promotion(candidate, champion, None, story, True, tuple(earlier[:-1]))


def _nothing_to_roll_back_to(target: str, champion: Registered | None, history: list[str]) -> str:
    """Return the message that says why there is no version to roll back to."""
    name = model_name(target)
    if champion is None:
        return f"{name} has no champion, and no earlier one that still exists: nothing to roll back"
    deleted = [number for number in dict.fromkeys(history) if number != champion.version]
    if deleted:
        return (
            f"version {champion.version} of {name} stays champion: of the champions before it, "
            f"{', '.join(deleted)}, none exists any more"
        )
    return (
        f"version {champion.version} of {name} stays champion: nothing was promoted over another "
        "version, or every promotion was rolled back"
    )


def _move_alias(
    client: MlflowClient, candidate: Registered, champion: Registered | None, story: str
) -> None:
    """Make `candidate` champion (version in use), and record the reason `story` in a tag.

    The former champion gets MLflow's alias ``previous``. The steps are in such an order that one
    version is champion, and no reason is lost, if the command is killed between two steps.
    """
    over = f"over version {champion.version}" if champion else "first champion"
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    tag_version(client, candidate, **{PROMOTED: f"{when}, {over}: {story}"})
    if champion is not None:
        client.set_registered_model_alias(champion.name, PREVIOUS, champion.version)
    client.set_registered_model_alias(candidate.name, CHAMPION, candidate.version)
