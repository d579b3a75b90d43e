"""What a model said of a piece of a built library, kept in it.

A library is screened for one electrolyte after the other far more often than by another model; only
the decision is new then.
"""

from __future__ import annotations

import io
from pathlib import Path

import joblib
import numpy as np
import pandas as pd

from organode.electrochemistry.scale.potential import Potential
from organode.errors import OrganodeError
from organode.library.read import FeaturizedChunk
from organode.models.predictor import Answer, Model
from organode.models.uncertainty.error_bars import Reliability
from organode.utils.checksums import read_sealed, write_sealed
from organode.utils.code import code_digest
from organode.utils.resources import explained

FIRST = ("volts", "spread", "remark")
SECOND = tuple(f"{name}_2" for name in FIRST)
WAVES = (*FIRST[:2], *SECOND[:2])  # columns of numbers


def identity(model: Model) -> str:
    """Return what is equal only for a model that gives the same answers."""
    return str(joblib.hash((code_digest("organode.models.predictor"), model), coerce_mmap=True))


def answer(model: Model, identity: str, read: FeaturizedChunk) -> Answer:
    """Return what a model says of the good rows, one or more, from memory if it has said it before.

    Raises
    ------
    OrganodeError
        If a file of a built library cannot be read or written.
    """
    if read.memory is None:
        return model.answer(read.described)
    path = read.memory / f"{model.target}-{identity}.answers"
    if (content := _kept(path)) is not None:
        table = pd.read_parquet(io.BytesIO(content))
        numbers = table.select_dtypes("number")
        predictions = numbers.drop(columns=["expected", "similarity", *WAVES]).to_numpy().T.copy()
        similarity = table["similarity"].to_numpy(np.float32)
        scored = Reliability(table["expected"].to_numpy(), similarity, table["reason"].tolist())
        first, second = (
            Potential(
                table[volts].to_numpy(), table[spread].to_numpy(), model.scale.predictive,
                table[remark].tolist(),
            )
            for volts, spread, remark in (FIRST, SECOND)
        )  # fmt: skip
        return Answer(model, predictions, scored, first, second)
    found = model.answer(read.described)
    columns: dict[str, object] = {str(at): output for at, output in enumerate(found.predictions)}
    columns |= {"expected": found.reliability.expected, "reason": found.reliability.reasons}
    columns["similarity"] = found.reliability.similarity.astype(float)
    for wave, names in ((found.potential, FIRST), (found.second, SECOND)):
        columns |= dict(zip(names, (wave.volts, wave.spread, wave.remarks), strict=True))
    table = pd.DataFrame(columns)
    write_sealed(path, table.to_parquet(index=False, compression="zstd"))
    return found


def _kept(path: Path) -> bytes | None:
    """Return what was kept; None, to ask the model again, where nothing was or it is damaged."""
    try:
        return read_sealed(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise explained(error, path) or OrganodeError(
            f"{path} cannot be read ({error}): delete it"
        ) from error
