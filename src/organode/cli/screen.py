"""The command `organode screen`, which finds electrode candidates in a library."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from organode.cli.options import (
    USE,
    Cap,
    Column,
    Encoding,
    Engine,
    IdColumn,
    Jobs,
    ModelFolder,
    Scheduler,
    Separator,
    Sets,
    Sheet,
    Solvent,
    reading_of,
    settings_of,
)
from organode.errors import OrganodeError, UsageError

if TYPE_CHECKING:
    from organode.pipeline.screen import Models

commands = typer.Typer()


def load_models(trained: bool, folder: Path | None, asked: dict[str, str | None]) -> Models:
    """Load the models of IE, EA and stability for a screening.

    With `folder`, they are the models in this folder; with `trained`, those of the project's last
    training. Otherwise `asked` holds for each model the version to load, or None for the champion.
    If `asked` holds no version and no registry is in use, the models are those packaged with
    organode.

    Raises
    ------
    UsageError
        If more than one of `folder`, `trained` and a version is given.
    OrganodeError
        If `trained` is true, and IE and EA were trained on different tables.
    """
    from organode.api.load import packaged_model, stability_champion, versions_of
    from organode.models.model import Model
    from organode.pipeline.screen import Models
    from organode.tracking.registry.champions import champions, named_version, project_model
    from organode.tracking.registry.in_use import registry_in_use

    names = {target: name for target, name in asked.items() if name}
    if folder is not None:
        if trained or names:
            raise UsageError(
                "--model names all models: leave out --trained, --ie, --ea and --stability"
            )
        return versions_of(Model.load(folder))
    if not (trained or names or registry_in_use()):
        return versions_of(packaged_model())
    if not trained:
        energies = [
            named_version(target, names[target]) if target in names else champions((target,))[0]
            for target in ("IE", "EA")
        ]
        name = names.get("stability")
        return Models(energies, named_version("stability", name) if name else stability_champion())
    if names:
        raise UsageError(
            "--trained and --ie, --ea or --stability name different models: choose one"
        )
    models = [project_model(target) for target in ("IE", "EA")]
    if models[0].registered.data_sha256 != models[1].registered.data_sha256:
        raise OrganodeError(
            "the models in results/train were trained on different tables: run `dvc repro`"
        )
    return Models(models, project_model("stability"))


@commands.command(
    rich_help_panel=USE, epilog="`organode screen library.csv --solvent ACN --out screened`"
)
def screen(
    molecules: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE... | PATTERN | LIBRARY | -",
            help="CSV, SMILES list, SDF, Parquet or XLSX, or .gz; several, a pattern such as "
            "'part-*.smi', a folder that `organode library build` made, or - for SMILES from "
            "standard input.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="The folder for the report.")],
    solvent: Solvent = None,
    reference: Annotated[
        str | None,
        typer.Option(help="Reference electrode of all potentials, such as Na/Na+ or SCE."),
    ] = None,
    collector: Annotated[
        str | None, typer.Option(help="Current collector of the positive electrode, such as Al.")
    ] = None,
    cell: Annotated[
        Literal["flow", "metal", "symmetric"] | None,
        typer.Option(
            help="flow: flow battery; metal: cell with a lithium electrode, the molecule at the "
            "positive electrode; symmetric: one molecule for both electrodes."
        ),
    ] = None,
    margin: Annotated[
        Literal["interval", "thesis"] | None,
        typer.Option(
            help="interval: each molecule's own error bar on the laboratory scale; thesis: one "
            "error bar for all molecules on the computed scale (MAE + evaluate.margin_sd SD)."
        ),
    ] = None,
    verify: Annotated[int, typer.Option(min=0, help="Verify the best N in each role by xTB.")] = 0,
    engine: Engine = "auto",
    jobs: Jobs = None,
    scheduler: Scheduler = None,
    column: Column = None,
    id_column: IdColumn = None,
    separator: Separator = None,
    sheet: Sheet = None,
    encoding: Encoding = None,
    cap: Cap = None,
    model: ModelFolder = None,
    trained: Annotated[
        bool,
        typer.Option(
            "--trained", help="Use the models of this project's last training, not the champions."
        ),
    ] = False,
    ie: Annotated[
        str | None, typer.Option(help="IE model: a version, an alias or a run's id.")
    ] = None,
    ea: Annotated[str | None, typer.Option(help="EA model, likewise.")] = None,
    stability: Annotated[str | None, typer.Option(help="Model of stable ions, likewise.")] = None,
    overrides: Sets = None,
) -> None:
    """Find electrode candidates in a library of molecules; write a report with structures."""
    from joblib import cpu_count

    from organode.library.engine import Run
    from organode.library.find import find_library
    from organode.library.stream import STDIN, is_open_pipe
    from organode.pipeline.screen import convention_warnings
    from organode.pipeline.screen import screen as run
    from organode.screening.engine.parts import parts_folder
    from organode.utils.files import matching_files
    from organode.utils.outputs import keep_apart, private_folder

    overridden = [
        f"screen.{key}={value}"
        for key, value in (
            ("solvent", solvent),
            ("reference", reference),
            ("collector", collector),
            ("cell", cell),
            ("margin", margin),
        )
        if value is not None
    ]
    settings = settings_of([*(overrides or []), *overridden])
    wanted, options = reading_of(column, id_column, separator, sheet, encoding, cap)
    keep_apart(out, [*matching_files(molecules), settings.curate.xtb_reference])
    spool = parts_folder(out)
    if any(name == STDIN or is_open_pipe(Path(name)) for name in molecules):
        private_folder(spool)
    summary = run(
        find_library(molecules, wanted, spool, options),
        lambda: load_models(trained, model, {"IE": ie, "EA": ea, "stability": stability}),
        settings.screen,
        out,
        run=Run(engine, jobs or cpu_count(), scheduler),
        n_verified=verify,
        xtb_reference=settings.curate.xtb_reference,
        warnings=convention_warnings(settings),
    )
    counts = ", ".join(f"{n:,} {role}-type" for role, n in summary["candidates"].items())
    typer.echo(f"{counts} candidates among {summary['rows']:,} rows: {out / 'report.html'}")
