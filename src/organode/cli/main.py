"""The command line `organode`: all its commands, and how an error is shown.

Heavy packages are imported only by the commands that need them.
"""

from __future__ import annotations

import faulthandler
import os
import sys
import threading
import traceback
from pathlib import Path
from typing import Annotated

import typer

from organode import __version__
from organode.cli import app as page
from organode.cli import chain, data, improve, label, library, model, predict, registry, screen
from organode.cli.options import DATA, USE, State
from organode.errors import (
    OrganodeError,
    UsageError,
    explained_import,
    keep_secret,
    without_password,
)
from organode.utils.processes import Stopped, stop_on_signals
from organode.utils.resources import explained

# Silence and telemetry settings of libraries; set before any of them is imported.
QUIET = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",  # the same sums on every x86 machine
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "GIT_PYTHON_REFRESH": "quiet",
    # Worker processes must not import modules that happen to be in the working folder.
    "PYTHONSAFEPATH": "1",
}

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="From a molecule's structure to electrode materials that survive in an electrolyte.",
    epilog="Run the whole chain with `dvc repro`. Runs and models: `organode ui`.",
)
for group in (chain, predict, screen, improve, page, registry, label):
    app.add_typer(group.commands)
for group, name, panel, description in (
    (library, "library", USE, "Libraries that are screened more than once."),
    (model, "model", USE, "Models as folders."),
    (data, "data", DATA, "Compare versions of the data."),
):
    app.add_typer(
        group.commands, name=name, rich_help_panel=panel, help=description, no_args_is_help=True
    )

INTERRUPTED = 130


def _version(requested: bool) -> None:
    """Print the version and end the program if `requested`, the option `--version`, is true."""
    if requested:
        typer.echo(f"organode {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    params: Annotated[Path, typer.Option(help="The file with all settings.")] = Path("params.yaml"),
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress bars, no messages.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[  # noqa: ARG001
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    State.params, State.debug = params, debug
    if quiet:
        from organode.utils.progress import console

        console.quiet = True


def main() -> None:
    """Run the command line `organode`; this is the entry point of the console script."""
    run(app)


def run(commands: typer.Typer) -> None:
    """Run the command that `sys.argv` names; on an error, print one sentence and exit."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    if sys.stderr is not None and not faulthandler.is_enabled():
        faulthandler.enable()  # a crash in a C library shows at least where it was called
    keep_secret(*sys.argv[1:])
    threading.excepthook = lambda failed: _show(failed.exc_value)
    stop_on_signals()
    try:
        commands(standalone_mode=True)
    except OrganodeError as error:
        _fail(str(error), 2 if isinstance(error, UsageError) else 1, error)
    except SystemExit as stop:  # by typer: wrong use (2), Ctrl-C (130), or success
        if stop.code == INTERRUPTED:
            typer.secho("interrupted: start the same command again to resume", err=True)
            sys.exit(128 + Stopped.number)
        raise
    except Exception as error:  # a full disk and the like, or a bug: one sentence unless --debug
        if isinstance(error, ModuleNotFoundError) and (missing := explained_import(error)):
            _fail(str(missing), 2, error)
        if explanation := explained(error):
            _fail(str(explanation), 1, error)
        _fail(
            f"unexpected {type(error).__name__}: "
            f"{without_password(' '.join(str(error).split()))[:300]}; "
            "run again with `organode --debug …` and report the traceback",
            1,
            error,
        )


def _fail(message: str, code: int, error: BaseException) -> None:
    """Print an error message, with `--debug` also the traceback; exit with the status `code`."""
    if State.debug:
        _show(error)
    typer.secho(f"error: {without_password(message)}", err=True, fg="red")
    sys.exit(code)


def _show(error: BaseException | None) -> None:
    """Print the traceback of an error without passwords; print nothing if `error` is None."""
    if error is not None:
        typer.echo(without_password("".join(traceback.format_exception(error))), err=True)


if __name__ == "__main__":
    main()
