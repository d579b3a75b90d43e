"""The commands `organode library …`: prepare a library that is screened more than once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from organode.cli.options import (
    Cap,
    Column,
    Encoding,
    Engine,
    IdColumn,
    Jobs,
    Scheduler,
    Separator,
    Sheet,
    reading_of,
    settings_of,
)

commands = typer.Typer()


@commands.command("build", epilog="`organode library build 'zinc/*.smi.gz' --out zinc.library`")
def library_build(
    molecules: Annotated[
        list[str],
        typer.Argument(metavar="FILE... | PATTERN | -", help="As for `organode screen`."),
    ],
    out: Annotated[Path, typer.Option(help="The folder for the library.")],
    column: Column = None,
    id_column: IdColumn = None,
    separator: Separator = None,
    sheet: Sheet = None,
    encoding: Encoding = None,
    cap: Cap = None,
    engine: Engine = "auto",
    jobs: Jobs = None,
    scheduler: Scheduler = None,
) -> None:
    """Parse and fingerprint a library once; screening it with `organode screen` is then faster."""
    from joblib import cpu_count

    from organode.library.build import build
    from organode.library.engine import Run
    from organode.library.stream import Library
    from organode.utils.files import matching_files
    from organode.utils.outputs import keep_apart

    keep_apart(out, matching_files(molecules))
    wanted, options = reading_of(column, id_column, separator, sheet, encoding, cap)
    files = Library.find(molecules, wanted, out, options)
    run = Run(engine, jobs or cpu_count(), scheduler)
    built = build(files, out, run, settings_of().screen.in_full)
    typer.echo(f"{built.approximate_rows():,} rows built: organode screen {out} --out FOLDER")
