"""Cache of a model's predictions for the chunks of a built library, kept in the library's folder.

A library from `organode library build` is screened by the same models for many electrolytes far
more often than by new models. Only the criteria differ then, and the predictions are read again.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import joblib
import numpy as np
import pandas as pd

from organode.electrochemistry.scale.potential import Potential
from organode.errors import OrganodeError
from organode.library.read import FeaturizedChunk
from organode.models.predictor import Answer, TargetModel
from organode.models.uncertainty.error_bars import Reliability
from organode.utils.checksums import read_sealed, write_sealed
from organode.utils.code import code_digest
from organode.utils.resources import explained

FIRST = ("volts", "spread", "remark")
SECOND = tuple(f"{name}_2" for name in FIRST)
WAVE_NUMBERS = (*FIRST[:2], *SECOND[:2])


@dataclass(frozen=True)
class CachedModel:
    """A model whose predictions are kept on disk, for libraries by `organode library build`.

    Attributes
    ----------
    model : TargetModel
        The model of IE or EA.
    identity : str
        Digest of the model and the code; equal only for models that predict the same.
    """

    model: TargetModel
    identity: str

    @classmethod
    def of(cls, model: TargetModel) -> CachedModel:
        """Return a model with its identity: a digest of the model and of the code that predicts."""
        code = code_digest("organode.models.predictor")
        return cls(model, str(joblib.hash((code, model), coerce_mmap=True)))

    def answer(self, chunk: FeaturizedChunk) -> Answer:
        """Return the predictions for the valid molecules of a chunk, of which there must be some.

        For a chunk of a built library they are read from the cache, or else predicted and written
        there. For a chunk of plain files they are always predicted.

        Raises
        ------
        OrganodeError
            If a file of a built library cannot be read or written.
        """
        if chunk.cache_folder is None:
            return self.model.answer(chunk.features)
        path = chunk.cache_folder / f"{self.model.target}-{self.identity}.answers"
        content = _read_if_intact(path)
        if content is not None:
            return _from_table(self.model, pd.read_parquet(io.BytesIO(content)))
        answer = self.model.answer(chunk.features)
        write_sealed(path, _to_table(answer).to_parquet(index=False, compression="zstd"))
        return answer


def _to_table(answer: Answer) -> pd.DataFrame:
    """Return predictions as a table for a Parquet file; members' columns are ``0``, ``1``, …."""
    columns: dict[str, object] = {
        str(number): predictions for number, predictions in enumerate(answer.predictions)
    }
    reliability = answer.reliability
    columns |= {"expected": reliability.expected, "reason": reliability.reasons}
    columns["similarity"] = reliability.similarity.astype(float)
    for wave, names in ((answer.potential, FIRST), (answer.second, SECOND)):
        columns |= dict(zip(names, (wave.volts, wave.spread, wave.remarks), strict=True))
    return pd.DataFrame(columns)


def _from_table(model: TargetModel, table: pd.DataFrame) -> Answer:
    """Return the predictions that `_to_table` made a table of."""
    numbers = table.select_dtypes("number")
    predictions = numbers.drop(columns=["expected", "similarity", *WAVE_NUMBERS])
    similarity = table["similarity"].to_numpy(np.float32)
    reliability = Reliability(table["expected"].to_numpy(), similarity, table["reason"].tolist())
    first, second = (
        Potential(
            table[volts].to_numpy(),
            table[spread].to_numpy(),
            model.scale.predictive,
            table[remark].tolist(),
        )
        for volts, spread, remark in (FIRST, SECOND)
    )
    return Answer(model, predictions.to_numpy().T.copy(), reliability, first, second)


def _read_if_intact(path: Path) -> bytes | None:
    """Return the content of a cache file; None if it is missing or damaged."""
    try:
        return read_sealed(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise explained(error, path) or OrganodeError(
            f"{path} cannot be read ({error}): delete it"
        ) from error
