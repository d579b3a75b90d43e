"""The interface of all models that MLflow serves: SMILES in, a row of predictions for each out."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.pyfunc.model import PythonModel

from organode.electrochemistry import LI, known_references
from organode.electrochemistry.scale.gaussian_process import HOME
from organode.electrochemistry.solvents import known_solvents
from organode.models.uncertainty.error_bars import LEVEL


class SmilesModel(PythonModel):
    """Base class of the models that MLflow serves; subclasses load `model` and answer requests."""

    model: Any

    @abstractmethod
    def answer(self, smiles: list[object], parameters: Mapping[str, Any]) -> pd.DataFrame:
        """Return a row of predictions for each SMILES, given the request's parameters."""

    # No type hints: MLflow would take them as a stricter schema than the signature's.
    def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def] # noqa: ARG002
        """Predict each row of the column `smiles`; a bad SMILES gets the reason as its `status`.

        Raises
        ------
        MlflowException
            If a parameter has an impossible value, or there is no column `smiles`. Over HTTP, the
            answer then has the status 400.
        """
        table = pd.DataFrame(model_input)
        if "smiles" not in table:
            raise MlflowException.invalid_parameter_value(
                "the input has no column 'smiles': name the column of structures so"
            )
        answer = self.answer(table["smiles"].tolist(), params or {})
        for name in answer.columns:
            # Null over HTTP, since JSON has neither NaN nor Infinity. An interval has an infinite
            # bound if too few errors are known.
            missing = answer[name].isna() | answer[name].isin([np.inf, -np.inf])
            if missing.any():
                answer[name] = answer[name].astype(object).mask(missing, None)
        return answer


def checked(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a request, with defaults for parameters that are not given.

    Raises
    ------
    MlflowException
        If `level` is not between 0 and 1, `reference` is not known, or `solvent` is not a known
        aprotic solvent.
    """
    level = parameters.get("level", LEVEL)
    if not (isinstance(level, float | int) and 0 < level < 1):
        raise MlflowException.invalid_parameter_value(
            f"level = {level} is not allowed: it must lie between 0 and 1, such as {LEVEL}"
        )
    reference = parameters.get("reference", LI)
    solvent = parameters.get("solvent", HOME)
    aprotic = [name for name, known in known_solvents().items() if not known.protic]
    for name, value, allowed in (
        ("reference", reference, known_references()),
        ("solvent", solvent, aprotic),
    ):
        if value not in allowed:
            why = ", as proton transfer is not modelled" if value in known_solvents() else ""
            raise MlflowException.invalid_parameter_value(
                f"{name} = {value} is not allowed{why}: known are {', '.join(allowed)}"
            )
    return {"level": level, "reference": reference, "solvent": solvent}
