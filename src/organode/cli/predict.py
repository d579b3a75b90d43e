"""The commands `organode predict` and `organode compare`."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from organode.cli.options import (
    USE,
    AsJson,
    Cap,
    Column,
    Encoding,
    IdColumn,
    Level,
    ModelFolder,
    Separator,
    Sheet,
    Solvent,
    TableOut,
    cell_of,
    reading_of,
)
from organode.errors import UsageError

if TYPE_CHECKING:
    from organode.models.model import Model

commands = typer.Typer()


@commands.command(
    rich_help_panel=USE,
    epilog="`organode predict 'O=C1C=CC(=O)C=C1'`  ·  `organode predict molecules.csv --out p.csv`"
    "  ·  `cut -f1 list.smi | organode predict - --json`",
)
def predict(
    molecules: Annotated[
        list[str],
        typer.Argument(
            metavar="SMILES... | FILE | -",
            help="SMILES; or a file (CSV, XLSX, Parquet, SDF, SMILES list; or .gz); or - for "
            "SMILES from standard input.",
        ),
    ],
    out: TableOut = None,
    column: Column = None,
    id_column: IdColumn = None,
    separator: Separator = None,
    sheet: Sheet = None,
    encoding: Encoding = None,
    cap: Cap = None,
    level: Level = 0.95,
    reference: Annotated[
        str | None, typer.Option(help="Reference electrode of the potentials: SCE, Fc/Fc+ …")
    ] = None,
    solvent: Solvent = None,
    model: ModelFolder = None,
    explain: Annotated[
        bool, typer.Option(help="Say what each group adds to the potential of the bare core.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Predict potentials, IE and EA with error bars, and whether the ions are stable.

    The models are those in the folder `--model` or, without this option, the champions in the
    registry or, without a registry, the model packaged with organode. A molecule that cannot be
    read gets a status with the reason instead of a prediction.
    """
    from organode.api import predict as run
    from organode.api.load import load_model
    from organode.cli.text.prediction import as_json as json_of
    from organode.cli.text.prediction import as_text
    from organode.electrochemistry import axis, warnings
    from organode.utils.outputs import claim_output
    from organode.utils.progress import say

    _check_options(out, level)
    cell = cell_of(reference, solvent)
    for warning in warnings(cell):
        say(f"warning: {warning}")
    wanted, options = reading_of(column, id_column, separator, sheet, encoding, cap)
    loaded: list[Model] = []

    def load() -> Model:
        loaded.append(load_model(model))
        return loaded[0]

    with TemporaryDirectory(prefix="organode-") as spool:
        given = run.molecules_of(molecules, wanted, options, Path(spool))
        with claim_output(out, molecules) if out else nullcontext():
            table = run.predict_molecules(given, load, level, cell, out, explained=explain)
    if out:
        good = int((table["status"] == "ok").sum())
        typer.echo(f"{good:,} of {len(table):,} rows predicted: {out}")
        say(f"E in {axis(cell)}")
    else:
        targets = [energy.target for energy in loaded[0].energies]
        typer.echo(json_of(table) if as_json else as_text(table, targets, level, cell))


@commands.command(
    rich_help_panel=USE,
    epilog="`organode compare 'COc1cccc2c1C(=O)c1ccccc1C2=O' --reference AQ`  ·  "
    "`organode compare chloranil duroquinone --reference BQ --json`",
)
def compare(
    molecules: Annotated[
        list[str],
        typer.Argument(metavar="MOLECULE...", help="SMILES, InChI, names or CAS numbers."),
    ],
    reference: Annotated[
        str,
        typer.Option(
            metavar="MOLECULE",
            help="The molecule to compare with: a name or an abbreviation in the table of measured "
            "potentials, such as AQ, or any structure. (The electrode is --electrode here.)",
        ),
    ],
    out: TableOut = None,
    cap: Cap = None,
    level: Level = 0.95,
    electrode: Annotated[
        str | None,
        typer.Option(
            help="Reference electrode of the potentials: SCE, Fc/Fc+ … (--reference of `predict`)."
        ),
    ] = None,
    solvent: Solvent = None,
    model: ModelFolder = None,
    as_json: AsJson = False,
) -> None:
    """Compare potentials of molecules with those of a reference molecule.

    The table shows the difference in potential, and what each fragment of the molecule contributes
    to the difference. The more similar molecule and reference are, the narrower is the error bar of
    the difference.
    """
    from organode.api.load import load_model
    from organode.cli.text.comparison import as_text, comparison_json, write_comparison
    from organode.compare import compare as run
    from organode.electrochemistry import axis, warnings
    from organode.electrochemistry.scale.potential import POTENTIALS
    from organode.utils.outputs import claim_output
    from organode.utils.progress import say

    _check_options(out, level)
    cell = cell_of(electrode, solvent)
    for warning in warnings(cell):
        say(f"warning: {warning}")
    models = load_model(model).energies
    table = run(
        models,
        molecules,
        reference,
        cap=cap or "",
        level=level,
        electrode=cell.reference,
        solvent=cell.solvent,
    )
    if out is not None:
        with claim_output(out, ()):
            write_comparison(table, out)
        good = int((table["status"] == "ok").sum())
        typer.echo(f"{good:,} of {len(table):,} molecules compared: {out}")
        say(f"E in {axis(cell)}")
        return
    names = [POTENTIALS[model.target] for model in models]
    typer.echo(comparison_json(table) if as_json else as_text(table, names, level, cell))


def _check_options(out: Path | None, level: float) -> None:
    """Raise a UsageError if the ending of `--out` or the value of `--level` is not allowed."""
    if out and out.suffix not in (".csv", ".parquet"):
        raise UsageError(f"--out {out}: the name must end in .csv or .parquet")
    if not 0 < level < 1:
        raise UsageError(f"--level {level:g}: must lie between 0 and 1, such as 0.95")
