"""Short keys of structures, by which equal structures are found."""

from __future__ import annotations

from hashlib import blake2b

from rdkit import Chem


def structure_key(molecule: Chem.Mol) -> int:
    """Return a 64-bit hash of the canonical SMILES of a molecule without stereo.

    Among 100 million structures, the probability that any two share a hash is 3 in 10,000.
    """
    return int.from_bytes(blake2b(Chem.MolToSmiles(molecule).encode(), digest_size=8).digest())
