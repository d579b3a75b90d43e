"""Which version is the champion, and why."""

from __future__ import annotations

from dataclasses import dataclass

from organode import tracking
from organode.errors import OrganodeError, UsageError
from organode.register import Registered, registry
from organode.register.registry import CHAMPION, PREVIOUS


@dataclass(frozen=True)
class Promotion:
    """What was compared and what became of it."""

    candidate: Registered
    champion: Registered | None
    reason: str
    moved: bool


def promote(
    target: str, number: str | None = None, *, force: bool = False, reason: str = ""
) -> Promotion:
    """Make a version the champion if it is better than the present one.

    Better means: trained on the same curated table with the same rows held out, and a smaller
    MAE on these.

    Parameters
    ----------
    target : str
        ``IE`` or ``EA``.
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
        If nothing is registered, or the candidate is not better; the message has both MAEs.
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
        return Promotion(candidate, champion, "it is the champion already", moved=False)
    why_not = _why_not(candidate, champion)
    if why_not and not force:
        raise OrganodeError(f'{why_not}; to promote it all the same: --force --reason "…"')
    why = reason.strip() or (
        f"outer MAE {candidate.metrics['outer']['mae']:.4f} eV"
        + (f" against {champion.metrics['outer']['mae']:.4f} eV" if champion else "")
    )
    if champion is not None:
        client.set_registered_model_alias(champion.name, PREVIOUS, champion.version)
    client.set_registered_model_alias(candidate.name, CHAMPION, candidate.version)
    over = f"over version {champion.version}" if champion else "first champion"
    registry.tag(client, candidate, promoted=f"{over}: {why}")
    return Promotion(candidate, champion, why, moved=True)


def _why_not(candidate: Registered, champion: Registered | None) -> str:
    if champion is None:
        return ""
    name = f"{candidate.name} version {candidate.version}"
    mine = (candidate.data_sha256, candidate.splits_sha256)
    if mine != (champion.data_sha256, champion.splits_sha256) or not all(mine):
        return (
            f"{name} and the champion, version {champion.version}, were trained on different "
            "tables or tested on different rows, so their errors cannot be compared"
        )
    error, present = candidate.metrics["outer"]["mae"], champion.metrics["outer"]["mae"]
    if error >= present:
        return (
            f"{name} is not better than the champion, version {champion.version}: "
            f"outer MAE {error:.4f} eV against {present:.4f} eV"
        )
    return ""
