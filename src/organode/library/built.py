"""A library that is described once, and screened again without parsing a SMILES."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from organode.arrays import load_arrays
from organode.chem.composition import Composition
from organode.chem.fingerprint import Environments
from organode.chem.sketch import N_BITS
from organode.errors import OrganodeError, UsageError
from organode.inputs import Compared
from organode.lazy import lazy
from organode.library.read import Parsed, Read, Sketch, describing, read

RADIUS = 2  # of the environments that are kept
INDEX = "library.json"
ROWS, SKETCH, ARRAYS = "rows.parquet", "sketch.npz", "arrays.npz"
PARTS = tuple(field.name for field in fields(Environments))


def piece_folder(folder: Path, number: int) -> Path:
    """Return where a piece of a built library lies."""
    return folder / f"{number // 1_000:06d}" / f"{number:09d}"


class Stored(Compared):
    """n molecules as `organode.inputs.Described`, from arrays on disk; read when asked for."""

    def __init__(self, folder: Path, n: int) -> None:
        super().__init__()
        self._folder = folder
        self.n = n

    @lazy
    def _arrays(self) -> list[np.ndarray]:
        with _readable(self._folder):
            return load_arrays(self._folder / ARRAYS)

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
def _readable(folder: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, BadZipFile) as error:
        raise OrganodeError(
            f"{folder} cannot be read here ({error}): on a cluster all workers have to "
            "see that folder; if it is damaged, build the library again"
        ) from error


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
    """

    number: int
    first: int
    n: int
    folder: Path
    whole: bool

    def texts(self) -> tuple[Sequence[str], Sequence[str]]:
        """Return ids and SMILES, as given."""
        rows = self._rows(["id", "smiles"])
        return rows["id"].tolist(), rows["smiles"].tolist()

    def read(self) -> Read:
        """Load the rows for the models; parse them where only a sketch was kept."""
        memory = self.folder if os.access(self.folder, os.W_OK) else None
        if not self.whole:
            ids, smiles = self.texts()
            return replace(read(self.rows, ids, smiles)[0], memory=memory)
        parsed, key = self._parsed()
        stored = Stored(self.folder, len(parsed.place))
        return Read(**vars(parsed), described=stored, key=key, memory=memory)

    def sketch(self) -> Sketch:
        """Load the rows for an estimate."""
        parsed, key = self._parsed()
        with _readable(self.folder):
            data, columns, ends = load_arrays(self.folder / SKETCH)
        parts = data, columns.astype(np.int32), ends
        return Sketch(**vars(parsed), counts=csr_matrix(parts, (len(key), N_BITS)), key=key)

    @property
    def rows(self) -> range:
        """Row numbers."""
        return range(self.first, self.first + self.n)

    def _parsed(self) -> tuple[Parsed, np.ndarray]:
        """Return the rows, and the keys of the good ones' structures."""
        rows = self._rows(["id", "smiles", "status", "molar_mass", "key"])
        place = np.flatnonzero(rows["status"] == "ok")
        ids, smiles, status = (rows[name].tolist() for name in ("id", "smiles", "status"))
        mass, key = (rows[name].to_numpy()[place] for name in ("molar_mass", "key"))
        return Parsed(self.rows, ids, smiles, status, place, mass), key

    def _rows(self, columns: list[str]) -> pd.DataFrame:
        with _readable(self.folder):
            return pd.read_parquet(self.folder / ROWS, columns=columns)


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
    """

    folder: Path
    name: str
    source: str
    sizes: tuple[int, ...]
    whole: bool

    @classmethod
    def open(cls, folder: Path) -> BuiltLibrary:
        """Open a finished library.

        Raises
        ------
        UsageError
            If the folder holds none.
        """
        try:
            content = json.loads((folder / INDEX).read_text(encoding="utf-8"))
            made_by, name, source = (content[key] for key in ("describing", "name", "source"))
            sizes, whole = tuple(content["sizes"]), bool(content["whole"])
        except (OSError, ValueError, KeyError) as error:
            raise UsageError(
                f"{folder} holds no finished library: run `organode library build FILE --out "
                f"{folder}` (again), or name files, such as '{folder}/*.smi'"
            ) from error
        if made_by != describing():
            raise UsageError(
                f"{folder} was built by another version of organode or RDKit, which describe "
                "molecules in other ways: build it again"
            )
        return cls(folder.resolve(), name, source, sizes, whole)

    def digest(self) -> str:
        """Return the digest of what the library was built from."""
        return self.source

    def about(self) -> int:
        """Return how many rows there are."""
        return sum(self.sizes)

    def pieces(self) -> Iterator[BuiltPiece]:
        """Go through the pieces; nothing is read yet."""
        first = 0
        for number, n in enumerate(self.sizes):
            yield BuiltPiece(number, first, n, piece_folder(self.folder, number), self.whole)
            first += n
