"""The cheap description of many molecules."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from rdkit import Chem

from organode.chem import parse_flat
from organode.chem.count_fingerprint import (
    N_BITS,
    RADIUS,
    count_environments,
    folded,
    structure_hash,
)
from organode.chem.fingerprint import environments, fold

SMILES = ["CCO", "OCC", "c1ccccc1", "O=C1C=CC(=O)C=C1", "CC(C)(C)c1ccc(O)cc1", "C", "N#CC(F)(F)F"]


def test_counts_equal_those_of_unfolded_environments():
    molecules = [parse_flat(text) for text in SMILES]
    expected = fold(environments(molecules, RADIUS), len(molecules), N_BITS, counts=True)
    result = folded(count_environments(molecules))
    assert result.shape == (len(SMILES), N_BITS)
    np.testing.assert_allclose(np.log1p(result.toarray()), expected.toarray(), rtol=1e-6)


def test_different_environments_have_different_hash():
    keys = structure_hash(folded(count_environments([parse_flat(text) for text in SMILES])))
    assert keys[0] == keys[1]
    assert len(set(keys.tolist())) == len(SMILES) - 1


@given(st.sampled_from(SMILES), st.integers(0, 50))
def test_hash_does_not_depend_on_spelling(smiles, seed):
    one = parse_flat(smiles)
    other = parse_flat(Chem.MolToRandomSmilesVect(one, 1, randomSeed=seed + 1)[0])
    first, second = structure_hash(folded(count_environments([one, other])))
    assert first == second


def test_empty_input_gives_empty_matrix():
    assert folded(count_environments([])).shape == (0, N_BITS)
    assert structure_hash(folded(count_environments([]))).shape == (0,)
