"""The stages of the chain: one command each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from organode.cli.options import CHAIN, Registered, Sets, Target, exclusive, settings_of

commands = typer.Typer()


@commands.command(rich_help_panel=CHAIN, epilog="`organode fetch --set fetch.source=file`")
def fetch(overrides: Sets = None) -> None:
    """Get labelled molecules: the embedded set, a file of one's own, the Materials Project."""
    from organode.artifacts import RAW
    from organode.pipeline.fetch import fetch as run

    settings = settings_of(overrides)
    with exclusive("fetch", RAW.parent):
        raw = run(settings)
    typer.echo(f"fetched {raw.provenance.rows:,} rows from {raw.provenance.source}")


@commands.command(rich_help_panel=CHAIN, epilog="`organode curate --set curate.largest_spread=0.3`")
def curate(overrides: Sets = None) -> None:
    """Make one clean row for each structure; say why any other row is not used."""
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
    """Decide once which rows are held out and which are in which fold."""
    from organode.artifacts import SPLITS
    from organode.pipeline.split import split as run

    settings = settings_of(overrides)
    with exclusive("split", SPLITS):
        done = run(settings)
    typer.echo(f"{int(done.outer.sum()):,} outer test rows, {done.n_folds} folds")


@commands.command(rich_help_panel=CHAIN, epilog="`organode featurize`")
def featurize(overrides: Sets = None) -> None:
    """Compute the Morgan environments of every molecule, once for all settings."""
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

    best = run(target, settings_of(overrides), preset=preset, epochs=epochs)
    typer.echo(f"best setting for {target} in {best_path(target, preset)}: {best.as_dict()}")


@commands.command(rich_help_panel=CHAIN, epilog="`organode train EA --set train.epochs=80`")
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
    from organode.utils.outputs import keep_apart

    settings, out = settings_of(overrides), ensemble_folder(target)
    if best is not None:
        keep_apart(out, [best], "the trained model")
    with exclusive(f"train-{target}", out):
        ensemble = run(target, settings, best)
    typer.echo(f"{len(ensemble.members)} networks for {target} in {ensemble_folder(target)}")


@commands.command(rich_help_panel=CHAIN, epilog="`organode calibrate IE`")
def calibrate(target: Target, overrides: Sets = None) -> None:
    """Learn the error bars from predictions out of fold, and the laboratory scale."""
    from organode.artifacts import calibration_folder
    from organode.pipeline.calibrate import calibrate as run

    settings = settings_of(overrides)
    with exclusive(f"calibrate-{target}", calibration_folder(target)):
        uncertainty, scale = run(target, settings.calibrate.measured)
    typer.echo(
        f"error bars for {target} from {len(uncertainty.label):,} molecules, laboratory scale from "
        f"{len(scale.rows)} measured potentials, in {calibration_folder(target)}"
    )


@commands.command(
    rich_help_panel=CHAIN, epilog="`organode stability --set stability.couples=couples.csv`"
)
def stability(overrides: Sets = None) -> None:
    """Learn which oxidised and reduced forms last, from couples seen to be reversible or not."""
    from organode.artifacts import STABILITY_FOLDER
    from organode.pipeline.stability import stability as run

    settings = settings_of(overrides)
    with exclusive("stability", STABILITY_FOLDER):
        known = run(settings)["left_out"]
    typer.echo(
        f"stability, families left out: AUC {known['auc']:.3f}, Brier score {known['brier']:.3f}, "
        f"n = {known['n']:,}, in {STABILITY_FOLDER}"
    )


@commands.command(rich_help_panel=CHAIN, epilog="`organode evaluate IE`")
def evaluate(target: Target, overrides: Sets = None) -> None:
    """Measure the ensemble on the outer rows, out of fold, and as the thesis did."""
    from organode.artifacts import metrics_path
    from organode.pipeline.evaluate import evaluate as run

    settings = settings_of(overrides)
    with exclusive(f"evaluate-{target}", metrics_path(target).parent):
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


@commands.command(rich_help_panel=CHAIN, epilog="`organode register IE`")
def register(target: Registered) -> None:
    """Register the model that was made last; the first one becomes the champion."""
    from organode.artifacts import version_path
    from organode.pipeline.register import register as run

    with exclusive(f"register-{target}", version_path(target)):
        done = run(target)
    alias = f", alias {', '.join(done.aliases)}" if done.aliases else ""
    typer.echo(f"{done.name} version {done.version}{alias}")
