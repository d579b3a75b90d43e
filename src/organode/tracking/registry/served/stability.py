"""The code of a registered stability model: MLflow runs this file when it loads the model.

It answers a table with a column `smiles` by a table of `smiles`, `status`, `note`, the probability
that the oxidised form lasts (`stable_ox`), what speaks for or against it (`stable_ox_reason`), and
the same of the reduced form (`stable_red`, `stable_red_reason`), one row for each row.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.pyfunc.model import PythonModelContext

from organode.electrochemistry.stability.chance import Stability
from organode.models.predictor import predict_stability
from organode.tracking.registry.served import SmilesModel


class StabilityModel(SmilesModel):
    """Structure in, probabilities, reasons and status out."""

    model: Stability

    def load_context(self, context: PythonModelContext) -> None:
        """Read what was fitted."""
        self.model = Stability.load(Path(context.artifacts["stability"]))

    def answer(self, smiles: list[object], asked: Mapping[str, Any]) -> pd.DataFrame:  # noqa: ARG002
        """Return what is thought of each cell; there is nothing to ask for."""
        return predict_stability(self.model, smiles)


mlflow.models.set_model(StabilityModel())
