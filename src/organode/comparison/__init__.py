"""Differences between molecules and one that was measured, and which fragments make them."""

from organode.comparison.table import compare

__all__ = ["compare"]
