"""Registered models: promote, roll back, look at."""

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
    reason: Annotated[str, typer.Option(help="Why; kept with the model.")] = "",
) -> None:
    """Make a registered version the champion, if it is better on the same rows.

    Rows are the outer test rows; of stability, the couples, each predicted without its family.
    Better by more than chance: the 95 % interval of the difference in MAE, or in Brier score, is
    below zero.
    """
    from organode.tracking.registry.promote import promote as run

    done = run(target, version, force=force, reason=reason)
    if table := done.table():
        typer.echo(table)
    _tell(done)
    if not done.moved and done.champion is not None and done.champion != done.candidate:
        raise OrganodeError(f'{done.reason}; to promote it all the same: --force --reason "…"')


@commands.command(rich_help_panel=USE, epilog='`organode rollback IE --reason "worse in the lab"`')
def rollback(
    target: Registered, reason: Annotated[str, typer.Option(help="Why; kept with the model.")] = ""
) -> None:
    """Make the previous champion the champion again."""
    from organode.tracking.registry.promote import rollback as run

    _tell(run(target, reason))


def _tell(done: Promotion) -> None:
    if done.moved or done.champion == done.candidate:
        state = "is now" if done.moved else "stays"
        name = f"{done.candidate.name} version {done.candidate.version}"
        typer.echo(f"{name} {state} champion: {done.reason}")
        if done.before:
            typer.echo(f"champions before it: {', '.join(done.before)}")


@commands.command(rich_help_panel=USE, epilog="`organode ui --port 5000`")
def ui(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on this machine.")] = 5000,
) -> None:
    """Open MLflow's pages for runs and models on this machine only; stop it with Ctrl-C."""
    from organode.tracking.registry.champions import restore
    from organode.tracking.registry.kinds import NAMES
    from organode.tracking.server import serve

    restore(NAMES)
    raise typer.Exit(serve(port))
