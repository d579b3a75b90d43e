"""Lists of arrays as files, without pickles."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import numpy as np


def save_arrays(target: Path | IO[bytes], arrays: list[np.ndarray]) -> None:
    """Write up to a hundred arrays; the same arrays give the same bytes."""
    np.savez(target, **{f"{index:02d}": array for index, array in enumerate(arrays)})  # type: ignore[arg-type]


def load_arrays(path: Path) -> list[np.ndarray]:
    """Read what `save_arrays` wrote; refuses anything pickled."""
    with np.load(path, allow_pickle=False) as arrays:
        return [arrays[name] for name in sorted(arrays.files)]
