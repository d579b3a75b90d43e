"""Build a library: parse its molecules, compute their fingerprints, and store the results."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from organode.chem.count_fingerprint import count_environments, folded
from organode.electrochemistry.stability.core_finder import core_finder
from organode.electrochemistry.stability.inputs import ComputedInputs
from organode.errors import OrganodeError, UsageError
from organode.library.built import (
    ENVIRONMENT_ARRAYS,
    FEATURES,
    FINGERPRINTS,
    INDEX,
    OWN_COLUMNS,
    RADIUS,
    ROWS,
    STABILITY,
    BuiltLibrary,
    chunk_folder,
    content_digest,
)
from organode.library.chunk import Chunk
from organode.library.engine import Run, run_chunks, started_workers
from organode.library.read import FeaturizedChunk, featurize
from organode.library.stored_inputs import to_arrays
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
    """A parsed chunk to be stored.

    `rows` is the table of the chunk's rows; `arrays` has, for each name of a file to write, arrays
    of the chunk's valid molecules.
    """

    rows: pd.DataFrame
    arrays: dict[str, list[np.ndarray]]


def build_chunk(chunk: Chunk, with_features: bool) -> BuildResult:
    """Parse a chunk and compute its fingerprints and, if `with_features`, the models' inputs."""
    parsed, molecules = featurize(chunk.rows, chunk.ids, chunk.smiles, chunk.problems, chunk.cap)
    environments = count_environments(molecules.molecules)
    has_core = core_finder().have_core(molecules.molecules, environments)
    counts = folded(environments)
    columns = counts.indices.astype(np.uint16)
    arrays = {FINGERPRINTS: [counts.data, columns, counts.indptr, has_core]}
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
        arrays[STABILITY] = to_arrays(ComputedInputs(molecules))
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
        A new folder, or the folder of an interrupted build of the same library.
    run : Run
        Engine and number of workers.
    in_full : int
        Largest number of rows for which the input features of the models are stored. For a longer
        library only the fingerprints are stored that the surrogate reads: this fast model chooses
        the small part of a long library that the models predict.

    Raises
    ------
    UsageError
        If the folder contains anything but an interrupted build of this library, or another command
        is writing to the folder; also if the library has no row or a file cannot be read.
    OrganodeError
        If files cannot be written to the folder.
    """
    with exclusive_lock(out):
        return _build(library, out, run, library.approximate_rows() <= in_full)


def _build(library: Library, out: Path, run: Run, with_features: bool) -> BuiltLibrary:
    identity = {
        "describing": content_digest(),
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
    """Mark the folder `out` as used by the build that `identity` describes.

    Raises
    ------
    UsageError
        If the folder contains anything but an interrupted build with the same `identity`.
    OrganodeError
        If the folder cannot be created or read.
    """
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
    """Read the file that identifies an unfinished build; return None if missing or damaged."""
    try:
        return json.loads(file.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
