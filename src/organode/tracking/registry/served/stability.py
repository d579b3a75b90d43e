"""The code of a registered stability model: MLflow runs this file when it loads the model.

A request is a table with a column `smiles`. The answer has a row for each row of the request, with
the columns `smiles`, `status` (``ok``, or why there is no prediction), `note` (how the structure
was changed), `stable_ox` (the probability that the oxidised form is stable), `stable_ox_reason`
and, for the reduced form, `stable_red` and `stable_red_reason`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.pyfunc.model import PythonModelContext

from organode.electrochemistry.stability.chance import Stability
from organode.models.predictor import predict_stability
from organode.tracking.registry.served.smiles_model import SmilesModel


class StabilityModel(SmilesModel):
    """MLflow model that predicts from SMILES whether radical ions are stable, with reasons."""

    model: Stability

    def load_context(self, context: PythonModelContext) -> None:
        """Read the fitted model from the artefacts that MLflow provides."""
        self.model = Stability.load(Path(context.artifacts["stability"]))

    def answer(self, smiles: list[object], parameters: Mapping[str, Any]) -> pd.DataFrame:  # noqa: ARG002
        """Return a row of probabilities for each SMILES; `parameters` is not used."""
        return predict_stability(self.model, smiles)


mlflow.models.set_model(StabilityModel())
