"""Which version is the champion, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from organode.errors import OrganodeError, UsageError
from organode.tracking import client as tracking
from organode.tracking.registry import registry
from organode.tracking.registry.artefacts import table_of
from organode.tracking.registry.compare import Comparison
from organode.tracking.registry.kind import Outcome
from organode.tracking.registry.kinds import kind_of
from organode.tracking.registry.registry import CHAMPION, PREVIOUS
from organode.tracking.registry.versions import Registered, model_name

if TYPE_CHECKING:
    from mlflow import MlflowClient


@dataclass(frozen=True)
class Promotion:
    """What was compared and what became of it.

    Attributes
    ----------
    candidate, champion : Registered
        The latter is what was champion before, or None.
    comparison : Comparison
        On the same rows; None where there was nothing to compare, or not the same rows.
    reason : str
        Why it was promoted, or why not.
    moved : bool
        Whether the candidate has become champion by this.
    before : tuple of str
        The versions that a rollback would return to now, the next one last.
    measured : Comparison
        On measured potentials, which decide nothing; None where the two have none in common.
    """

    candidate: Registered
    champion: Registered | None
    comparison: Comparison | None
    reason: str
    moved: bool
    before: tuple[str, ...] = ()
    measured: Comparison | None = None

    def table(self) -> str:
        """Return the two models' errors as lines for a terminal; empty where none was compared."""
        compared = [each for each in (self.comparison, self.measured) if each is not None]
        if not compared:
            return ""
        lines = [pd.concat([each.measures for each in compared]).round(4).to_string()]
        if self.measured is not None and self.measured.is_worse:
            lines.append(
                f"worse against measurement, by more than chance: {self.measured.sentence()}"
            )
        return "\n".join(lines)


@tracking.store_failures()
def promote(
    target: str, number: str | None = None, *, force: bool = False, reason: str = ""
) -> Promotion:
    """Make a version the champion if it is better than the present one.

    Better means, of IE and EA: trained on the same curated table with the same rows held out, and a
    smaller MAE on these by more than chance (a paired test). Errors against measured potentials are
    compared too, and decide nothing. Of stability: fitted to the same couples, and a smaller mean
    square error of the probabilities of families left out.

    Parameters
    ----------
    target : str
        ``IE``, ``EA`` or ``stability``.
    number : str, optional
        The candidate's version; the newest when omitted.
    force : bool
        Promote even if it is not better or not comparable; then `reason` must say why.
    reason : str
        Kept as a tag on the version.

    Raises
    ------
    UsageError
        If the version does not exist, or `force` comes without a reason.
    OrganodeError
        If nothing is registered.
    """
    if force and not reason.strip():
        raise UsageError('--force needs --reason "…": it is kept with the model')
    client = tracking.connect()
    candidate = registry.get(client, target, number) if number else registry.newest(client, target)
    champion = registry.by_alias(client, target, CHAMPION)
    if not candidate.metrics:
        raise UsageError(
            f"registering {candidate.name} version {candidate.version} was interrupted: "
            f"run `organode register {target}` and promote what that makes"
        )
    if champion is not None and champion.version == candidate.version:
        return Promotion(candidate, champion, None, "it is the champion already", moved=False)
    found = Outcome(None, "")
    try:
        if champion is not None:
            found = kind_of(target).compare(candidate, champion, partial(table_of, client))
    except OrganodeError as error:  # such as a champion whose artefacts are lost
        if not force:
            raise
        found = Outcome(None, str(error))
    comparison, measured = found.comparison, found.measured
    if found.why_not and not force:
        return Promotion(candidate, champion, comparison, found.why_not, False, measured=measured)
    why = reason.strip() or (comparison.sentence() if comparison else "first champion")
    line = [*registry.known_champions(client, target), candidate.version]
    # First: what follows the present champion in it does not count until the alias has moved.
    registry.remember_champions(client, target, line)
    _move(client, candidate, champion, why)
    before = tuple(registry.champions_before(client, target, candidate))
    return Promotion(candidate, champion, comparison, why, True, before, measured)


@tracking.store_failures()
def rollback(target: str, reason: str = "") -> Promotion:
    """Make the champion before the present one champion again, and forget the present one.

    Another rollback goes further back; none returns to a version that was rolled back.

    Parameters
    ----------
    target : str
        ``IE``, ``EA`` or ``stability``.
    reason : str
        Kept as a tag on the version.

    Raises
    ------
    OrganodeError
        If there is no earlier champion, or none that still exists.
    """
    client = tracking.connect()
    champion = registry.by_alias(client, target, CHAMPION)
    line = registry.known_champions(client, target)
    before = registry.champions_before(client, target, champion)
    if not before:
        raise OrganodeError(_nothing_before(target, champion, line))
    candidate = registry.get(client, target, before[-1])
    why = f"rolled back{': ' + reason.strip() if reason.strip() else ''}"
    left = champion.version if champion is not None else ""
    line = [number for number in before if number != left]
    registry.remember_champions(client, target, line)
    _move(client, candidate, champion, why)
    return Promotion(candidate, champion, None, why, True, tuple(line[:-1]))


def _nothing_before(target: str, champion: Registered | None, line: list[str]) -> str:
    """Say why there is nothing to roll back to."""
    name = model_name(target)
    if champion is None:
        return f"{name} has no champion, and no earlier one that still exists: nothing to roll back"
    gone = [number for number in dict.fromkeys(line) if number != champion.version]
    if gone:
        return (
            f"version {champion.version} of {name} stays champion: of the champions before it, "
            f"{', '.join(gone)}, none exists any more"
        )
    return (
        f"version {champion.version} of {name} stays champion: nothing was promoted over another "
        "version, or every promotion was rolled back"
    )


def _move(
    client: MlflowClient, candidate: Registered, champion: Registered | None, why: str
) -> None:
    """Move the alias; killed at any point, one version is champion, and reasons are not lost."""
    over = f"over version {champion.version}" if champion else "first champion"
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    registry.tag(client, candidate, promoted=f"{when}, {over}: {why}")
    if champion is not None:
        client.set_registered_model_alias(champion.name, PREVIOUS, champion.version)
    client.set_registered_model_alias(candidate.name, CHAMPION, candidate.version)
