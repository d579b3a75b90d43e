"""Lists of arrays as files, without pickles; numbers that are as good as random."""

from __future__ import annotations

import io
from pathlib import Path
from typing import IO

import numpy as np


def save_arrays(target: Path | IO[bytes], arrays: list[np.ndarray]) -> None:
    """Write up to a hundred arrays; the same arrays give the same bytes."""
    np.savez(target, **{f"{index:02d}": array for index, array in enumerate(arrays)})  # type: ignore[arg-type]


def load_arrays(source: Path | bytes) -> list[np.ndarray]:
    """Read what `save_arrays` wrote, a file or its content; refuses anything pickled.

    Raises
    ------
    ValueError
        If it is damaged in a way that shows: a changed shape need not.
    """
    content = source if isinstance(source, bytes) else source.read_bytes()
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return [arrays[name] for name in sorted(arrays.files)]
    except MemoryError:
        raise
    except Exception as error:  # zipfile and numpy raise whatever damage leads them to
        raise ValueError(" ".join(f"{type(error).__name__}: {error}".split())) from error


def mixed(values: np.ndarray) -> np.ndarray:
    """Return each of n uint64 as another one, so that neighbours have nothing in common.

    SplitMix64: Steele, Lea and Flood, OOPSLA 2014, doi 10.1145/2660193.2660195.
    """
    found = values + np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        found = (found ^ (found >> np.uint64(shift))) * np.uint64(factor)
    return np.asarray(found ^ (found >> np.uint64(31)))
