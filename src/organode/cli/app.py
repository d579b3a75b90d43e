"""The command `organode app`, which opens a web page for predictions."""

from __future__ import annotations

from typing import Annotated

import typer

from organode.cli.options import USE, ModelFolder

commands = typer.Typer()


@commands.command(rich_help_panel=USE, epilog="`organode app`  ·  `organode app --model model`")
def app(
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port of the page.")] = 8501,
    model: ModelFolder = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Do not open the page in a browser.")
    ] = False,
) -> None:
    """Open a web page to draw or paste molecules, see their potentials and screen a library.

    Only this machine can open the page. The page works without a network connection.
    """
    from organode.app.server import serve

    raise typer.Exit(serve(port, model, browser=not no_browser))
