"""Build a library: parse and fingerprint its molecules once, and keep the result."""

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
    ENVIRONMENT_ARRAYS,
    FEATURES,
    FINGERPRINTS,
    INDEX,
    OWN_COLUMNS,
    RADIUS,
    ROWS,
    BuiltLibrary,
    chunk_folder,
)
from organode.library.chunk import Chunk
from organode.library.engine import Run, run_chunks, started_workers
from organode.library.read import FeaturizedChunk, features_digest, featurize
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
    """A parsed chunk to be stored: its rows, and by file name arrays of its valid molecules."""

    rows: pd.DataFrame
    arrays: dict[str, list[np.ndarray]]


def build_chunk(chunk: Chunk, with_features: bool) -> BuildResult:
    """Parse and fingerprint a chunk; `with_features` also computes the models' input features."""
    parsed, molecules = featurize(chunk.rows, chunk.ids, chunk.smiles, chunk.problems, chunk.cap)
    counts = folded_counts(molecules.molecules)
    arrays = {FINGERPRINTS: [counts.data, counts.indices.astype(np.uint16), counts.indptr]}
    if with_features:
        environments = molecules.environments(RADIUS)
        composition = molecules.composition
        elements = [" ".join(sorted(of_molecule)) for of_molecule in composition.parts]
        arrays[FEATURES] = [
            *(getattr(environments, name) for name in ENVIRONMENT_ARRAYS),
            molecules.descriptors,
            molecules.bits,
            composition.heavy_atoms,
            np.array(elements, np.str_),
        ]
    return BuildResult(_rows(parsed), arrays)


def _rows(parsed: FeaturizedChunk) -> pd.DataFrame:
    texts = {
        "id": parsed.ids,
        "smiles": parsed.smiles,
        "status": parsed.status,
        "note": parsed.notes,
    }
    rows = pd.DataFrame(texts, dtype="str")
    for name, values in (("key", parsed.key), ("molar_mass", parsed.molar_mass)):
        column = np.zeros(len(rows), values.dtype)
        column[parsed.good] = values
        rows[name] = column
    return rows


def build(library: Library, out: Path, run: Run, in_full: int) -> BuiltLibrary:
    """Build a library into a folder, or resume an interrupted build.

    Parameters
    ----------
    library : Library
        Files of molecules.
    out : Path
        A new folder, or that of an interrupted build.
    run : Run
        Engine and number of workers.
    in_full : int
        Up to so many rows, the input features of the models are stored. Of a longer library the
        models predict only a small part, which a fast model, the surrogate, chooses: then only the
        fingerprints that the surrogate reads are stored.

    Raises
    ------
    UsageError
        If the folder contains anything else, or another command writes to it.
    OrganodeError
        If the folder cannot be written.
    """
    with exclusive_lock(out):
        return _build(library, out, run, library.approximate_rows() <= in_full)


def _build(library: Library, out: Path, run: Run, with_features: bool) -> BuiltLibrary:
    identity = {
        "describing": features_digest(),
        "radius": RADIUS,
        "source": library.digest(),
        "name": library.name,
        "whole": with_features,
        "cap": library.cap,
        "columns": {field.name: str(field.type) for field in library.columns},
    }
    library.require_rows()
    _claim(out, identity)
    for temporary in out.glob("*/*/.*.tmp"):  # left by a command that was killed
        temporary.unlink()
    finished = {int(path.parent.name) for path in out.glob(f"*/*/{CHECKSUMS}")}
    if finished:
        say(f"resuming after {len(finished)} finished chunks")
    sizes: dict[int, int] = {}
    rows = library.approximate_rows()
    with bar("build", rows, "molecules") as progress, started_workers(run, rows) as workers:

        def unfinished() -> Iterator[Chunk]:
            for chunk in library.chunks(columns=True):
                sizes[chunk.number] = chunk.n
                if chunk.number in finished:
                    progress.advance(chunk.n)
                else:
                    yield chunk

        def keep(chunk: Chunk, result: BuildResult) -> None:
            _write_chunk(chunk_folder(out, chunk.number), chunk, result)
            progress.advance(chunk.n)

        run_chunks(workers, unfinished(), partial(build_chunk, with_features=with_features), keep)
    write_json(out / INDEX, identity | {"sizes": [sizes[number] for number in sorted(sizes)]})
    write_checksums(out, [INDEX])
    for name in (UNFINISHED, SPOOLED):
        (out / name).unlink(missing_ok=True)
    return BuiltLibrary.open(out)


def _write_chunk(folder: Path, chunk: Chunk, result: BuildResult) -> None:
    for name, arrays in result.arrays.items():
        with replacing(folder / name) as temporary, open(temporary, "wb") as stream:
            save_arrays(stream, arrays)
    names = [ROWS, *result.arrays]
    if chunk.columns.num_columns:
        with replacing(folder / OWN_COLUMNS) as temporary:
            pq.write_table(chunk.columns, temporary, compression="zstd")
        names.append(OWN_COLUMNS)
    write_table(result.rows, folder / ROWS)
    # Checksums come last: they mark the chunk as complete.
    write_checksums(folder, names)


def _claim(out: Path, identity: dict[str, object]) -> None:
    """Mark a folder, new or of the same interrupted build, as used by this build."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        names = {path.name for path in out.iterdir()} - {SPOOLED}
    except OSError as error:
        raise explained(error, out) or OrganodeError(
            f"cannot write {out}: {error.strerror}; choose a folder that you may write to"
        ) from error
    file = out / UNFINISHED
    if names and _read_identity(file) != identity:
        content = "a finished library" if INDEX in names else "something else"
        raise UsageError(f"{out} holds {content}: choose a new folder")
    write_json(file, identity)


def _read_identity(file: Path) -> object:
    """Return the JSON content that identifies an unfinished build; None if missing or damaged."""
    try:
        return json.loads(file.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
