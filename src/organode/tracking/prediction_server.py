"""Serve a whole model over HTTP by MLflow's protocol."""

from __future__ import annotations

import tempfile
from importlib.util import find_spec
from pathlib import Path

import organode
from organode.electrochemistry.stability.chance import stable_types
from organode.errors import missing_extra
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
        If a package of the extra `serve` is not installed, or the folder holds no model.
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
    say(f"http://{host}:{port}/invocations answers, until Ctrl-C")
    uvicorn.run(application, host=host, port=port, log_level="warning")
