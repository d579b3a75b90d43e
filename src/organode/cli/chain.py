"""The commands of the stages from raw data to a registered model: `fetch`, …, `register`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from organode.cli.options import (
    CHAIN,
    Engine,
    Jobs,
    Registered,
    Scheduler,
    Sets,
    Target,
    exclusive,
    settings_of,
    version_line,
)
from organode.errors import UsageError

commands = typer.Typer()


@commands.command(rich_help_panel=CHAIN, epilog="`organode fetch --set fetch.source=file`")
def fetch(overrides: Sets = None) -> None:
    """Get molecules with known IE or EA from `data/embedded`, your file or Materials Project."""
    from organode.artifacts import RAW
    from organode.pipeline.fetch import fetch as run

    settings = settings_of(overrides)
    with exclusive("fetch", RAW.parent):
        raw = run(settings)
    typer.echo(f"fetched {raw.provenance.rows:,} rows from {raw.provenance.source}")


@commands.command(rich_help_panel=CHAIN, epilog="`organode curate --set curate.largest_spread=0.3`")
def curate(overrides: Sets = None) -> None:
    """Make a table with one clean row for each structure; list rejected rows with the reason."""
    from organode.artifacts import CURATED
    from organode.pipeline.curate import curate as run
    from organode.utils.outputs import keep_apart

    settings = settings_of(overrides)
    keep_apart(CURATED.parent, [settings.curate.xtb_reference], "the curated data's folder")
    with exclusive("curate", CURATED.parent):
        done = run(settings)
    typer.echo(
        f"{len(done.clean):,} clean, {len(done.merged):,} merged into them, "
        f"{len(done.rejected):,} rejected (data/curated/rejected.csv)"
    )


@commands.command(rich_help_panel=CHAIN, epilog="`organode split --set split.method=scaffold`")
def split(overrides: Sets = None) -> None:
    """Assign every molecule to the test set or a cross-validation fold, for all later stages."""
    from organode.artifacts import SPLITS
    from organode.pipeline.split import split as run

    settings = settings_of(overrides)
    with exclusive("split", SPLITS):
        done = run(settings)
    typer.echo(f"test set of {int(done.outer.sum()):,} rows, {done.n_folds} folds")


@commands.command(rich_help_panel=CHAIN, epilog="`organode featurize`")
def featurize(overrides: Sets = None) -> None:
    """Compute fingerprints and frontier orbitals of all molecules, the input of all networks."""
    from organode.artifacts import MORGAN
    from organode.pipeline.featurize import featurize as run

    settings = settings_of(overrides)
    with exclusive("featurize", MORGAN.parent):
        table = run(settings)
    typer.echo(f"{len(table):,} environments")


@commands.command(rich_help_panel=CHAIN, epilog="`organode search IE --set search.n_trials=50`")
def search(
    target: Target,
    preset: Annotated[
        Literal["thesis", "nightly"] | None,
        typer.Option(
            help="nightly: 100 trials on all folds. thesis: the 25 settings of the 2020 thesis, "
            "by its protocol."
        ),
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Epochs of each training, instead of the default.")
    ] = None,
    overrides: Sets = None,
) -> None:
    """Search for the best fingerprint and network settings; resumes after an interruption.

    Several processes with the same storage (`search.storage` in params.yaml) share the trials.
    """
    from organode.artifacts import best_path
    from organode.pipeline.search import search as run

    best = run(target, settings_of(overrides), preset=preset, epochs=epochs)
    typer.echo(f"best settings for {target} in {best_path(target, preset)}: {best.as_dict()}")


@commands.command(rich_help_panel=CHAIN, epilog="`organode pretrain IE`")
def pretrain(target: Target, overrides: Sets = None) -> None:
    """Train a network on labels by cheaper methods, from which the networks of `train` go on."""
    from organode.artifacts import pretrained_folder
    from organode.pipeline.pretrain import pretrain as run

    settings, out = settings_of(overrides), pretrained_folder(target)
    with exclusive(f"pretrain-{target}", out):
        network = run(target, settings)
    if network is not None:
        errors = ", ".join(f"{name} {error:.3f} eV" for name, error in network.errors.items())
        typer.echo(f"{network.name}; MAE of molecules held out: {errors}; in {out}")


@commands.command(rich_help_panel=CHAIN, epilog="`organode train EA --set train.epochs=80`")
def train(
    target: Target,
    best: Annotated[
        Path | None, typer.Option(help="File of the settings to train; default: best of search.")
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="MODEL",
            help="Go on from the networks of an earlier model: packaged, a folder of `organode "
            "model export`, or a registered version such as @champion.",
        ),
    ] = None,
    overrides: Sets = None,
) -> None:
    """Train one network for each cross-validation fold; resumes after the last finished fold."""
    from organode.api.load import warm_start
    from organode.artifacts import ensemble_folder
    from organode.pipeline.train import train as run
    from organode.utils.outputs import keep_apart

    settings, out = settings_of(overrides), ensemble_folder(target)
    if best is not None:
        keep_apart(out, [best], "the trained model")
    if best is not None and start is not None:
        raise UsageError("give --best or --from: an earlier model has its own settings")
    start = start if best is not None or start is not None else settings.train.start
    with exclusive(f"train-{target}", out):
        ensemble = run(target, settings, best, warm_start(start, target) if start else None)
    typer.echo(f"{len(ensemble.members)} networks for {target} in {ensemble_folder(target)}")


@commands.command(
    rich_help_panel=CHAIN, epilog="`organode package data/packaged/molecules.parquet --out model`"
)
def package(
    molecules: Annotated[
        Path, typer.Argument(help="Parquet file of unlabelled molecules, with a column `smiles`.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the model.")],
    engine: Engine = "auto",
    jobs: Jobs = None,
    scheduler: Scheduler = None,
    overrides: Sets = None,
) -> None:
    """Train a small network to predict what an ensemble predicts, for IE and for EA.

    The small networks replace the ensembles in the model that is installed with organode, where
    files must be small. The command takes a quarter of an hour; it resumes after an interruption.
    """
    from joblib import cpu_count

    from organode.library.engine import Run
    from organode.pipeline.package import package as run

    settings = settings_of(overrides)
    with exclusive("package", out):
        figures = run(molecules, settings, out, Run(engine, jobs or cpu_count(), scheduler))
    for target, of in figures.items():
        student, teacher = of["student"], of["teacher"]
        typer.echo(
            f"{target}: MAE {student['mae']:.3f} eV, its teacher {teacher['mae']:.3f} eV; "
            f"potentials {student['measured_mae']:.3f} V, its teacher "
            f"{teacher['measured_mae']:.3f} V: {out}"
        )


@commands.command(rich_help_panel=CHAIN, epilog="`organode calibrate IE`")
def calibrate(target: Target, overrides: Sets = None) -> None:
    """Fit the error bars, and the laboratory scale, which converts energies to potentials."""
    from organode.artifacts import calibration_folder
    from organode.pipeline.calibrate import calibrate as run

    settings = settings_of(overrides)
    with exclusive(f"calibrate-{target}", calibration_folder(target)):
        uncertainty, scale = run(
            target,
            settings.calibrate.measured,
            settings.stability.ions,
            settings.calibrate.held_out,
        )
    typer.echo(
        f"error bars for {target} from {len(uncertainty.label):,} molecules, laboratory scale from "
        f"{len(scale.rows)} measured potentials, in {calibration_folder(target)}"
    )


@commands.command(
    rich_help_panel=CHAIN, epilog="`organode stability --set stability.couples=couples.csv`"
)
def stability(overrides: Sets = None) -> None:
    """Fit the model of ion stability to redox couples observed as reversible or irreversible."""
    from organode.artifacts import STABILITY_FOLDER
    from organode.pipeline.stability import stability as run

    settings = settings_of(overrides)
    with exclusive("stability", STABILITY_FOLDER):
        known = run(settings)["left_out"]
    typer.echo(
        f"stability, left-out families: AUC {known['auc']:.3f}, Brier score {known['brier']:.3f}, "
        f"n = {known['n']:,}, in {STABILITY_FOLDER}"
    )


@commands.command(rich_help_panel=CHAIN, epilog="`organode evaluate IE`")
def evaluate(target: Target, overrides: Sets = None) -> None:
    """Compute the errors of a model on the test set, out of fold, and on all rows.

    Out of fold: each training row is predicted by the network that was not trained on the row. All
    rows: with the training rows, as in the 2020 thesis that the project began with.
    """
    from organode.artifacts import metrics_path
    from organode.pipeline.evaluate import evaluate as run

    settings = settings_of(overrides)
    with exclusive(f"evaluate-{target}", metrics_path(target).parent):
        metrics = run(target, settings)
    for part, words in (
        ("outer", "test set"),
        ("out_of_fold", "out of fold"),
        ("whole_set", "whole set, training rows included"),
    ):
        known = metrics[part]
        typer.echo(
            f"{target} {words}: MAE {known['mae']:.3f} eV, R² {known['r2']:.3f}, n = {known['n']:,}"
        )


@commands.command(rich_help_panel=CHAIN, epilog="`organode register IE`")
def register(target: Registered) -> None:
    """Register the last trained model as a version; the first version becomes the champion."""
    from organode.artifacts import version_path
    from organode.pipeline.register import register as run

    with exclusive(f"register-{target}", version_path(target)):
        done = run(target)
    typer.echo(version_line(done))
