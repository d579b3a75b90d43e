"""The code of a registered IE or EA model: MLflow runs this file when it loads the model.

A request is a table with a column `smiles`. The answer has a row for each row of the request, with
the columns `smiles`, `status` (``ok``, or why there is no prediction), `note` (how the structure
was changed) and the predictions. For IE the predictions are `IE` (eV), `IE_lower` and `IE_upper`
(bounds of the interval of `IE`), `IE_in_domain` (whether the molecule is in the applicability
domain) and `IE_remark`; `E_ox`, the potential of the first oxidation (V), with `E_ox_lower`,
`E_ox_upper` and `E_ox_remark`; and the same four columns for the second oxidation, `E_ox2`. For EA,
`EA`, `E_red` and `E_red2` take the place of `IE`, `E_ox` and `E_ox2`. A request may have the
parameters `level` of the intervals (0 to 1), `reference` electrode and `solvent` of the potentials.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.pyfunc.model import PythonModelContext

from organode.models.predictor import TargetModel, energy_types, predict
from organode.tracking.registry.served.smiles_model import SmilesModel, checked


class EnergyModel(SmilesModel):
    """MLflow model that predicts energies and potentials with error bars from SMILES."""

    model: TargetModel

    def load_context(self, context: PythonModelContext) -> None:
        """Read networks, error bars and laboratory scale from the folders that MLflow provides."""
        self.model = TargetModel.load(
            Path(context.artifacts["networks"]), Path(context.artifacts["error_bars"])
        )

    def answer(self, smiles: list[object], parameters: Mapping[str, Any]) -> pd.DataFrame:
        """Return a row of predictions for each SMILES, given the parameters of the request.

        Raises
        ------
        MlflowException
            If `level` is not between 0 and 1, or `reference` or `solvent` is not an allowed name.
        """
        answer = predict([self.model], smiles, **checked(parameters))
        return answer[["smiles", "status", "note", *energy_types(self.model.target)]]


mlflow.models.set_model(EnergyModel())
