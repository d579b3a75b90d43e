"""Cache of a model's predictions for a built library, kept in files in the library's folder.

A built library is a folder made by `organode library build`. Such a library is screened by the same
models for many electrolytes far more often than by new models. With another electrolyte only the
criteria change, so that the predictions can be read from the cache.
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
    """A model whose predictions for libraries built by `organode library build` are kept on disk.

    Attributes
    ----------
    model : TargetModel
        The model of the ionization energy (IE) or of the electron affinity (EA).
    identity : str
        Digest of the model and of the code that predicts; equal only for models that predict the
        same. It is part of the file name of the predictions.
    """

    model: TargetModel
    identity: str

    @classmethod
    def of(cls, model: TargetModel) -> CachedModel:
        """Return a cached model; its identity is a digest of `model` and the code that predicts."""
        code = code_digest("organode.models.predictor")
        return cls(model, str(joblib.hash((code, model), coerce_mmap=True)))

    def answer(self, chunk: FeaturizedChunk) -> Answer:
        """Return the model's predictions for the valid molecules of a chunk, at least one.

        If the chunk has a cache folder, as chunks of a built library that may be written to have,
        the predictions are read from a file in this folder. If that file is missing or damaged,
        they are computed and written to it. Without a cache folder, the predictions are always
        computed.

        Raises
        ------
        OrganodeError
            If the file of the predictions cannot be read or written.
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
    """Return a model's predictions as a table that can be written to a Parquet file.

    The columns ``0``, ``1``, … hold the predictions of each member of the model's ensemble.
    """
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
    """Return the predictions from a table that `_to_table` made."""
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
