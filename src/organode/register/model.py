"""The registered model's code: MLflow runs this file when it loads the model.

It answers a table with a column `smiles` by a table of `smiles`, `status`, and the target's value,
interval, domain and remark, one row for each row. The parameter `level` is that of the intervals.
"""

from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.pyfunc.model import PythonModel, PythonModelContext

from organode.model import Model, predict
from organode.uncertainty import LEVEL


class SmilesModel(PythonModel):
    """Structure in, value, error bar and status out."""

    model: Model

    def load_context(self, context: PythonModelContext) -> None:
        """Read the networks and their error bars."""
        self.model = Model.load(
            Path(context.artifacts["networks"]), Path(context.artifacts["error_bars"])
        )

    # No type hints: MLflow would take them as a stricter schema than the signature's.
    def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def] # noqa: ARG002
        """Predict each row of the column `smiles`; a bad one gets its reason as `status`.

        Raises
        ------
        MlflowException
            If `level` is none or there is no column `smiles`: over HTTP, status 400.
        """
        level = (params or {}).get("level", LEVEL)
        if not (isinstance(level, float | int) and 0 < level < 1):
            raise MlflowException.invalid_parameter_value(
                f"level = {level} is not allowed: it must lie between 0 and 1, such as {LEVEL}"
            )
        table = pd.DataFrame(model_input)
        if "smiles" not in table:
            raise MlflowException.invalid_parameter_value(
                "the input has no column 'smiles': name the column of structures so"
            )
        answer = predict([self.model], table["smiles"].tolist(), level=level)
        for name in answer.columns:
            # null in an answer over HTTP: neither NaN nor Infinity, the bound of an interval that
            # too few errors are known for, is JSON
            missing = answer[name].isna() | answer[name].isin([np.inf, -np.inf])
            if missing.any():
                answer[name] = answer[name].astype(object).mask(missing, None)
        return answer


mlflow.models.set_model(SmilesModel())
