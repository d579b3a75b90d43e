"""Predictions for a file of molecules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from organode.files import replacing
from organode.library import read_library
from organode.model import predict
from organode.progress import bar
from organode.register import Loaded


def predict_file(
    file: Path, column: str, models: Callable[[], Sequence[Loaded]], out: Path
) -> pd.DataFrame:
    """Predict every row of a file and write `row`, `smiles`, `status` and each model's target.

    Parameters
    ----------
    file : Path
        What `read_library` reads.
    column : str
        Where its SMILES are.
    models : callable
        Loads the models, once the file has turned out readable.
    out : Path
        ``.csv`` or ``.parquet``.

    Returns
    -------
    pandas.DataFrame
        What was written, one row for each input row, in order; energies in eV.
    """
    library = read_library(file, column)
    loaded = models()
    # Opened first, so that a file that cannot be written is noticed before the work.
    with replacing(out) as temporary:
        with bar("predict", len(library), "molecules") as progress:
            table = predict(
                [one.model for one in loaded], library["smiles"].tolist(), on_chunk=progress.advance
            )
        table.insert(0, "row", range(len(table)))
        if out.suffix == ".parquet":
            table.to_parquet(temporary, index=False)
        else:
            table.to_csv(temporary, index=False, float_format="%.4f")
    return table
