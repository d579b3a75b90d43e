"""Interfaces of libraries and their chunks, for those of files and those that were built."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

if TYPE_CHECKING:
    from organode.library.chunk import Chunk
    from organode.library.read import FeaturizedChunk, FingerprintedChunk


class AnyChunk(Protocol):
    """Some consecutive or drawn rows of a library."""

    @property
    def number(self) -> int:
        """Place among the chunks, from 0."""

    @property
    def n(self) -> int:
        """Number of rows."""

    @property
    def rows(self) -> Sequence[int]:
        """Row numbers in the library, sorted ascending."""

    @property
    def cap(self) -> str:
        """End group of repeat units, see `organode.chem.structure`."""

    def as_given(self) -> Chunk:
        """Return the rows as given, without the other columns."""

    def featurized(self) -> FeaturizedChunk:
        """Return the rows with the features of the models."""

    def fingerprinted(self) -> FingerprintedChunk:
        """Return the rows with the fingerprints of the surrogate."""


class AnyLibrary(Protocol):
    """A library that can be screened."""

    @property
    def name(self) -> str:
        """Name in reports."""

    @property
    def cap(self) -> str:
        """End group of repeat units."""

    @property
    def columns(self) -> pa.Schema:
        """The files' columns beside structures and ids."""

    def digest(self) -> str:
        """Return a digest that is equal for equal rows."""

    def own_columns(self) -> Iterator[pa.Table]:
        """Yield these columns chunk by chunk."""

    def approximate_rows(self) -> int:
        """Return about how many rows there are."""

    def chunks(self) -> Iterator[AnyChunk]:
        """Yield the rows chunk by chunk."""
