"""A library that is described once, and screened again without parsing a SMILES."""

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
from organode.library.read import FeaturizedChunk, FingerprintedChunk, ParsedChunk, describing
from organode.utils.arrays import load_arrays
from organode.utils.checksums import Checked, damaged
from organode.utils.lazy import lazy
from organode.utils.resources import explained

RADIUS = 2  # of the environments that are kept
INDEX = "library.json"
ROWS, SKETCH, ARRAYS = "rows.parquet", "sketch.npz", "arrays.npz"
COLUMNS = "columns.parquet"  # the files' own, where there are any
REMEDY = (
    "build the library again (`organode library build`); on a cluster all workers have to see "
    "that folder"
)
PARTS = tuple(field.name for field in fields(Environments))


def piece_folder(folder: Path, number: int) -> Path:
    """Return where a piece of a built library lies."""
    return folder / f"{number // 1_000:06d}" / f"{number:09d}"


class Stored(Compared):
    """n molecules as `chem.features.ModelFeatures`, from arrays on disk; read when asked for."""

    def __init__(self, folder: Path, n: int) -> None:
        super().__init__()
        self._folder = folder
        self.n = n

    @lazy
    def _arrays(self) -> list[np.ndarray]:
        return _arrays(self._folder, ARRAYS)

    @property
    def descriptors(self) -> np.ndarray:
        """Return the orbital descriptors, shape (n, d)."""
        return self._arrays[len(PARTS)]

    def environments(self, radius: int) -> Environments:
        """Return the Morgan environments up to `radius`.

        Raises
        ------
        OrganodeError
            If the library was built with smaller ones.
        """
        if radius > RADIUS:
            raise OrganodeError(
                f"a built library holds environments up to radius {RADIUS}, this model reads "
                f"{radius}: screen the files themselves"
            )
        return Environments(*self._arrays[: len(PARTS)]).up_to(radius)

    @property
    def bits(self) -> np.ndarray:
        """`packed_bits`, shape (n, words)."""
        return self._arrays[len(PARTS) + 1]

    @lazy
    def composition(self) -> Composition:
        """Return what the molecules consist of."""
        heavy_atoms, elements = self._arrays[len(PARTS) + 2 :]
        return Composition([frozenset(one.split()) for one in elements.tolist()], heavy_atoms)


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
class BuiltPiece:
    """A piece of a built library.

    Attributes
    ----------
    number, first, n : int
        Its place among the pieces, its first row, how many rows.
    folder : Path
        Where it lies.
    whole : bool
        Whether it holds what models read, not only what an estimate does.
    cap : str
        What ends repeat units.
    """

    number: int
    first: int
    n: int
    folder: Path
    whole: bool
    cap: str

    def given(self) -> Chunk:
        """Return the rows as given; what is known to be no molecule keeps its reason."""
        rows = self._rows(["id", "smiles", "status"])
        ids, smiles, status = (rows[name].tolist() for name in ("id", "smiles", "status"))
        problems = ["" if said == "ok" else said for said in status]
        return Chunk(self.number, self.rows, ids, smiles, problems, cap=self.cap)

    def read(self) -> FeaturizedChunk:
        """Load the rows for the models; parse them where only a sketch was kept."""
        memory = self.folder if os.access(self.folder, os.W_OK) else None
        if not self.whole:
            return replace(self.given().read(), memory=memory)
        parsed, key = self._parsed()
        stored = Stored(self.folder, len(parsed.place))
        return FeaturizedChunk(**vars(parsed), described=stored, key=key, memory=memory)

    def fingerprint(self) -> FingerprintedChunk:
        """Load the rows for an estimate."""
        parsed, key = self._parsed()
        data, columns, ends = _arrays(self.folder, SKETCH)
        parts = data, columns.astype(np.int32), ends
        return FingerprintedChunk(
            **vars(parsed), counts=csr_matrix(parts, (len(key), N_BITS)), key=key
        )

    @property
    def rows(self) -> range:
        """Row numbers."""
        return range(self.first, self.first + self.n)

    def _parsed(self) -> tuple[ParsedChunk, np.ndarray]:
        """Return the rows, and the keys of the good ones' structures."""
        rows = self._rows(["id", "smiles", "status", "note", "molar_mass", "key"])
        place = np.flatnonzero(rows["status"] == "ok")
        ids, smiles, status, notes = (
            rows[name].tolist() for name in ("id", "smiles", "status", "note")
        )
        mass, key = (rows[name].to_numpy()[place] for name in ("molar_mass", "key"))
        return ParsedChunk(self.rows, ids, smiles, status, notes, place, mass), key

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
        Holds `INDEX` and a folder a piece.
    name : str
        What the library was built from.
    source : str
        Digest of that.
    sizes : tuple of int
        Rows of each piece.
    whole : bool
        Whether it holds what models read, not only what an estimate does.
    kinds : dict of str to str
        The files' columns beside structures and ids, and their Arrow types.
    cap : str
        What ends repeat units.
    """

    folder: Path
    name: str
    source: str
    sizes: tuple[int, ...]
    whole: bool
    kinds: dict[str, str]
    cap: str

    @classmethod
    def open(cls, folder: Path) -> BuiltLibrary:
        """Open a finished library.

        Raises
        ------
        UsageError
            If the folder holds none.
        """
        try:
            begun = not (folder / INDEX).exists()
            content = {} if begun else Checked.open(folder, REMEDY).json(INDEX)
            made_by, name, source = (content[key] for key in ("describing", "name", "source"))
            sizes, whole = tuple(content["sizes"]), bool(content["whole"])
            kinds, cap = dict(content["columns"]), str(content["cap"])
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(
                f"{folder} holds no finished library: run `organode library build FILE --out "
                f"{folder}` (again), or name files, such as '{folder}/*.smi'"
            ) from error
        if made_by != describing():
            raise UsageError(
                f"{folder} was built by another version of organode or RDKit, which describe "
                "molecules in other ways: build it again"
            )
        return cls(folder.resolve(), name, source, sizes, whole, kinds, cap)

    @property
    def columns(self) -> pa.Schema:
        """Columns of the files beside structures and ids."""
        return pa.schema([(name, pa.type_for_alias(kind)) for name, kind in self.kinds.items()])

    def own_columns(self) -> Iterator[pa.Table]:
        """Go through these columns, a piece at a time."""
        for piece in self.pieces():
            with _readable(piece.folder) as files:
                yield pq.read_table(io.BytesIO(files.read(COLUMNS)))

    def digest(self) -> str:
        """Return the digest of what the library was built from."""
        return self.source

    def approximate_rows(self) -> int:
        """Return how many rows there are."""
        return sum(self.sizes)

    def pieces(self) -> Iterator[BuiltPiece]:
        """Go through the pieces; nothing is read yet."""
        first = 0
        for number, n in enumerate(self.sizes):
            folder = piece_folder(self.folder, number)
            yield BuiltPiece(number, first, n, folder, self.whole, self.cap)
            first += n
