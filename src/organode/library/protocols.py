"""Common interfaces of libraries and chunks that are read from files or from built libraries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

if TYPE_CHECKING:
    from organode.library.chunk import Chunk
    from organode.library.read import CoreSearch, FeaturizedChunk, FingerprintedChunk


class Estimable(Protocol):
    """Some rows of a library, for which the surrogate, a fast model, can make estimates."""

    @property
    def number(self) -> int:
        """Position of the chunk among all chunks, from 0."""

    @property
    def n(self) -> int:
        """Number of rows in the chunk."""

    @property
    def cap(self) -> str:
        """End group for polymers' repeat units: ``H``, ``methyl``, or empty for none."""

    def fingerprinted(self, have_core: CoreSearch) -> FingerprintedChunk:
        """Return the parsed rows with the fingerprints that the surrogate reads.

        `have_core` finds out which molecules have a group that is known to be stable as an ion; a
        built library has stored what it found.
        """


class AnyChunk(Estimable, Protocol):
    """Some rows of a library, which may be consecutive, drawn at random, or selected."""

    @property
    def rows(self) -> Sequence[int]:
        """Numbers of the chunk's rows in the library, from 0, sorted ascending."""

    def as_given(self) -> Chunk:
        """Return the rows with ids and SMILES as the files give them."""

    def featurized(self) -> FeaturizedChunk:
        """Return the parsed rows with the input features of the models."""


class AnyLibrary(Protocol):
    """A library that can be screened, given as files or built from files before."""

    @property
    def name(self) -> str:
        """Name of the library in reports, such as ``a.smi and 3 more``."""

    @property
    def cap(self) -> str:
        """End group for polymers' repeat units: ``H``, ``methyl``, or empty for none."""

    @property
    def columns(self) -> pa.Schema:
        """Arrow schema of the files' columns other than structures and ids."""

    def digest(self) -> str:
        """Return the SHA-256 of the files and of the options with which the files are read."""

    def own_columns(self) -> Iterator[pa.Table]:
        """Yield the files' columns other than structures and ids, a table for each chunk."""

    def approximate_rows(self) -> int:
        """Return the number of rows of the library, exact or estimated."""

    def chunks(self) -> Iterator[AnyChunk]:
        """Yield all rows of the library in order, chunk by chunk."""
