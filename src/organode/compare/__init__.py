"""Compare potentials with a measured reference: differences and contributions of fragments."""

from organode.compare.table import compare

__all__ = ["compare"]
