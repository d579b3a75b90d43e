"""Serve MLflow's web pages of runs and models on this machine."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from pathlib import Path

from organode.errors import UsageError
from organode.tracking import relocation
from organode.tracking.store import default_database, shown_address, store_address
from organode.utils.processes import Stopped, run_server
from organode.utils.progress import say


def serve(port: int) -> int:
    """Run MLflow's server at 127.0.0.1:`port` until it is stopped; return the server's exit code.

    Raises
    ------
    UsageError
        If the environment variable `MLFLOW_TRACKING_URI` holds the address of an MLflow server,
        which serves the same pages itself.
    """
    address = store_address()
    if address.startswith("http"):
        raise UsageError(
            f"MLFLOW_TRACKING_URI is a server already: open {shown_address()} in a browser"
        )
    with contextlib.ExitStack() as stack:
        database = default_database()
        if database is not None and relocation.pending_moves(database):
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="organode-ui-"))
            address = f"sqlite:///{relocation.relocated_copy(database, Path(folder))}"
            say(
                f"{database.name} cannot be written and was moved: changes made in the pages are "
                "lost"
            )
        return _run_server(address, port)


def _run_server(address: str, port: int) -> int:
    say(f"MLflow on http://127.0.0.1:{port} (stop it with Ctrl-C)")
    environment = os.environ | {
        # Otherwise MLflow starts ten processes (2.4 GB) for jobs that nothing here uses.
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        # Not an argument: other users can read arguments, and an address may hold a password.
        "MLFLOW_BACKEND_STORE_URI": address,
    }
    command = [sys.executable, "-P", "-m", "mlflow", "server"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    try:
        return run_server(command, environment)
    except Stopped:
        raise
    except KeyboardInterrupt:
        return 0
