"""Serve the web page without telemetry, to this machine only unless the user asks for more."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from organode.errors import missing_extra

PAGE = Path(__file__).with_name("page.py")
MODEL = "ORGANODE_MODEL"  # variable that names a model's folder
OPTIONS = {
    "browser.serverAddress": "localhost",
    "browser.gatherUsageStats": "false",
    "server.fileWatcherType": "none",
    "server.maxUploadSize": "500",  # MB
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "theme.base": "light",
    "theme.primaryColor": "#0f766e",
}


def serve(port: int, model: Path | None, *, host: str, browser: bool) -> int:
    """Serve the web page until the process is interrupted.

    Parameters
    ----------
    port : int
        Port to listen at.
    model : Path or None
        Folder of the model that predicts; None for the model that `organode.load` loads by default.
    host : str
        Address to listen at: ``127.0.0.1`` for this machine alone, ``0.0.0.0`` for all networks.
    browser : bool
        Whether to open the page in a browser.

    Returns
    -------
    int
        Exit status of the server.

    Raises
    ------
    UsageError
        If the optional dependencies of organode's extra `app` are not installed.
    """
    for package in ("streamlit", "streamlit_jsme"):
        if find_spec(package) is None:
            raise missing_extra(package, "app")
    options = OPTIONS | {
        "server.address": host,
        "server.port": str(port),
        "server.headless": str(not browser).lower(),
    }
    command = [sys.executable, "-m", "streamlit", "run", str(PAGE)]
    command += [f"--{name}={value}" for name, value in options.items()]
    variables = dict(os.environ)
    if model is not None:
        variables[MODEL] = str(model.absolute())
    return subprocess.call(command, env=variables)
