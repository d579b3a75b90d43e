"""Compute with one thread, so that sums have the same order on every machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits


@contextmanager
def one_thread() -> Iterator[None]:
    """Let the linear algebra of NumPy and SciPy use one thread while the block runs.

    Matrices of a few hundred rows are also faster so: threads would mostly wait for each other.
    """
    import scipy.linalg  # noqa: F401 (a library that is loaded later would not be limited)

    with threadpool_limits(1):
        yield
