"""Save NumPy arrays without pickles, or share them between processes as memory maps of a file."""

from __future__ import annotations

import io
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import IO, Any, TypeVar

import numpy as np
import pandas as pd

T = TypeVar("T")
MIN_SHARED = 1 << 12  # bytes; smaller arrays are not put into the shared file
ALIGNMENT = 64  # bytes


def save_arrays(target: Path | IO[bytes], arrays: list[np.ndarray]) -> None:
    """Write up to a hundred arrays as an NPZ file; equal arrays give equal bytes."""
    np.savez(target, **{f"{index:02d}": array for index, array in enumerate(arrays)})  # type: ignore[arg-type]


def load_arrays(source: Path | bytes) -> list[np.ndarray]:
    """Read arrays that `save_arrays` wrote, in the same order.

    `source` is the path of the NPZ file, or the bytes of the file. Pickled objects are refused,
    since reading a pickle can run code.

    Raises
    ------
    ValueError
        If the content is visibly damaged. Some damage, such as a changed shape, goes unnoticed.
    """
    content = source if isinstance(source, bytes) else source.read_bytes()
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return [arrays[name] for name in sorted(arrays.files)]
    except MemoryError:
        raise
    except Exception as error:  # zipfile and numpy raise many types on damaged files
        raise ValueError(" ".join(f"{type(error).__name__}: {error}".split())) from error


def mapped(value: T, file: Path) -> T:
    """Return a copy of `value` whose large arrays are read-only memory maps of one file.

    All processes that get the copy share the memory of these arrays. The file holds only the bytes
    of the arrays, so that reading the file cannot run code.

    Parameters
    ----------
    value : T
        An array, or dataclasses, lists, tuples and dicts that contain arrays. Arrays below
        `MIN_SHARED` bytes and arrays of Python objects are kept as they are.
    file : Path
        The file for the arrays, which is replaced if it exists. It must be in a folder to which no
        other user may write.
    """
    file.unlink(missing_ok=True)
    with open(file, "xb") as stream:
        shared: T = _mapped(value, stream)
    return shared


def _mapped(value: Any, stream: IO[bytes]) -> Any:
    if isinstance(value, np.ndarray):
        if value.nbytes < MIN_SHARED or value.dtype.hasobject:
            return value
        stream.write(bytes(-stream.tell() % ALIGNMENT))
        start = stream.tell()
        stream.write(np.ascontiguousarray(value).data)
        stream.flush()
        return np.memmap(stream.name, value.dtype, "r", start, value.shape)
    if is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: getattr(value, field.name) for field in fields(value)}
        return replace(value, **{name: _mapped(part, stream) for name, part in parts.items()})
    if isinstance(value, dict):
        return {key: _mapped(part, stream) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_mapped(part, stream) for part in value)
    return value


def distinct(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what ``np.unique`` does with indices and inverse, several times faster if few differ.

    Parameters
    ----------
    values : numpy.ndarray
        Shape (n,), without NaN.

    Returns
    -------
    distinct, first, inverse : numpy.ndarray
        The m different values, sorted; the index of the first of each, shape (m,); and for each
        value its index in `distinct`, shape (n,).

    Examples
    --------
    >>> [each.tolist() for each in distinct(np.array([5, 3, 5]))]
    [[3, 5], [1, 0], [1, 0, 1]]
    """
    inverse, different = pd.factorize(values, sort=True)
    first = np.empty(len(different), np.intp)
    first[inverse[::-1]] = np.arange(len(values))[::-1]  # the last one written stays
    return different, first, inverse


def spans(starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return all integers from each start up to, but not including, its end, in one array.

    Examples
    --------
    >>> spans(np.array([2, 7]), np.array([5, 8])).tolist()
    [2, 3, 4, 7]
    """
    sizes = ends - starts
    return np.asarray(np.arange(sizes.sum()) + np.repeat(starts - np.cumsum(sizes) + sizes, sizes))
