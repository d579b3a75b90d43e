"""Chunks and functions on them that worker processes can import."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NumberedChunk:
    """A chunk that is nothing but its number."""

    number: int


def square(chunk):
    """Return the square of a chunk's number."""
    return chunk.number**2


def fail_at_2(chunk):
    """Return a chunk's number; fail at that of number 2."""
    if chunk.number == 2:
        raise ValueError("chunk 2 fails")
    return chunk.number
