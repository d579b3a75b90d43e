"""A built library: parsed and fingerprinted once, screened again without parsing a SMILES."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.sparse import csr_matrix

from organode.chem.composition import Composition
from organode.chem.count_fingerprint import N_BITS
from organode.chem.features import Compared
from organode.chem.fingerprint import Environments
from organode.errors import OrganodeError, UsageError
from organode.library.chunk import Chunk
from organode.library.read import (
    FeaturizedChunk,
    FingerprintedChunk,
    ParsedChunk,
    features_digest,
)
from organode.utils.arrays import load_arrays
from organode.utils.checksums import Checked, damaged
from organode.utils.lazy import lazy
from organode.utils.resources import explained

RADIUS = 2  # of the Morgan environments that are kept
INDEX = "library.json"
ROWS, FINGERPRINTS, FEATURES = "rows.parquet", "fingerprints.npz", "arrays.npz"
OWN_COLUMNS = "columns.parquet"  # of the files, where there are any
REMEDY = (
    "build the library again (`organode library build`); on a cluster all workers have to see "
    "that folder"
)
ENVIRONMENT_ARRAYS = tuple(field.name for field in fields(Environments))


def chunk_folder(folder: Path, number: int) -> Path:
    """Return the folder of a chunk of a built library."""
    return folder / f"{number // 1_000:06d}" / f"{number:09d}"


class StoredFeatures(Compared):
    """`chem.features.ModelFeatures` of n molecules from arrays on disk, read when needed."""

    def __init__(self, folder: Path, n: int) -> None:
        super().__init__()
        self._folder = folder
        self.n = n

    @lazy
    def _arrays(self) -> list[np.ndarray]:
        return _arrays(self._folder, FEATURES)

    @property
    def descriptors(self) -> np.ndarray:
        """Orbital descriptors, shape (n, d)."""
        return self._arrays[len(ENVIRONMENT_ARRAYS)]

    def environments(self, radius: int) -> Environments:
        """Return the Morgan environments up to `radius`.

        Raises
        ------
        OrganodeError
            If the library was built with a smaller radius.
        """
        if radius > RADIUS:
            raise OrganodeError(
                f"a built library holds environments up to radius {RADIUS}, this model reads "
                f"{radius}: screen the files themselves"
            )
        return Environments(*self._arrays[: len(ENVIRONMENT_ARRAYS)]).up_to(radius)

    @property
    def bits(self) -> np.ndarray:
        """`packed_bits`, shape (n, words)."""
        return self._arrays[len(ENVIRONMENT_ARRAYS) + 1]

    @lazy
    def composition(self) -> Composition:
        """Elements and heavy atoms of the molecules."""
        heavy_atoms, elements = self._arrays[len(ENVIRONMENT_ARRAYS) + 2 :]
        return Composition([frozenset(text.split()) for text in elements.tolist()], heavy_atoms)


@contextmanager
def _readable(folder: Path) -> Iterator[Checked]:
    try:
        yield Checked.open(folder, REMEDY)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise explained(error, folder) or OrganodeError(
            f"{folder} cannot be read ({error}): {REMEDY}"
        ) from error


def _arrays(folder: Path, name: str) -> list[np.ndarray]:
    with _readable(folder) as files:
        return load_arrays(files.read(name))


@dataclass(frozen=True)
class BuiltChunk:
    """A chunk of a built library.

    Attributes
    ----------
    number, first, n : int
        Its place among the chunks, its first row, number of rows.
    folder : Path
        Holds its files.
    has_features : bool
        Whether it holds the features of the models, not only the fingerprints of the surrogate.
    cap : str
        End group of repeat units.
    """

    number: int
    first: int
    n: int
    folder: Path
    has_features: bool
    cap: str

    def as_given(self) -> Chunk:
        """Return the rows as given; invalid molecules keep the reason why they are."""
        rows = self._rows(["id", "smiles", "status"])
        ids, smiles, status = (rows[name].tolist() for name in ("id", "smiles", "status"))
        problems = ["" if text == "ok" else text for text in status]
        return Chunk(self.number, self.rows, ids, smiles, problems, cap=self.cap)

    def featurized(self) -> FeaturizedChunk:
        """Load the rows for the models; parse them where only fingerprints were kept."""
        cache_folder = self.folder if os.access(self.folder, os.W_OK) else None
        if not self.has_features:
            return replace(self.as_given().featurized(), cache_folder=cache_folder)
        parsed, key = self._parsed()
        features = StoredFeatures(self.folder, len(parsed.good))
        return FeaturizedChunk(
            **vars(parsed), features=features, key=key, cache_folder=cache_folder
        )

    def fingerprinted(self) -> FingerprintedChunk:
        """Load the rows for the surrogate."""
        parsed, key = self._parsed()
        data, columns, ends = _arrays(self.folder, FINGERPRINTS)
        parts = data, columns.astype(np.int32), ends
        return FingerprintedChunk(
            **vars(parsed), counts=csr_matrix(parts, (len(key), N_BITS)), key=key
        )

    @property
    def rows(self) -> range:
        """Row numbers in the library."""
        return range(self.first, self.first + self.n)

    def _parsed(self) -> tuple[ParsedChunk, np.ndarray]:
        """Return the rows, and the structure keys of the valid molecules."""
        rows = self._rows(["id", "smiles", "status", "note", "molar_mass", "key"])
        good = np.flatnonzero(rows["status"] == "ok")
        ids, smiles, status, notes = (
            rows[name].tolist() for name in ("id", "smiles", "status", "note")
        )
        mass, key = (rows[name].to_numpy()[good] for name in ("molar_mass", "key"))
        return ParsedChunk(self.rows, ids, smiles, status, notes, good, mass), key

    def _rows(self, columns: list[str]) -> pd.DataFrame:
        with _readable(self.folder) as files:
            rows = pd.read_parquet(io.BytesIO(files.read(ROWS)), columns=columns)
        if len(rows) != self.n:
            raise damaged(self.folder / ROWS, REMEDY)
        return rows


@dataclass(frozen=True)
class BuiltLibrary:
    """A folder that `organode library build` made.

    Attributes
    ----------
    folder : Path
        Holds `INDEX` and a folder for each chunk.
    name : str
        Name of the files that it was built from.
    source : str
        Digest of those files.
    sizes : tuple of int
        Rows of each chunk.
    has_features : bool
        Whether it holds the features of the models, not only the fingerprints of the surrogate.
    column_types : dict of str to str
        The files' columns beside structures and ids, and their Arrow types.
    cap : str
        End group of repeat units.
    """

    folder: Path
    name: str
    source: str
    sizes: tuple[int, ...]
    has_features: bool
    column_types: dict[str, str]
    cap: str

    @classmethod
    def open(cls, folder: Path) -> BuiltLibrary:
        """Open a finished library.

        Raises
        ------
        UsageError
            If the folder holds no finished library, or one of another version.
        """
        try:
            is_finished = (folder / INDEX).exists()
            content = Checked.open(folder, REMEDY).json(INDEX) if is_finished else {}
            version, name, source = (content[key] for key in ("describing", "name", "source"))
            sizes, has_features = tuple(content["sizes"]), bool(content["whole"])
            types, cap = dict(content["columns"]), str(content["cap"])
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(
                f"{folder} holds no finished library: run `organode library build FILE --out "
                f"{folder}` (again), or name files, such as '{folder}/*.smi'"
            ) from error
        if version != features_digest():
            raise UsageError(
                f"{folder} was built by another version of organode or RDKit, whose features of "
                "molecules may differ: build it again"
            )
        return cls(folder.resolve(), name, source, sizes, has_features, types, cap)

    @property
    def columns(self) -> pa.Schema:
        """The files' columns beside structures and ids."""
        types = self.column_types.items()
        return pa.schema([(name, pa.type_for_alias(kind)) for name, kind in types])

    def own_columns(self) -> Iterator[pa.Table]:
        """Yield these columns chunk by chunk."""
        for chunk in self.chunks():
            with _readable(chunk.folder) as files:
                yield pq.read_table(io.BytesIO(files.read(OWN_COLUMNS)))

    def digest(self) -> str:
        """Return the digest of the files that the library was built from."""
        return self.source

    def approximate_rows(self) -> int:
        """Return the number of rows."""
        return sum(self.sizes)

    def chunks(self) -> Iterator[BuiltChunk]:
        """Yield the chunks; their files are read later."""
        first = 0
        for number, n in enumerate(self.sizes):
            folder = chunk_folder(self.folder, number)
            yield BuiltChunk(number, first, n, folder, self.has_features, self.cap)
            first += n
