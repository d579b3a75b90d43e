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

from organode.checksums import read_sealed, write_sealed
from organode.code import code_digest
from organode.electrochemistry.scale import Potential
from organode.errors import OrganodeError
from organode.library.read import Read
from organode.model import Answer, Model
from organode.resources import explained
from organode.uncertainty import Judged


def identity(model: Model) -> str:
    """Return what is equal only for a model that gives the same answers."""
    return str(joblib.hash((code_digest("organode.model"), model), coerce_mmap=True))


def answer(model: Model, identity: str, read: Read) -> Answer:
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
        numbers = table.drop(columns=["reason", "remark"]).to_numpy().T.copy()
        *outputs, expected, similarity, volts, spread = numbers
        judged = Judged(expected, similarity.astype(np.float32), table["reason"].tolist())
        potential = Potential(volts, spread, model.scale.predictive, table["remark"].tolist())
        return Answer(model, np.stack(outputs), judged, potential)
    found = model.answer(read.described)
    judged, potential = found.judged, found.potential
    columns = {str(number): output for number, output in enumerate(found.outputs)}
    columns |= {"expected": judged.expected, "similarity": judged.similarity.astype(float)}
    columns |= {"volts": potential.volts, "spread": potential.spread}
    texts = {"reason": judged.reasons, "remark": potential.remarks}
    table = pd.DataFrame(columns | texts)
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
