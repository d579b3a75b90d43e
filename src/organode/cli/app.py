"""The commands `organode app`, a web page for predictions, and `organode serve`, a server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from organode.cli.options import USE, ModelFolder

commands = typer.Typer()
Host = Annotated[
    str, typer.Option(help="Address to listen at; 0.0.0.0: other machines may ask, too.")
]


@commands.command(rich_help_panel=USE, epilog="`organode app`  ·  `organode app --model model`")
def app(
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port of the page.")] = 8501,
    host: Host = "127.0.0.1",
    model: ModelFolder = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Do not open the page in a browser.")
    ] = False,
) -> None:
    """Open a web page to draw or paste molecules, see their potentials and screen a library.

    Only this machine can open the page unless --host says otherwise: the page asks for no password.
    It works without a network connection.
    """
    from organode.app.server import serve

    raise typer.Exit(serve(port, model, host=host, browser=not no_browser))


@commands.command(rich_help_panel=USE, epilog="`organode serve`  ·  `organode serve --model model`")
def serve(
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port of the server.")] = 5001,
    host: Host = "127.0.0.1",
    model: ModelFolder = None,
) -> None:
    """Answer requests over HTTP by MLflow's protocol: /invocations, /health.

    The model is that of the folder, else the registry's champions, else the packaged model. An
    answer has energies, potentials and stability. One version of the registry is served by
    `mlflow models serve`.
    """
    from tempfile import TemporaryDirectory

    from organode.api.load import PACKAGED
    from organode.tracking.prediction_server import serve as run
    from organode.tracking.registry.in_use import registry_in_use

    if model is not None or not registry_in_use():
        run(model or PACKAGED, host, port)
        return
    from organode.tracking.registry.exchange import export_champions

    with TemporaryDirectory() as folder:
        export_champions(Path(folder) / "model")
        run(Path(folder) / "model", host, port)
