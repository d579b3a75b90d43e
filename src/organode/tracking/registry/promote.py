"""Promote a version to champion after a paired test, and roll a promotion back."""

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
        The champion before; None if there was none.
    comparison : Comparison or None
        Errors on the test set (for stability: on the redox couples), which decide; None if there
        was no champion, no comparison, or the two were not tested on the same rows.
    reason : str
        Why the candidate was promoted, or why not.
    moved : bool
        Whether the candidate has become champion.
    before : tuple of str
        Numbers of the versions that rollbacks would return to now, the first to return to last.
    measured : Comparison or None
        Errors against measured potentials, which do not decide; None if not compared.
    """

    candidate: Registered
    champion: Registered | None
    comparison: Comparison | None
    reason: str
    moved: bool
    before: tuple[str, ...] = ()
    measured: Comparison | None = None

    def table(self) -> str:
        """Return the two models' errors as lines for a terminal; empty if none were compared."""
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
    """Make a version the champion if it is better than the present champion.

    Better means, for IE and EA: trained on the same curated table with the same test set, and a
    smaller MAE on the test set by more than chance (a paired test). Errors against measured
    potentials are compared too, but do not decide. For stability: fitted to the same redox couples,
    and by more than chance a smaller mean square error of the probabilities, each predicted by a
    fit without the molecule's family. The first champion needs no comparison.

    Parameters
    ----------
    target : str
        ``IE``, ``EA`` or ``stability``.
    number : str, optional
        The candidate's version; the newest when omitted.
    force : bool
        Promote even if the version is not better or not comparable; then `reason` must say why.
    reason : str
        Why, in the user's words; kept in a tag of the version.

    Returns
    -------
    Promotion
        `moved` says whether the version became champion, `reason` why or why not.

    Raises
    ------
    UsageError
        If the version does not exist, or `force` comes without a reason.
    OrganodeError
        If nothing is registered, or, without `force`, the tables to compare are lost.
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
    """Make the previous champion the champion again, and remove the present one from the history.

    Another rollback goes one champion further back. No rollback returns to a version that an
    earlier rollback removed.

    Parameters
    ----------
    target : str
        ``IE``, ``EA`` or ``stability``.
    reason : str
        Why, in the user's words; kept in a tag of the version that becomes champion.

    Raises
    ------
    OrganodeError
        If there is no earlier champion, or none that still exists.
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
    """Make `candidate` champion and record `story`, the reason, in a tag; mark the former champion.

    The order of the steps is such that, if the command is killed between any two, one version is
    champion and no reason is lost.
    """
    over = f"over version {champion.version}" if champion else "first champion"
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    tag_version(client, candidate, **{PROMOTED: f"{when}, {over}: {story}"})
    if champion is not None:
        client.set_registered_model_alias(champion.name, PREVIOUS, champion.version)
    client.set_registered_model_alias(candidate.name, CHAMPION, candidate.version)
