"""Compare potentials of molecules with the potential of a reference molecule."""

from organode.compare.table import compare

__all__ = ["compare"]
