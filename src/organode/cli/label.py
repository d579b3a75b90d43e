"""The command `organode label`: compute IE and EA, a model's labels, by quantum chemistry."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Literal

import typer

from organode.cli.options import (
    LABELS,
    Cap,
    Column,
    Encoding,
    IdColumn,
    Separator,
    Sheet,
    reading_of,
)

commands = typer.Typer()


@commands.command(rich_help_panel=LABELS, epilog="`organode label molecules.csv --out labels.csv`")
def label(
    file: Annotated[
        str,
        typer.Argument(
            help="CSV, XLSX, Parquet, SDF or SMILES list; or .gz; - for standard input."
        ),
    ],
    out: Annotated[Path, typer.Option(help="The CSV for the labels.")],
    solvent: Annotated[
        str | None, typer.Option(help="Implicit solvent, such as acetonitrile or water.")
    ] = None,
    level: Annotated[
        Literal["xtb", "b3lyp"],
        typer.Option(help="xtb, or b3lyp: slow, up to 18 heavy atoms, needs pyscf."),
    ] = "xtb",
    adiabatic: Annotated[bool, typer.Option("--adiabatic", help="Relax the ions too.")] = False,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes; all cores if omitted.")
    ] = None,
    column: Column = None,
    id_column: IdColumn = None,
    separator: Separator = None,
    sheet: Sheet = None,
    encoding: Encoding = None,
    cap: Cap = None,
) -> None:
    """Compute IE and EA of molecules by xTB or B3LYP/6-31+G(d); resumes after an interruption."""
    from organode.label.engine import label_table
    from organode.library.chunk import join_chunks
    from organode.library.stream import Library
    from organode.utils.outputs import keep_apart

    keep_apart(out, [Path(file)])
    columns, options = reading_of(column, id_column, separator, sheet, encoding, cap)
    with TemporaryDirectory(prefix="organode-") as spool:
        library = Library.find([file], columns, Path(spool), options)
        library.require_rows()
        given = join_chunks(library.chunks(columns=True))
    table = label_table(
        given.smiles,
        out,
        given=given,
        level=level,
        solvent=solvent,
        adiabatic=adiabatic,
        jobs=jobs,
    )
    labelled = int((table["status"] == "ok").sum())
    typer.echo(f"{labelled:,} of {len(table):,} molecules labelled: {out}")
