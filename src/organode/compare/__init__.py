"""Differences between molecules and one that was measured, and which fragments make them."""

from organode.compare.table import compare

__all__ = ["compare"]
