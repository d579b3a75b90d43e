"""Serve a whole model over HTTP by MLflow's protocol."""

from __future__ import annotations

import socket
import tempfile
from importlib.util import find_spec
from pathlib import Path

import organode
from organode.electrochemistry.stability.chance import stable_types
from organode.errors import UsageError, missing_extra
from organode.models.model import Model
from organode.models.predictor import FORM, energy_types
from organode.tracking.registry.served.signature import PARAMETERS, signature
from organode.tracking.store import quiet_mlflow
from organode.utils.progress import say

CODE = Path(__file__).parent / "registry" / "served" / "whole.py"


def serve(folder: Path, host: str, port: int) -> None:
    """Serve a model until the process is interrupted.

    ``POST /invocations`` takes and gives what `mlflow models serve` does for a registered model;
    ``GET /health`` answers 200 as soon as the model is loaded.

    Parameters
    ----------
    folder : Path
        Folder of a whole model, as `organode model export` writes it.
    host : str
        Address to listen at: ``127.0.0.1`` for this machine alone, ``0.0.0.0`` for all networks.
    port : int
        Port to listen at.

    Raises
    ------
    UsageError
        If a package of the extra `serve` is not installed, the folder holds no model, or the port
        is taken.
    OrganodeError
        If a file of the model is damaged.
    """
    for package in ("mlflow", "fastapi", "uvicorn"):
        if find_spec(package) is None:
            raise missing_extra(package, "serve")
    import mlflow
    import uvicorn
    from mlflow.pyfunc.scoring_server import init

    columns: dict[str, str] = {}
    model = Model.load(folder)
    for energy in model.energies:
        columns |= energy_types(energy.target)
        columns |= stable_types(FORM[energy.target])
    with tempfile.TemporaryDirectory() as temporary:
        path = f"{temporary}/model"
        with quiet_mlflow():
            mlflow.pyfunc.save_model(
                path,
                python_model=str(CODE),
                artifacts={"model": str(folder.absolute())},
                signature=signature(columns, PARAMETERS),
                pip_requirements=[f"organode=={organode.__version__}"],
            )
            application = init(mlflow.pyfunc.load_model(path))
    with _listening(host, port) as listening:
        say(f"http://{host}:{port}/invocations answers, until Ctrl-C")
        uvicorn.Server(uvicorn.Config(application, log_level="warning")).run([listening])


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens at an address.

    Raises
    ------
    UsageError
        If the port is taken, or this machine does not have the address.
    """
    try:
        return socket.create_server((host, port))
    except OSError as error:
        raise UsageError(
            f"cannot listen at {host}:{port} ({error.strerror}): choose another --port or --host"
        ) from None
