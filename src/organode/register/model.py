"""The registered model's code: MLflow runs this file when it loads the model.

It answers a table with a column `smiles` by a table of `smiles`, `status`, and the target's value,
interval, domain and remark, one row for each row. The parameter `level` is that of the intervals.
"""

from pathlib import Path

import mlflow
import pandas as pd
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
        """Predict each row of the column `smiles`; a bad one gets its reason as `status`."""
        level = (params or {}).get("level", LEVEL)
        answer = predict([self.model], pd.DataFrame(model_input)["smiles"].tolist(), level=level)
        for name in answer.columns[answer.isna().any()]:
            # null in an answer over HTTP: NaN is no JSON
            answer[name] = answer[name].astype(object).where(answer[name].notna(), None)
        return answer


mlflow.models.set_model(SmilesModel())
