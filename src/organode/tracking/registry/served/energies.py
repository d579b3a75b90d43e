"""The code of a registered IE or EA model: MLflow runs this file when it loads the model.

It answers a table with a column `smiles` by a table of `smiles`, `status`, `note`, and the target's
value, interval, domain and remark, and the potential on the laboratory scale with interval and
remark, one row for each row. The parameter `level` is that of the intervals; `reference` and
`solvent` say what electrode potentials are given against, and where.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.pyfunc.model import PythonModelContext

from organode.electrochemistry import LI, known_references
from organode.electrochemistry.scale.gaussian_process import HOME
from organode.electrochemistry.solvents import known_solvents
from organode.models.predictor import Model, energy_types, predict
from organode.models.uncertainty.error_bars import LEVEL
from organode.tracking.registry.served import SmilesModel


class EnergyModel(SmilesModel):
    """Structure in, value, error bar and status out."""

    model: Model

    def load_context(self, context: PythonModelContext) -> None:
        """Read the networks and their error bars."""
        self.model = Model.load(
            Path(context.artifacts["networks"]), Path(context.artifacts["error_bars"])
        )

    def answer(self, smiles: list[object], asked: Mapping[str, Any]) -> pd.DataFrame:
        """Return what is predicted of each cell.

        Raises
        ------
        MlflowException
            If `level`, `reference` or `solvent` is none.
        """
        answer = predict([self.model], smiles, **_checked(asked))
        return answer[["smiles", "status", "note", *energy_types(self.model.target)]]


def _checked(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was asked for, or its default.

    Raises
    ------
    MlflowException
        If a value is impossible or unknown.
    """
    level = params.get("level", LEVEL)
    if not (isinstance(level, float | int) and 0 < level < 1):
        raise MlflowException.invalid_parameter_value(
            f"level = {level} is not allowed: it must lie between 0 and 1, such as {LEVEL}"
        )
    reference, solvent = params.get("reference", LI), params.get("solvent", HOME)
    aprotic = [name for name, each in known_solvents().items() if not each.protic]
    for name, value, known in (
        ("reference", reference, known_references()), ("solvent", solvent, aprotic)
    ):  # fmt: skip
        if value not in known:
            why = ", as proton transfer is not modelled" if value in known_solvents() else ""
            raise MlflowException.invalid_parameter_value(
                f"{name} = {value} is not allowed{why}: known are {', '.join(known)}"
            )
    return {"level": level, "reference": reference, "solvent": solvent}


mlflow.models.set_model(EnergyModel())
