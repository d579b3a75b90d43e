"""The code of a whole model: MLflow runs this file for `organode serve`.

A request is a table with a column `smiles`. The answer has a row for each row of the request, with
the columns that `organode.models.model.Model.predict` describes, from `smiles` on. A request may
have the parameters `level` of the intervals (0 to 1), `reference` electrode and `solvent` of the
potentials.
"""

from collections.abc import Mapping
from typing import Any

import mlflow
import pandas as pd
from mlflow.pyfunc.model import PythonModelContext

from organode.models.model import Model
from organode.models.predictor import predict
from organode.tracking.registry.served.smiles_model import SmilesModel, checked


class WholeModel(SmilesModel):
    """MLflow model that predicts energies, potentials and stability from SMILES."""

    model: Model

    def load_context(self, context: PythonModelContext) -> None:
        """Read the model from the folder that MLflow provides."""
        self.model = Model.load(context.artifacts["model"])

    def answer(self, smiles: list[object], parameters: Mapping[str, Any]) -> pd.DataFrame:
        """Return a row of predictions for each SMILES, given the parameters of the request.

        Raises
        ------
        MlflowException
            If `level` is not between 0 and 1, or `reference` or `solvent` is not an allowed name.
        """
        asked = checked(parameters)
        return predict(self.model.energies, smiles, stability=self.model.stability, **asked)


mlflow.models.set_model(WholeModel())
