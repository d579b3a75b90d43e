"""Short keys of structures, by which equal structures are found."""

from __future__ import annotations

from hashlib import blake2b

from rdkit import Chem

from organode.chem.in_cell import in_cell


def structure_key(molecule: Chem.Mol) -> int:
    """Return a 64-bit hash of the canonical SMILES of a molecule without stereo.

    An acid that was read from its metal salt has the key of its anion: it is not the acid itself,
    of which other reactions are known.

    Among 100 million structures, the probability that any two share a hash is 3 in 10,000.
    """
    smiles = Chem.MolToSmiles(in_cell(molecule))
    return int.from_bytes(blake2b(smiles.encode(), digest_size=8).digest())
