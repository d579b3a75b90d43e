"""The command line: parses, calls one stage, prints. Everything heavy is imported on demand."""

from __future__ import annotations

import faulthandler
import os
import sys
import threading
import traceback
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from organode import __version__
from organode.errors import OrganodeError, UsageError, keep_secret, without_password
from organode.utils.processes import Stopped, stop_on_signals
from organode.utils.resources import explained

if TYPE_CHECKING:
    from organode.library.columns import Wanted
    from organode.library.formats import ReadOptions
    from organode.pipeline.screen import Models
    from organode.settings import Screen, Settings
    from organode.tracking.registry.promote import Promotion

# Loud libraries that are not asked for their opinion; set before any of them is imported.
QUIET = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",  # the same sums on every x86 machine
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "GIT_PYTHON_REFRESH": "quiet",
    # Processes started from here import nothing that happens to lie in the working folder.
    "PYTHONSAFEPATH": "1",
}

CHAIN, USE, LABELS = "Stages of the chain", "Models in use", "Labels"

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="From a molecule's structure to electrode materials that survive in an electrolyte.",
    epilog="Run the whole chain with `dvc repro`. Runs and models: `organode ui`.",
)
embedded = typer.Typer(no_args_is_help=True, help="Build the embedded data set from scratch.")
app.add_typer(embedded, name="embedded", rich_help_panel="Labels")
library = typer.Typer(no_args_is_help=True, help="Libraries that are screened more than once.")
app.add_typer(library, name="library", rich_help_panel=USE)
data = typer.Typer(no_args_is_help=True, help="Compare versions of the data.")
app.add_typer(data, name="data", rich_help_panel="Data")

INTERRUPTED = 130


class _State:
    params = Path("params.yaml")
    debug = False


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"organode {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    params: Annotated[Path, typer.Option(help="The file with all settings.")] = Path("params.yaml"),
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no news.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[  # noqa: ARG001
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    _State.params, _State.debug = params, debug
    if quiet:
        from organode.utils.progress import console

        console.quiet = True


Target = Annotated[Literal["IE", "EA"], typer.Argument(help="IE or EA.")]
Registered = Annotated[
    Literal["IE", "EA", "stability"],
    typer.Argument(metavar="MODEL", help="IE, EA or stability."),
]
Engine = Annotated[
    Literal["auto", "serial", "processes", "dask"],
    typer.Option(help="Where the work is done; the result is the same."),
]
Jobs = Annotated[int | None, typer.Option(min=1, help="Processes; as many as cores if omitted.")]
Scheduler = Annotated[str | None, typer.Option(help="Address of a running Dask scheduler.")]
Column = Annotated[
    str | None,
    typer.Option(
        help="The column that holds SMILES or InChI; found by its usual names if omitted."
    ),
]
IdColumn = Annotated[
    str | None, typer.Option(help="The column of the molecules' names; found likewise.")
]
Separator = Annotated[
    str | None,
    typer.Option(help="Between the cells of a text table, such as ';' or tab; found if omitted."),
]
Sheet = Annotated[str | None, typer.Option(help="Of a workbook; the first one if omitted.")]
Encoding = Annotated[
    str | None, typer.Option(help="Of text, such as cp949; found if it is omitted.")
]
Cap = Annotated[
    Literal["H", "methyl"] | None,
    typer.Option(help="What ends a polymer's repeat unit, where its SMILES has a *."),
]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Use this instead of what params.yaml says."),
]


def _cell(reference: str | None, solvent: str | None) -> Screen:
    """Return the cell of `params.yaml`, if there is one, with what the command line says."""
    from organode.settings import Screen

    has_settings = _State.params.exists() or _State.params != Path("params.yaml")
    cell = _settings().screen if has_settings else Screen()
    given = {"reference": reference, "solvent": solvent}
    return cell.model_copy(update={key: value for key, value in given.items() if value})


def _reading(
    column: str | None,
    id_column: str | None,
    separator: str | None,
    sheet: str | None,
    encoding: str | None,
    cap: str | None,
) -> tuple[Wanted, ReadOptions]:
    """Return what a command line says of how a file is read."""
    from organode.library.columns import Wanted
    from organode.library.formats import ReadOptions

    return Wanted(column, id_column), ReadOptions(separator, sheet, encoding, cap or "")


def _settings(overrides: list[str] | None = None) -> Settings:
    from organode.settings import load_settings

    return load_settings(_State.params, overrides or ())


def _alone(stage: str, out: Path) -> AbstractContextManager[None]:
    """Keep a second command of the same stage away while the block runs."""
    from organode.utils.files import alone

    return alone(out, Path(".organode") / f"{stage}.lock")


@app.command(rich_help_panel=CHAIN, epilog="`organode fetch --set fetch.source=file`")
def fetch(overrides: Sets = None) -> None:
    """Get labelled molecules: the embedded set, a file of one's own, the Materials Project."""
    from organode.artifacts import RAW
    from organode.pipeline.fetch import fetch as run

    settings = _settings(overrides)
    with _alone("fetch", RAW.parent):
        raw = run(settings)
    typer.echo(f"fetched {raw.provenance.rows:,} rows from {raw.provenance.source}")


@app.command(rich_help_panel=CHAIN, epilog="`organode curate --set curate.largest_spread=0.3`")
def curate(overrides: Sets = None) -> None:
    """Make one clean row for each structure; say why any other row is not used."""
    from organode.artifacts import CURATED
    from organode.pipeline.curate import curate as run
    from organode.utils.files import keep_apart

    settings = _settings(overrides)
    keep_apart(CURATED.parent, [settings.curate.yardstick], "the curated data's folder")
    with _alone("curate", CURATED.parent):
        done = run(settings)
    typer.echo(
        f"{len(done.clean):,} clean, {len(done.merged):,} merged into them, "
        f"{len(done.rejected):,} rejected (data/curated/rejected.csv)"
    )


@app.command(rich_help_panel=CHAIN, epilog="`organode split --set split.method=scaffold`")
def split(overrides: Sets = None) -> None:
    """Decide once which rows are held out and which are in which fold."""
    from organode.artifacts import SPLITS
    from organode.pipeline.split import split as run

    settings = _settings(overrides)
    with _alone("split", SPLITS):
        done = run(settings)
    typer.echo(f"{int(done.outer.sum()):,} outer test rows, {done.n_folds} folds")


@app.command(rich_help_panel=CHAIN, epilog="`organode featurize`")
def featurize(overrides: Sets = None) -> None:
    """Compute the Morgan environments of every molecule, once for all settings."""
    from organode.artifacts import MORGAN
    from organode.pipeline.featurize import featurize as run

    settings = _settings(overrides)
    with _alone("featurize", MORGAN.parent):
        table = run(settings)
    typer.echo(f"{len(table):,} environments")


@app.command(rich_help_panel=CHAIN, epilog="`organode search IE --set search.n_trials=50`")
def search(
    target: Target,
    preset: Annotated[
        Literal["thesis"] | None,
        typer.Option(help="Compare the 25 settings of the 2020 thesis by its own protocol."),
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Of each training, instead of the usual number.")
    ] = None,
    overrides: Sets = None,
) -> None:
    """Search fingerprint and network settings; goes on where it was interrupted.

    Started several times on one storage (`search.storage`), the processes share the work.
    """
    from organode.artifacts import best_path
    from organode.pipeline.search import search as run

    best = run(target, _settings(overrides), preset=preset, epochs=epochs)
    typer.echo(f"best setting for {target} in {best_path(target, preset)}: {best.as_dict()}")


@app.command(rich_help_panel=CHAIN, epilog="`organode train EA --set train.epochs=80`")
def train(
    target: Target,
    best: Annotated[
        Path | None, typer.Option(help="The setting to train, instead of the search's best.")
    ] = None,
    overrides: Sets = None,
) -> None:
    """Train one network a fold; goes on after the last finished fold."""
    from organode.artifacts import ensemble_folder
    from organode.pipeline.train import train as run
    from organode.utils.files import keep_apart

    settings, out = _settings(overrides), ensemble_folder(target)
    if best is not None:
        keep_apart(out, [best], "the trained model")
    with _alone(f"train-{target}", out):
        ensemble = run(target, settings, best)
    typer.echo(f"{len(ensemble.members)} networks for {target} in {ensemble_folder(target)}")


@app.command(rich_help_panel=CHAIN, epilog="`organode calibrate IE`")
def calibrate(target: Target, overrides: Sets = None) -> None:
    """Learn the error bars from predictions out of fold, and the laboratory scale."""
    from organode.artifacts import calibration_folder
    from organode.pipeline.calibrate import calibrate as run

    settings = _settings(overrides)
    with _alone(f"calibrate-{target}", calibration_folder(target)):
        uncertainty, scale = run(target, settings.calibrate.measured)
    typer.echo(
        f"error bars for {target} from {len(uncertainty.label):,} molecules, laboratory scale from "
        f"{len(scale.rows)} measured potentials, in {calibration_folder(target)}"
    )


@app.command(
    rich_help_panel=CHAIN, epilog="`organode stability --set stability.couples=couples.csv`"
)
def stability(overrides: Sets = None) -> None:
    """Learn which oxidised and reduced forms last, from couples seen to be reversible or not."""
    from organode.artifacts import STABILITY
    from organode.pipeline.stability import stability as run

    settings = _settings(overrides)
    with _alone("stability", STABILITY):
        known = run(settings)["left_out"]
    typer.echo(
        f"stability, families left out: AUC {known['auc']:.3f}, Brier score {known['brier']:.3f}, "
        f"n = {known['n']:,}, in {STABILITY}"
    )


@app.command(rich_help_panel=CHAIN, epilog="`organode evaluate IE`")
def evaluate(target: Target, overrides: Sets = None) -> None:
    """Measure the ensemble on the outer rows, out of fold, and as the thesis did."""
    from organode.artifacts import metrics_path
    from organode.pipeline.evaluate import evaluate as run

    settings = _settings(overrides)
    with _alone(f"evaluate-{target}", metrics_path(target).parent):
        metrics = run(target, settings)
    for part, words in (
        ("outer", "outer test rows"),
        ("out_of_fold", "out of fold"),
        ("whole_set", "whole set, training rows included"),
    ):
        known = metrics[part]
        typer.echo(
            f"{target} {words}: MAE {known['mae']:.3f} eV, R² {known['r2']:.3f}, n = {known['n']:,}"
        )


@app.command(rich_help_panel=CHAIN, epilog="`organode register IE`")
def register(target: Registered) -> None:
    """Register the model that was made last; the first one becomes the champion."""
    from organode.artifacts import version_path
    from organode.pipeline.register import register as run

    with _alone(f"register-{target}", version_path(target)):
        done = run(target)
    alias = f", alias {', '.join(done.aliases)}" if done.aliases else ""
    typer.echo(f"{done.name} version {done.version}{alias}")


@app.command(
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


@app.command(rich_help_panel=USE, epilog='`organode rollback IE --reason "worse in the lab"`')
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


def _models(trained: bool, asked: dict[str, str | None]) -> Models:
    from organode.pipeline.predict import stability_champion
    from organode.pipeline.screen import Models
    from organode.tracking.registry.registry import champions, named, trained_here

    names = {target: name for target, name in asked.items() if name}
    if not trained:
        energies = [
            named(target, names[target]) if target in names else champions((target,))[0]
            for target in ("IE", "EA")
        ]
        lasting = names.get("stability")
        return Models(energies, named("stability", lasting) if lasting else stability_champion())
    if names:
        raise UsageError(
            "--trained and --ie, --ea or --stability name different models: choose one"
        )
    models = [trained_here(target) for target in ("IE", "EA")]
    if models[0].registered.data_sha256 != models[1].registered.data_sha256:
        raise OrganodeError(
            "the models in results/train were trained on different tables: run `dvc repro`"
        )
    return Models(models, trained_here("stability"))


@app.command(
    rich_help_panel=USE,
    epilog="`organode predict 'O=C1C=CC(=O)C=C1'`  ·  `organode predict molecules.csv --out p.csv`"
    "  ·  `cut -f1 list.smi | organode predict - --json`",
)
def predict(
    molecules: Annotated[
        list[str],
        typer.Argument(
            metavar="SMILES... | FILE | -",
            help="SMILES; or one file (CSV, XLSX, Parquet, SDF, SMILES list; or .gz); or - for "
            "SMILES from standard input.",
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(help="CSV or Parquet to write, instead of showing the table.")
    ] = None,
    column: Column = None,
    id_column: IdColumn = None,
    separator: Separator = None,
    sheet: Sheet = None,
    encoding: Encoding = None,
    cap: Cap = None,
    level: Annotated[
        float, typer.Option(help="Share of values that are to lie inside their interval.")
    ] = 0.95,
    reference: Annotated[
        str | None, typer.Option(help="Electrode that potentials are given against: SCE, Fc/Fc+ …")
    ] = None,
    solvent: Annotated[
        str | None, typer.Option(help="Solvent of the potentials: ACN, DMF …")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Show JSON instead of a table.")] = False,
) -> None:
    """Predict potentials, IE and EA with error bars, and whether the ions last, by the champions.

    What cannot be read gets a status.
    """
    from organode.electrochemistry import axis, warnings
    from organode.pipeline import predict as run
    from organode.utils.files import claimed
    from organode.utils.progress import say

    _check_answer(out, level)
    cell = _cell(reference, solvent)
    for warning in warnings(cell):
        say(f"warning: {warning}")
    wanted, options = _reading(column, id_column, separator, sheet, encoding, cap)
    loaded: list[run.Champions] = []

    def models() -> run.Champions:
        loaded.append(run.champions())
        return loaded[0]

    with TemporaryDirectory(prefix="organode-") as spool:
        given = run.molecules_of(molecules, wanted, options, Path(spool))
        with claimed(out, molecules) if out else nullcontext():
            table = run.predict_molecules(given, models, level, cell, out)
    if out:
        good = int((table["status"] == "ok").sum())
        typer.echo(f"{good:,} of {len(table):,} rows predicted: {out}")
        say(f"E in {axis(cell)}")
    else:
        targets = [model.target for model in loaded[0].models]
        typer.echo(run.as_json(table) if as_json else run.as_text(table, targets, level, cell))


@app.command(
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
            help="What they are compared with: a name or an abbreviation in the table of measured "
            "potentials, such as AQ, or any structure. (The electrode is --electrode here.)",
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(help="CSV or Parquet to write, instead of showing the table.")
    ] = None,
    cap: Cap = None,
    level: Annotated[
        float, typer.Option(help="Share of values that are to lie inside their interval.")
    ] = 0.95,
    electrode: Annotated[
        str | None,
        typer.Option(
            help="Electrode that potentials are given against: SCE, Fc/Fc+ … (--reference of "
            "`predict`)."
        ),
    ] = None,
    solvent: Annotated[
        str | None, typer.Option(help="Solvent of the potentials: ACN, DMF …")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Show JSON instead of a table.")] = False,
) -> None:
    """Compare molecules with one that was measured: differences, and the fragments that make them.

    A difference has an error bar of its own, narrower between molecules that are alike.
    """
    from organode.compare import compare as run
    from organode.compare.show import comparison_json, shown, write_comparison
    from organode.electrochemistry import axis, warnings
    from organode.electrochemistry.scale.potential import POTENTIALS
    from organode.tracking.registry.registry import champions
    from organode.utils.files import claimed
    from organode.utils.progress import say

    _check_answer(out, level)
    cell = _cell(electrode, solvent)
    for warning in warnings(cell):
        say(f"warning: {warning}")
    models = [each.model for each in champions(("IE", "EA"), all_needed=False)]
    table = run(
        models, molecules, reference, cap=cap or "", level=level, electrode=cell.reference,
        solvent=cell.solvent,
    )  # fmt: skip
    if out is not None:
        with claimed(out, ()):
            write_comparison(table, out)
        good = int((table["status"] == "ok").sum())
        typer.echo(f"{good:,} of {len(table):,} molecules compared: {out}")
        say(f"E in {axis(cell)}")
        return
    names = [POTENTIALS[model.target] for model in models]
    typer.echo(comparison_json(table) if as_json else shown(table, names, level, cell))


def _check_answer(out: Path | None, level: float) -> None:
    if out and out.suffix not in (".csv", ".parquet"):
        raise UsageError(f"--out {out}: the name must end in .csv or .parquet")
    if not 0 < level < 1:
        raise UsageError(f"--level {level:g}: must lie between 0 and 1, such as 0.95")


@app.command(
    rich_help_panel=USE, epilog="`organode screen library.csv --solvent ACN --out screened`"
)
def screen(
    molecules: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE... | PATTERN | STABILITY | -",
            help="CSV, SMILES list, SDF, Parquet or XLSX, or .gz; several, a pattern such as "
            "'part-*.smi', a folder that `organode library build` made, or - for SMILES from "
            "standard input.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="The folder for the report.")],
    solvent: Annotated[str | None, typer.Option(help="Such as ACN.")] = None,
    reference: Annotated[
        str | None, typer.Option(help="Electrode of all potentials, such as Na/Na+ or SCE.")
    ] = None,
    collector: Annotated[
        str | None, typer.Option(help="Of the positive electrode, such as Al.")
    ] = None,
    cell: Annotated[
        Literal["flow", "metal", "symmetric"] | None,
        typer.Option(
            help="flow battery, cell with a lithium electrode (the molecule is the positive one), "
            "or one molecule for both electrodes."
        ),
    ] = None,
    margin: Annotated[
        Literal["interval", "thesis"] | None,
        typer.Option(
            help="Rule: each molecule's own error bar on the laboratory scale, or the thesis's one "
            "for all on the computed scale (MAE + evaluate.margin_sd SD)."
        ),
    ] = None,
    verify: Annotated[int, typer.Option(min=0, help="Compute the best N in each role by xTB.")] = 0,
    engine: Engine = "auto",
    jobs: Jobs = None,
    scheduler: Scheduler = None,
    column: Column = None,
    id_column: IdColumn = None,
    separator: Separator = None,
    sheet: Sheet = None,
    encoding: Encoding = None,
    cap: Cap = None,
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
    stability: Annotated[
        str | None, typer.Option(help="Model of which ions last, likewise.")
    ] = None,
    overrides: Sets = None,
) -> None:
    """Find electrode candidates in a library and write a report with structures."""
    from organode.library.engine import Run
    from organode.library.find import find
    from organode.library.stream import STDIN, is_open_pipe
    from organode.pipeline.screen import convention_warnings
    from organode.pipeline.screen import screen as run
    from organode.screen.engine.parts import parts_folder
    from organode.utils.cores import cores
    from organode.utils.files import keep_apart, matching, private_folder

    chosen = [
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
    settings = _settings([*(overrides or []), *chosen])
    wanted, options = _reading(column, id_column, separator, sheet, encoding, cap)
    keep_apart(out, [*matching(molecules), settings.curate.yardstick])
    spool = parts_folder(out)
    if any(name == STDIN or is_open_pipe(Path(name)) for name in molecules):
        private_folder(spool)
    summary = run(
        find(molecules, wanted, spool, options),
        lambda: _models(trained, {"IE": ie, "EA": ea, "stability": stability}),
        settings.screen,
        out,
        run=Run(engine, jobs or cores(), scheduler),
        n_verified=verify,
        yardstick=settings.curate.yardstick,
        warnings=convention_warnings(settings),
    )
    found = ", ".join(f"{n:,} {role}-type" for role, n in summary["candidates"].items())
    typer.echo(f"{found} candidates among {summary['rows']:,} rows: {out / 'report.html'}")


@library.command("build", epilog="`organode library build 'zinc/*.smi.gz' --out zinc.library`")
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
    """Parse and fingerprint a library once; `organode screen STABILITY` then needs no SMILES."""
    from organode.library.build import build
    from organode.library.engine import Run
    from organode.library.stream import Library
    from organode.utils.cores import cores
    from organode.utils.files import keep_apart, matching

    keep_apart(out, matching(molecules))
    wanted, options = _reading(column, id_column, separator, sheet, encoding, cap)
    given = Library.find(molecules, wanted, out, options)
    made = build(given, out, Run(engine, jobs or cores(), scheduler), _settings().screen.in_full)
    typer.echo(f"{made.about():,} rows described: organode screen {out} --out FOLDER")


@app.command(rich_help_panel=USE, epilog="`organode ui --port 5000`")
def ui(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on this machine.")] = 5000,
) -> None:
    """Open MLflow's pages for runs and models on this machine only; stop it with Ctrl-C."""
    from organode.tracking.client import serve
    from organode.tracking.registry.kinds import NAMES
    from organode.tracking.registry.registry import restore

    restore(NAMES)
    raise typer.Exit(serve(port))


@app.command(rich_help_panel=LABELS, epilog="`organode label molecules.csv --out labels.csv`")
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
        typer.Option(help="xtb, or b3lyp: slow, up to 16 heavy atoms, needs pyscf."),
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
    """Compute IE and EA by xTB or B3LYP/6-31+G(d); goes on where it was interrupted."""
    from organode.label.engine import label_table
    from organode.library.chunk import gathered
    from organode.library.stream import Library
    from organode.utils.files import keep_apart

    keep_apart(out, [Path(file)])
    wanted, options = _reading(column, id_column, separator, sheet, encoding, cap)
    with TemporaryDirectory(prefix="organode-") as spool:
        library = Library.find([file], wanted, Path(spool), options)
        library.require_rows()
        given = gathered(library.pieces(columns=True))
    table = label_table(
        given.smiles, out, given=given, level=level, solvent=solvent, adiabatic=adiabatic, jobs=jobs
    )  # fmt: skip
    good = int((table["status"] == "ok").sum())
    typer.echo(f"{good:,} of {len(table):,} molecules labelled: {out}")


@embedded.command(epilog="`organode embedded pool --out work --size 5000`")
def pool(
    out: Annotated[Path, typer.Option(help="Folder for pool.csv, dft.csv and library.csv.")],
    size: Annotated[
        int | None, typer.Option(min=1, help="Only the first so many: a fair sample of all.")
    ] = None,
) -> None:
    """Choose the molecules to label, by xTB (pool.csv) and by B3LYP (dft.csv), and to screen.

    dft.csv is in an order of which any first part is a fair sample; library.csv is to screen.
    """
    from organode.label.pool import build_pool, choose_for_dft
    from organode.utils.files import alone
    from organode.utils.tables import write_csv

    with alone(out):
        chosen, library = build_pool()
        chosen = chosen.head(size or len(chosen))
        tables = {"pool": chosen, "dft": choose_for_dft(chosen), "library": library}
        for name, table in tables.items():
            write_csv(table, out / f"{name}.csv")
            typer.echo(f"{len(table):,} molecules: {out / name}.csv")


@embedded.command(
    epilog="`organode embedded build work/pool.csv work/labels.csv --dft work/b3lyp.csv "
    "--out data/embedded`"
)
def build(
    pool: Annotated[Path, typer.Argument(help="What `organode embedded pool` wrote.")],
    labels: Annotated[list[Path], typer.Argument(help="What `organode label` made of it.")],
    dft: Annotated[
        list[Path], typer.Option(help="What `organode label --level b3lyp` made of dft.csv.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the data set and its card.")],
    experiment: Annotated[
        Path | None, typer.Option(help="An experiment.csv of before; computed when omitted.")
    ] = None,
) -> None:
    """Join labels and pool into the data set, and write its card with measured accuracy."""
    from organode.label.embedded import WRITTEN, build_embedded, read_pool
    from organode.utils.files import alone, keep_apart

    for name in WRITTEN:
        keep_apart(out / name, [pool, *labels, *dft, *([experiment] if experiment else [])])
    with alone(out):
        made = build_embedded(read_pool(pool), labels, dft, out, experiment=experiment)
    typer.echo(f"{len(made.molecules):,} molecules, {len(made.failures):,} failures: {out}")


@embedded.command(epilog="`organode embedded orbitals data/embedded/molecules.csv`")
def orbitals(
    molecules: Annotated[Path, typer.Argument(help="What `organode embedded build` wrote.")],
    out: Annotated[Path, typer.Option(help="Where the integrals go.")] = Path(
        "src/organode/chem/integrals.json"
    ),
) -> None:
    """Fit the Hückel model's integrals to the raw xTB energies of the embedded molecules."""
    from organode.label.orbitals import fit_embedded
    from organode.utils.files import claimed

    with claimed(out, [molecules]):
        errors = fit_embedded(molecules, out)
    typer.echo(f"mean deviation of IE {errors[0]:.3f} eV, of EA {errors[1]:.3f} eV: {out}")


@data.command(
    epilog="`organode data diff HEAD~1`  ·  `organode data diff v1.0 main --csv changes.csv`"
)
def diff(
    revision: Annotated[str, typer.Argument(help="A git commit, tag or branch.")],
    other: Annotated[
        str | None, typer.Argument(help="Compare with this; the workspace when omitted.")
    ] = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="The fetched table, not the clean one.")
    ] = False,
    csv: Annotated[
        Path | None, typer.Option(help="Write every molecule that changed to this CSV.")
    ] = None,
) -> None:
    """Show which molecules, labels and references changed between two versions of the data."""
    from organode.artifacts import CURATED, RAW
    from organode.curate.diff import read
    from organode.curate.diff.compare import compare
    from organode.curate.diff.show import show
    from organode.utils.files import alone, keep_apart
    from organode.utils.tables import write_csv

    path = RAW if raw else CURATED
    if csv is not None:
        keep_apart(csv, [path, Path("dvc.lock")], "--csv")
    old = read.revision(path, revision)
    new = read.workspace(path) if other is None else read.revision(path, other)
    difference = compare(old.table, new.table)
    show(str(path), old, new, difference)
    if csv is not None:
        with alone(csv):
            write_csv(difference.changes, csv)
        typer.echo(f"{len(difference.changes):,} molecules: {csv}")


def main() -> None:
    """Run the command line and turn errors into one sentence and an exit code."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    if sys.stderr is not None and not faulthandler.is_enabled():
        faulthandler.enable()  # a crash of a library in C says at least where it was called
    keep_secret(*sys.argv[1:])
    threading.excepthook = lambda failed: _show(failed.exc_value)
    stop_on_signals()
    try:
        app(standalone_mode=True)
    except OrganodeError as error:
        _fail(str(error), 2 if isinstance(error, UsageError) else 1, error)
    except SystemExit as stop:  # typer's own: wrong words (2), Ctrl-C (130), or all is well
        if stop.code == INTERRUPTED:
            typer.secho("interrupted: start the same command again to resume", err=True)
            sys.exit(128 + Stopped.number)
        raise
    except Exception as error:  # what the machine lacks, or a defect: one sentence unless --debug
        if said := explained(error):
            _fail(str(said), 1, error)
        _fail(
            f"unexpected {type(error).__name__}: "
            f"{without_password(' '.join(str(error).split()))[:300]}; "
            "run again with `organode --debug …` and report what it shows",
            1,
            error,
        )


def _fail(message: str, code: int, error: BaseException) -> None:
    if _State.debug:
        _show(error)
    typer.secho(f"error: {without_password(message)}", err=True, fg="red")
    sys.exit(code)


def _show(error: BaseException | None) -> None:
    """Show a traceback as Python does, without passwords."""
    if error is not None:
        typer.echo(without_password("".join(traceback.format_exception(error))), err=True)


if __name__ == "__main__":
    main()
