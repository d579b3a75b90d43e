"""Built libraries: folders of parsed molecules, which are screened without the input files."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from rdkit import rdBase
from scipy.sparse import csr_matrix

from organode.chem.composition import Composition
from organode.chem.count_fingerprint import N_BITS
from organode.chem.features import Compared
from organode.chem.fingerprint import Environments
from organode.errors import OrganodeError, UsageError
from organode.library.chunk import Chunk
from organode.library.read import (
    CoreSearch,
    FeaturizedChunk,
    FingerprintedChunk,
    ParsedChunk,
)
from organode.library.stored_inputs import StoredInputs
from organode.utils.arrays import load_arrays
from organode.utils.checksums import Checked, damaged
from organode.utils.code import code_digest
from organode.utils.lazy import lazy
from organode.utils.resources import explained

RADIUS = 2  # of the Morgan environments that are stored, in bonds
DECIDING = tuple(  # modules that decide what is stored; not imported: to read needs no search
    f"organode.{name}"
    for name in ("library.read", "library.stored_inputs", "electrochemistry.stability.core_finder")
)
INDEX = "library.json"
ROWS, FINGERPRINTS, FEATURES = "rows.parquet", "fingerprints.npz", "arrays.npz"
STABILITY = "stability.npz"
OWN_COLUMNS = "columns.parquet"  # of the input files, besides structures and ids; if there are any
REMEDY = (
    "build the library again (`organode library build`); on a cluster all workers have to see "
    "that folder"
)
ENVIRONMENT_ARRAYS = tuple(field.name for field in fields(Environments))


def content_digest() -> str:
    """Return the SHA-256 of the code and the RDKit version that decide what a library stores."""
    return code_digest(*DECIDING, more=rdBase.rdkitVersion)


def chunk_folder(folder: Path, number: int) -> Path:
    """Return the folder of a chunk: for `number` 1234, ``000001/000001234`` in `folder`."""
    return folder / f"{number // 1_000:06d}" / f"{number:09d}"


class StoredFeatures(Compared):
    """Input features of the models for n molecules, read from a chunk's folder when needed."""

    def __init__(self, folder: Path, n: int) -> None:
        super().__init__()
        self._folder = folder
        self.n = n

    @lazy
    def _arrays(self) -> list[np.ndarray]:
        return _arrays(self._folder, FEATURES)

    @property
    def descriptors(self) -> np.ndarray:
        """Descriptors of the Hückel frontier orbitals, shape (n, d), float32."""
        return self._arrays[len(ENVIRONMENT_ARRAYS)]

    def environments(self, radius: int) -> Environments:
        """Return the Morgan environments up to `radius` bonds.

        Raises
        ------
        OrganodeError
            If `radius` exceeds `RADIUS`, the largest radius that is stored.
        """
        if radius > RADIUS:
            raise OrganodeError(
                f"a built library holds environments up to radius {RADIUS}, this model reads "
                f"{radius}: screen the files themselves"
            )
        return Environments(*self._arrays[: len(ENVIRONMENT_ARRAYS)]).up_to(radius)

    def select(self, places: Sequence[int]) -> SelectedFeatures:
        """Return the features of the molecules with the indices `places`, in this order."""
        return SelectedFeatures(self, places)

    @property
    def bits(self) -> np.ndarray:
        """Morgan fingerprints of radius 2: 2,048 bits each, packed into shape (n, 32), uint64."""
        return self._arrays[len(ENVIRONMENT_ARRAYS) + 1]

    @lazy
    def composition(self) -> Composition:
        """Each molecule's elements, bonds, net charge, unpaired electrons and heavy atoms."""
        heavy_atoms, elements = self._arrays[len(ENVIRONMENT_ARRAYS) + 2 :]
        return Composition([frozenset(text.split()) for text in elements.tolist()], heavy_atoms)


@dataclass(frozen=True)
class SelectedFeatures:
    """Features of some of the molecules of a chunk, those with the indices `places`."""

    whole: StoredFeatures
    places: Sequence[int]

    @property
    def n(self) -> int:
        """Number of molecules."""
        return len(self.places)

    @property
    def descriptors(self) -> np.ndarray:
        """Descriptors of the Hückel frontier orbitals, shape (n, d), float32."""
        return self.whole.descriptors[np.asarray(self.places, np.intp)]

    def environments(self, radius: int) -> Environments:
        """Return the Morgan environments up to `radius` bonds, at most `RADIUS`."""
        return self.whole.environments(radius).select(self.places)


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
    """A chunk of a built library: consecutive rows, whose files are read when needed.

    Attributes
    ----------
    number, first, n : int
        Position among the library's chunks, from 0; row number in the library of the chunk's first
        row, from 0; number of rows of the chunk.
    folder : Path
        Contains the files of the chunk, such as ``rows.parquet``.
    has_features : bool
        Whether the input features of the models are stored, not only the fingerprints of the
        surrogate (the fast model for long libraries).
    cap : str
        End group for polymers' repeat units: ``H``, ``methyl``, or empty for none.
    """

    number: int
    first: int
    n: int
    folder: Path
    has_features: bool
    cap: str

    def as_given(self) -> Chunk:
        """Return the rows as the files give them; for each invalid row, also the reason."""
        rows = self._rows(["id", "smiles", "status"])
        ids, smiles, status = (rows[name].tolist() for name in ("id", "smiles", "status"))
        problems = ["" if text == "ok" else text for text in status]
        return Chunk(self.number, self.rows, ids, smiles, problems, cap=self.cap)

    def featurized(self) -> FeaturizedChunk:
        """Return the rows with the models' input features; compute features that are not stored."""
        cache_folder = self.folder if os.access(self.folder, os.W_OK) else None
        if not self.has_features:
            return replace(self.as_given().featurized(), cache_folder=cache_folder)
        parsed, key = self._parsed()
        features = StoredFeatures(self.folder, len(parsed.good))
        inputs = StoredInputs.of(_arrays(self.folder, STABILITY), features, key)
        return FeaturizedChunk(
            **vars(parsed),
            features=features,
            stability_inputs=inputs,
            key=key,
            cache_folder=cache_folder,
        )

    def fingerprinted(self, have_core: CoreSearch) -> FingerprintedChunk:  # noqa: ARG002
        """Return the rows with the count fingerprints that the surrogate, a fast model, reads.

        `have_core` is not called: what it would find was stored when the library was built.
        """
        parsed, key = self._parsed()
        data, columns, ends, has_core = _arrays(self.folder, FINGERPRINTS)
        counts = csr_matrix((data, columns.astype(np.int32), ends), (len(key), N_BITS))
        return FingerprintedChunk(**vars(parsed), counts=counts, has_core=has_core, key=key)

    @property
    def rows(self) -> range:
        """Row numbers in the library, from 0."""
        return range(self.first, self.first + self.n)

    def _parsed(self) -> tuple[ParsedChunk, np.ndarray]:
        """Return the parsed rows, and 64-bit hashes of the m valid molecules, shape (m,)."""
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
    """A built library: the folder that `organode library build` wrote.

    Attributes
    ----------
    folder : Path
        Contains the index, ``library.json``, and a folder for each chunk.
    name : str
        Name of the input files, such as ``a.smi and 3 more``.
    source : str
        SHA-256 of the input files and of the options with which the files were read.
    sizes : tuple of int
        Number of rows of each chunk.
    has_features : bool
        Whether the input features of the models are stored, not only the fingerprints of the
        surrogate (the fast model for long libraries).
    column_types : dict of str to str
        Names of the input files' columns other than structures and ids, to their Arrow types, such
        as ``{"price": "double"}``.
    cap : str
        End group for polymers' repeat units: ``H``, ``methyl``, or empty for none.
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
        """Open the built library in a folder.

        Raises
        ------
        UsageError
            If the folder contains no completely built library, or a library that was built by
            another version of organode or RDKit.
        OrganodeError
            If the library's index is damaged.
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
        if version != content_digest():
            raise UsageError(
                f"{folder} was built by another version of organode or RDKit, whose features of "
                "molecules may differ: build it again"
            )
        return cls(folder.resolve(), name, source, sizes, has_features, types, cap)

    @property
    def columns(self) -> pa.Schema:
        """Arrow schema of the input files' columns other than structures and ids."""
        types = self.column_types.items()
        return pa.schema([(name, pa.type_for_alias(kind)) for name, kind in types])

    def own_columns(self) -> Iterator[pa.Table]:
        """Yield the input files' columns other than structures and ids, a table for each chunk.

        Call this only if `columns` is not empty.
        """
        for chunk in self.chunks():
            with _readable(chunk.folder) as files:
                yield pq.read_table(io.BytesIO(files.read(OWN_COLUMNS)))

    def digest(self) -> str:
        """Return the SHA-256, at the time of the build, of the input files and their options."""
        return self.source

    def approximate_rows(self) -> int:
        """Return the number of rows, which is exact for a built library."""
        return sum(self.sizes)

    def chunks(self) -> Iterator[BuiltChunk]:
        """Yield the chunks in order, without reading their files."""
        first = 0
        for number, n in enumerate(self.sizes):
            folder = chunk_folder(self.folder, number)
            yield BuiltChunk(number, first, n, folder, self.has_features, self.cap)
            first += n
