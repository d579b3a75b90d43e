"""What a served model takes and answers, in MLflow's terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from organode.electrochemistry import LI
from organode.electrochemistry.scale.gaussian_process import HOME
from organode.models.uncertainty.error_bars import LEVEL

TYPES = {"float64": "double", "boolean": "boolean", "str": "string"}  # pandas types to MLflow types
# Of requests for energies and potentials: names, MLflow types, defaults.
PARAMETERS = (
    ("level", "double", LEVEL),
    ("reference", "string", LI),
    ("solvent", "string", HOME),
)


def signature(columns: Mapping[str, str], parameters: Sequence[tuple[str, str, Any]]) -> Any:
    """Return MLflow's signature of a model: columns of requests and answers, parameters.

    In answers, text columns are never null; other columns are null in rows without a prediction.

    Parameters
    ----------
    columns : mapping of str to str
        pandas types of the columns of predictions, by name.
    parameters : sequence of tuple
        Name, MLflow type and default of each parameter that a request may have.
    """
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema

    texts = (ColSpec("string", name) for name in ("smiles", "status", "note"))
    predicted = (
        ColSpec(TYPES[type_], name, required=type_ == "str") for name, type_ in columns.items()
    )
    specified = [ParamSpec(*parameter) for parameter in parameters]
    return ModelSignature(
        inputs=Schema([ColSpec("string", "smiles")]),
        outputs=Schema([*texts, *predicted]),
        params=ParamSchema(specified) if specified else None,  # type: ignore[arg-type]  # its default
    )
