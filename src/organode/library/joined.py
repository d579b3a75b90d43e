"""Consecutive chunks of a library as one, so that work that is done once per chunk is done less."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count, islice

from organode.library.protocols import Estimable
from organode.library.read import CoreSearch, FingerprintedChunk


@dataclass(frozen=True)
class JoinedChunk:
    """Consecutive chunks of a library as one chunk, which the surrogate, a fast model, can read.

    Attributes
    ----------
    number : int
        Position among the joined chunks, from 0.
    parts : tuple of Estimable
        The chunks, at least one.
    """

    number: int
    parts: tuple[Estimable, ...]

    @property
    def n(self) -> int:
        """Number of rows."""
        return sum(part.n for part in self.parts)

    @property
    def cap(self) -> str:
        """End group for polymers' repeat units: ``H``, ``methyl``, or empty for none."""
        return self.parts[0].cap

    def fingerprinted(self, have_core: CoreSearch) -> FingerprintedChunk:
        """Return the parsed rows of all parts; `have_core` is that of their own methods."""
        return FingerprintedChunk.joined([part.fingerprinted(have_core) for part in self.parts])


def joined(chunks: Iterable[Estimable], together: int) -> Iterator[JoinedChunk]:
    """Yield the chunks of a library, `together` of them as one; the last one may be of fewer."""
    left = iter(chunks)
    for number in count():
        parts = tuple(islice(left, together))
        if not parts:
            return
        yield JoinedChunk(number, parts)
