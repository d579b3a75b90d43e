"""The commands for registered models: `organode promote`, `rollback` and `ui`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from organode.cli.options import USE, Registered
from organode.errors import OrganodeError

if TYPE_CHECKING:
    from organode.tracking.registry.promote import Promotion

commands = typer.Typer()


@commands.command(
    rich_help_panel=USE,
    epilog="`organode promote IE`  ·  "
    '`organode promote IE --version 2 --force --reason "new energy reference"`',
)
def promote(
    target: Registered,
    version: Annotated[
        str | None, typer.Option(help="The candidate; the newest when omitted.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Even if it is not better.")] = False,
    reason: Annotated[str, typer.Option(help="Reason, recorded with the model.")] = "",
) -> None:
    """Make a registered version the champion if it predicts better than the present champion.

    Both versions predict the same rows. For IE and EA these are the test set. For stability they
    are the measured redox couples; each couple is predicted by a fit to the other families of
    molecules. "Better" means better by more than chance: the 95 % interval of the difference in MAE
    (for stability, in Brier score) is below zero.
    """
    from organode.tracking.registry.promote import promote as run

    promotion = run(target, version, force=force, reason=reason)
    if table := promotion.table():
        typer.echo(table)
    _report(promotion)
    refused = not promotion.moved and promotion.champion not in (None, promotion.candidate)
    if refused:
        raise OrganodeError(f'{promotion.reason}; to promote it anyway: --force --reason "…"')


@commands.command(rich_help_panel=USE, epilog='`organode rollback IE --reason "worse in the lab"`')
def rollback(
    target: Registered,
    reason: Annotated[str, typer.Option(help="Reason, recorded with the model.")] = "",
) -> None:
    """Make the previous champion the champion again."""
    from organode.tracking.registry.promote import rollback as run

    _report(run(target, reason))


def _report(promotion: Promotion) -> None:
    """Print which version is the champion and why; print nothing if the candidate was refused."""
    if promotion.moved or promotion.champion == promotion.candidate:
        state = "is now" if promotion.moved else "stays"
        name = f"{promotion.candidate.name} version {promotion.candidate.version}"
        typer.echo(f"{name} {state} champion: {promotion.reason}")
        if promotion.before:
            typer.echo(f"previous champions: {', '.join(promotion.before)}")


@commands.command(rich_help_panel=USE, epilog="`organode ui --port 5000`")
def ui(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on this machine.")] = 5000,
) -> None:
    """Serve MLflow's web pages of runs and models to this machine only, until Ctrl-C."""
    from organode.tracking.registry.champions import restore
    from organode.tracking.registry.kinds import NAMES
    from organode.tracking.server import serve

    restore(NAMES)
    raise typer.Exit(serve(port))
