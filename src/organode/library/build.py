"""Describe a library once: parse, fingerprint and keep."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from organode.chem.count_fingerprint import folded_counts
from organode.errors import OrganodeError, UsageError
from organode.library.built import (
    ARRAYS,
    COLUMNS,
    INDEX,
    PARTS,
    RADIUS,
    ROWS,
    SKETCH,
    BuiltLibrary,
    piece_folder,
)
from organode.library.chunk import Chunk
from organode.library.engine import Run, at_work, run_pieces
from organode.library.read import FeaturizedChunk, describing, read
from organode.library.stream import SPOOLED, Library
from organode.utils.arrays import save_arrays
from organode.utils.checksums import CHECKSUMS, write_checksums
from organode.utils.files import replacing, write_json
from organode.utils.outputs import exclusive_lock
from organode.utils.progress import bar, say
from organode.utils.resources import explained
from organode.utils.tables import write_table

UNFINISHED = "building.json"


@dataclass(frozen=True)
class BuildResult:
    """A piece that was read, ready to be kept: its rows, and arrays of the good ones by file."""

    rows: pd.DataFrame
    arrays: dict[str, list[np.ndarray]]


def describe(piece: Chunk, whole: bool) -> BuildResult:
    """Parse and describe a piece, for the models too if it is to be kept whole."""
    found, molecules = read(piece.rows, piece.ids, piece.smiles, piece.problems, piece.cap)
    counts = folded_counts(molecules.molecules)
    arrays = {SKETCH: [counts.data, counts.indices.astype(np.uint16), counts.indptr]}
    if whole:
        environments = molecules.environments(RADIUS)
        composition = molecules.composition
        elements = [" ".join(sorted(one)) for one in composition.parts]
        arrays[ARRAYS] = [
            *(getattr(environments, name) for name in PARTS), molecules.descriptors,
            molecules.bits, composition.heavy_atoms, np.array(elements, np.str_),
        ]  # fmt: skip
    return BuildResult(_rows(found), arrays)


def _rows(found: FeaturizedChunk) -> pd.DataFrame:
    rows = pd.DataFrame(
        {"id": found.ids, "smiles": found.smiles, "status": found.status, "note": found.notes},
        dtype="str",
    )
    for name, values in (("key", found.key), ("molar_mass", found.molar_mass)):
        column = np.zeros(len(rows), values.dtype)
        column[found.place] = values
        rows[name] = column
    return rows


def build(library: Library, out: Path, run: Run, in_full: int) -> BuiltLibrary:
    """Describe every molecule of a library and keep it in a folder; resumes where it stopped.

    Parameters
    ----------
    library : Library
        What to describe.
    out : Path
        A new folder, or one that an interrupted command began.
    run : Run
        Where the work is done.
    in_full : int
        Up to so many rows all is kept that models read; of a longer library, of which models judge
        a small part only, what an estimate reads.

    Raises
    ------
    UsageError
        If the folder holds something else, or another command is at it.
    OrganodeError
        If it cannot be written.
    """
    with exclusive_lock(out):
        return _build(library, out, run, library.approximate_rows() <= in_full)


def _build(library: Library, out: Path, run: Run, whole: bool) -> BuiltLibrary:
    identity = {
        "describing": describing(), "radius": RADIUS, "source": library.digest(),
        "name": library.name, "whole": whole, "cap": library.cap,
        "columns": {field.name: str(field.type) for field in library.columns},
    }  # fmt: skip
    library.require_rows()
    _claim(out, identity)
    for left in out.glob("*/*/.*.tmp"):  # by a command that was killed
        left.unlink()
    finished = {int(path.parent.name) for path in out.glob(f"*/*/{CHECKSUMS}")}
    if finished:
        say(f"going on after {len(finished)} finished chunks")
    sizes: dict[int, int] = {}
    rows = library.approximate_rows()
    with bar("describe", rows, "molecules") as progress, at_work(run, rows) as workers:

        def new() -> Iterator[Chunk]:
            for piece in library.pieces(columns=True):
                sizes[piece.number] = piece.n
                if piece.number in finished:
                    progress.advance(piece.n)
                else:
                    yield piece

        def keep(piece: Chunk, described: BuildResult) -> None:
            folder = piece_folder(out, piece.number)
            for name, arrays in described.arrays.items():
                with replacing(folder / name) as temporary, open(temporary, "wb") as stream:
                    save_arrays(stream, arrays)
            names = [ROWS, *described.arrays]
            if piece.columns.num_columns:
                with replacing(folder / COLUMNS) as temporary:
                    pq.write_table(piece.columns, temporary, compression="zstd")
                names.append(COLUMNS)
            write_table(described.rows, folder / ROWS)
            # Last: they say that the piece is complete.
            write_checksums(folder, names)
            progress.advance(piece.n)

        run_pieces(workers, new(), partial(describe, whole=whole), keep)
    write_json(out / INDEX, identity | {"sizes": [sizes[number] for number in sorted(sizes)]})
    write_checksums(out, [INDEX])
    for name in (UNFINISHED, SPOOLED):
        (out / name).unlink(missing_ok=True)
    return BuiltLibrary.open(out)


def _claim(out: Path, identity: dict[str, object]) -> None:
    """Begin in a new folder, or go on in one that was begun for the same library."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        names = {path.name for path in out.iterdir()} - {SPOOLED}
    except OSError as error:
        raise explained(error, out) or OrganodeError(
            f"cannot write {out}: {error.strerror}; choose a folder that you may write to"
        ) from error
    begun = out / UNFINISHED
    if names and _identity_in(begun) != identity:
        what = "a finished library" if INDEX in names else "something else"
        raise UsageError(f"{out} holds {what}: choose a new folder")
    write_json(begun, identity)


def _identity_in(begun: Path) -> object:
    """Return what was begun; None where nothing was, or the file is damaged."""
    try:
        return json.loads(begun.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
