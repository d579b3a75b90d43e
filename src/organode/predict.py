"""Predictions for a file, for SMILES on the command line, or for what comes through a pipe."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from organode.errors import UsageError
from organode.files import replacing
from organode.library import read_library
from organode.model import columns_of, predict
from organode.progress import bar
from organode.register import Loaded
from organode.tablefile import KINDS

STDIN = "-"


def read_molecules(given: Sequence[str], column: str) -> pd.DataFrame:
    """Return the molecules that a command line names: SMILES, one file, or `-` for standard input.

    Parameters
    ----------
    given : sequence of str
        SMILES, or one file that `read_library` reads, or ``-``: a SMILES in each line, anything
        behind it is its name.
    column : str
        Where a file's SMILES are.

    Returns
    -------
    pandas.DataFrame
        Columns `smiles` and `id`.

    Raises
    ------
    UsageError
        If a file cannot be read or is not alone, or nothing comes through standard input.
    """
    if list(given) == [STDIN]:
        lines = [line.split(maxsplit=1) for line in sys.stdin if line.strip()]
        if not lines:
            raise UsageError("nothing came through standard input: pipe one SMILES a line")
        ids = [line[1].strip() if len(line) > 1 else str(row) for row, line in enumerate(lines)]
        return pd.DataFrame({"smiles": [line[0] for line in lines], "id": ids})
    if len(given) == 1 and (Path(given[0]).exists() or _is_file_name(given[0])):
        return read_library(Path(given[0]), column)
    files = [one for one in given if _is_file_name(one)]
    if files:
        raise UsageError(f"'{files[0]}' is a file: give one file, or SMILES, not both")
    return pd.DataFrame({"smiles": list(given), "id": [str(row) for row in range(len(given))]})


def _is_file_name(text: str) -> bool:
    return text.lower().removesuffix(".gz").endswith(KINDS)


def predict_molecules(
    molecules: pd.DataFrame, models: Callable[[], Sequence[Loaded]], level: float, out: Path | None
) -> pd.DataFrame:
    """Predict every molecule; write the table if a file is named.

    Parameters
    ----------
    molecules : pandas.DataFrame
        Columns `smiles` and `id`.
    models : callable
        Loads the models, once the molecules have turned out readable.
    level : float
        Of the intervals.
    out : Path, optional
        ``.csv`` or ``.parquet``.

    Returns
    -------
    pandas.DataFrame
        One row for each molecule, in order: `row`, `id`, `smiles`, `status` and what each model
        answers; energies in eV.
    """
    loaded = models()
    if out is None:
        return _answer(molecules, loaded, level)
    # Opened first, so that a file that cannot be written is noticed before the work.
    with replacing(out) as temporary:
        table = _answer(molecules, loaded, level)
        if out.suffix == ".parquet":
            table.to_parquet(temporary, index=False)
        else:
            table.to_csv(temporary, index=False, float_format="%.4f")
    return table


def _answer(molecules: pd.DataFrame, loaded: Sequence[Loaded], level: float) -> pd.DataFrame:
    with bar("predict", len(molecules), "molecules") as progress:
        table = predict(
            [one.model for one in loaded], molecules["smiles"].tolist(), level=level,
            on_chunk=progress.advance,
        )  # fmt: skip
    table.insert(0, "row", range(len(table)))
    table.insert(1, "id", molecules["id"].to_numpy())
    return table


def as_json(table: pd.DataFrame) -> str:
    """Return the rows as a JSON list; null where there is no prediction."""
    return json.dumps(json.loads(table.to_json(orient="records", double_precision=4)), indent=2)


def as_text(table: pd.DataFrame, targets: Sequence[str], level: float) -> str:
    """Return the rows as a table for a terminal, a line each."""
    lines = pd.DataFrame({"SMILES": table["smiles"]})
    for target in targets:
        value, lower, upper, inside, _ = columns_of(target)
        lines[f"{target} / eV"] = table[value].map(lambda one: f"{one:.2f}", na_action="ignore")
        lines[f"{level:.0%} of {target}"] = [
            f"{low:.2f} to {high:.2f}" if pd.notna(low) else ""
            for low, high in zip(table[lower], table[upper], strict=True)
        ]
        lines[f"{target} domain"] = table[inside].map({True: "in", False: "OUT"})
    lines["remark"] = [_remark(row, targets) for row in table.to_dict("records")]
    cells = [list(lines.columns), *lines.fillna("").to_numpy().tolist()]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def _remark(row: Mapping[Any, Any], targets: Sequence[str]) -> str:
    if row["status"] != "ok":
        return str(row["status"])
    said = [(target, row[columns_of(target)[-1]]) for target in targets]
    return "; ".join(f"{target}: {why}" for target, why in said if why)
