"""Comparison of molecules with a measured reference: differences and fragment contributions."""

from organode.compare.table import compare

__all__ = ["compare"]
