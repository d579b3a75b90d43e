"""The registered model's code: MLflow runs this file when it loads the model.

It answers a table with a column `smiles` by a table with `smiles`, `status` and the target in
eV, one row for each row.
"""

import json
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.pyfunc.model import PythonModel, PythonModelContext

from organode.ensemble import Ensemble, predict


class SmilesModel(PythonModel):
    """Structure in, value and status out."""

    ensemble: Ensemble
    metrics: dict[str, Any]

    def load_context(self, context: PythonModelContext) -> None:
        """Read the ensemble and what is known of its errors."""
        self.ensemble = Ensemble.load(Path(context.artifacts["ensemble"]))
        metrics = Path(context.artifacts["metrics"]).read_text(encoding="utf-8")
        self.metrics = json.loads(metrics)

    # No type hints: MLflow would take them as a stricter schema than the signature's.
    def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def] # noqa: ARG002
        """Predict each row of the column `smiles`; a bad one gets its reason as `status`."""
        answer = predict([self.ensemble], pd.DataFrame(model_input)["smiles"].tolist())
        values = answer[self.ensemble.target]
        if values.isna().any():  # null in an answer over HTTP: NaN is no JSON
            answer[self.ensemble.target] = values.astype(object).where(values.notna(), None)
        return answer


mlflow.models.set_model(SmilesModel())
