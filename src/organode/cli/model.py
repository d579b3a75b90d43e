"""The commands `organode model …`: export models to a folder, or import them from a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from organode.cli.options import version_line
from organode.errors import UsageError

commands = typer.Typer()


@commands.command(
    "export",
    epilog="`organode model export model`  ·  `organode model export model --version IE@3`",
)
def export(
    out: Annotated[Path, typer.Argument(help="The folder for the model.")],
    versions: Annotated[
        list[str] | None,
        typer.Option("--version", metavar="MODEL@NAME", help="In place of a champion: IE@3 …"),
    ] = None,
) -> None:
    """Write the champions (the models in use) into a folder, for predictions without a registry.

    Predictions from the folder need neither MLflow nor TensorFlow. Use the folder with `organode
    predict --model FOLDER`, `organode screen --model FOLDER`, the environment variable
    ORGANODE_MODEL, or `organode.load("FOLDER")`.
    """
    from organode.api.load import address_of
    from organode.tracking.registry.exchange import export_champions
    from organode.utils.outputs import exclusive_lock

    asked = {}
    for version in versions or []:
        if (address := address_of(version)) is None:
            raise UsageError(
                f"--version {version}: must be a model and a version or alias, such as IE@champion"
            )
        asked[address[0]] = address[1]
    with exclusive_lock(out):
        present = export_champions(out, asked)
    names = ", ".join(f"{each.registered.name} {each.registered.version}" for each in present)
    typer.echo(f"{names}: {out}")


@commands.command("import", epilog="`organode model import model`")
def import_(
    folder: Annotated[Path, typer.Argument(help="What `organode model export` wrote.")],
) -> None:
    """Register the models of a folder; the first version of a model becomes the champion.

    A later version becomes the champion only by `organode promote`.
    """
    from organode.tracking.registry.exchange import import_models

    for version in import_models(folder):
        typer.echo(version_line(version))
