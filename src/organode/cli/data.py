"""The commands `organode data …`: compare versions of the labelled molecules."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

commands = typer.Typer()


@commands.command(
    epilog="`organode data diff HEAD~1`  ·  `organode data diff v1.0 main --csv changes.csv`"
)
def diff(
    revision: Annotated[str, typer.Argument(help="A git commit, tag or branch.")],
    other: Annotated[
        str | None, typer.Argument(help="Compare with this; the workspace when omitted.")
    ] = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="Compare the fetched table, not the clean table.")
    ] = False,
    csv: Annotated[
        Path | None, typer.Option(help="Write every molecule that changed to this CSV.")
    ] = None,
) -> None:
    """Show which molecules, and which of their values, differ between two versions of the data."""
    from organode.artifacts import CURATED, RAW
    from organode.curate.diff import read
    from organode.curate.diff.compare import compare
    from organode.curate.diff.show import show
    from organode.utils.outputs import exclusive_lock, keep_apart
    from organode.utils.tables import write_csv

    path = RAW if raw else CURATED
    if csv is not None:
        keep_apart(csv, [path, Path("dvc.lock")], "--csv")
    old = read.revision(path, revision)
    new = read.workspace(path) if other is None else read.revision(path, other)
    difference = compare(old.table, new.table)
    show(str(path), old, new, difference)
    if csv is not None:
        with exclusive_lock(csv):
            write_csv(difference.changes, csv)
        typer.echo(f"{len(difference.changes):,} molecules: {csv}")
