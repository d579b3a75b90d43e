"""Options that several commands share, and functions that turn these options into settings."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from organode.library.columns import Wanted
    from organode.library.formats import ReadOptions
    from organode.settings import Screen, Settings
    from organode.tracking.registry.versions import Registered as Version

CHAIN, USE, LABELS, DATA = "Stages of the chain", "Models in use", "Labels", "Data"  # help panels


class State:
    """Values of the options that come before the name of the command: `--params` and `--debug`."""

    params = Path("params.yaml")
    debug = False


Target = Annotated[Literal["IE", "EA"], typer.Argument(help="IE or EA.")]
Registered = Annotated[
    Literal["IE", "EA", "stability"],
    typer.Argument(metavar="MODEL", help="IE, EA or stability."),
]
Engine = Annotated[
    Literal["auto", "serial", "processes", "dask"],
    typer.Option(help="Where the computation runs; the result is the same."),
]
Jobs = Annotated[int | None, typer.Option(min=1, help="Processes; default: the number of cores.")]
Scheduler = Annotated[str | None, typer.Option(help="Address of a running Dask scheduler.")]
Column = Annotated[
    str | None,
    typer.Option(help="The column of SMILES or InChI; recognised by its usual names if omitted."),
]
IdColumn = Annotated[
    str | None, typer.Option(help="The column of names of molecules; recognised likewise.")
]
Separator = Annotated[
    str | None,
    typer.Option(help="Separator of a text table, such as ';' or tab; recognised if omitted."),
]
Sheet = Annotated[str | None, typer.Option(help="Sheet of a workbook; default: the first.")]
Encoding = Annotated[
    str | None, typer.Option(help="Encoding of text, such as cp949; recognised if omitted.")
]
Cap = Annotated[
    Literal["H", "methyl"] | None,
    typer.Option(help="End group of a polymer's repeat unit, in place of the * in its SMILES."),
]
ModelFolder = Annotated[
    Path | None,
    typer.Option(
        "--model",
        envvar="ORGANODE_MODEL",
        metavar="FOLDER",
        help="A model that `organode model export` wrote, in place of the registry's champions.",
    ),
]
TableOut = Annotated[
    Path | None, typer.Option(help="CSV or Parquet to write, instead of showing the table.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Show JSON instead of a table.")]
Level = Annotated[
    float, typer.Option(help="Share of values that are to lie inside their interval.")
]
Solvent = Annotated[str | None, typer.Option(help="Solvent of the potentials: ACN, DMF …")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Replace a value of params.yaml."),
]


def cell_of(reference: str | None, solvent: str | None) -> Screen:
    """Return the settings of the electrochemical cell, with the given electrode and solvent.

    All other settings are those in the section `screen` of the file that `--params` names. They are
    the defaults if there is no `params.yaml` and `--params` names no other file. If `reference` or
    `solvent` is None or empty, that setting is not replaced.
    """
    from organode.settings import Screen

    has_settings = State.params.exists() or State.params != Path("params.yaml")
    cell = settings_of().screen if has_settings else Screen()
    given = {"reference": reference, "solvent": solvent}
    return cell.model_copy(update={key: value for key, value in given.items() if value})


def reading_of(
    column: str | None,
    id_column: str | None,
    separator: str | None,
    sheet: str | None,
    encoding: str | None,
    cap: str | None,
) -> tuple[Wanted, ReadOptions]:
    """Return the columns to read from a file, and how to read the file, by command-line options."""
    from organode.library.columns import Wanted
    from organode.library.formats import ReadOptions

    return Wanted(column, id_column), ReadOptions(separator, sheet, encoding, cap or "")


def settings_of(overrides: list[str] | None = None) -> Settings:
    """Return the settings in the file that the option `--params` names.

    `overrides` are texts such as ``train.epochs=80``, each of which replaces a setting.
    """
    from organode.settings import load_settings

    return load_settings(State.params, overrides or ())


def exclusive(stage: str, out: Path) -> AbstractContextManager[None]:
    """Return a context manager that keeps a second command from running `stage` at the same time.

    `out` is the output of the stage, which an error message names.
    """
    from organode.utils.outputs import exclusive_lock

    return exclusive_lock(out, Path(".organode") / f"{stage}.lock")


def version_line(version: Version) -> str:
    """Return a line on a registered model, such as ``organode-IE version 3, alias champion``."""
    alias = f", alias {', '.join(version.aliases)}" if version.aliases else ""
    return f"{version.name} version {version.version}{alias}"
