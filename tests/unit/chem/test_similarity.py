"""Tanimoto similarity and nearest neighbours."""

import numpy as np
import pytest
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

from organode.chem.similarity import N_BITS, RADIUS, nearest, packed_bits, tanimoto

SMILES = ["C", "CCO", "CCN", "CCCO", "O=C1C=CC(=O)C=C1", "c1ccccc1", "Cc1ccccc1", "Oc1ccccc1"]
MOLECULES = [Chem.MolFromSmiles(text) for text in SMILES]


def test_similarity_equals_rdkit():
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=N_BITS)
    prints = [generator.GetFingerprint(molecule) for molecule in MOLECULES]
    bits = packed_bits(MOLECULES)
    result = nearest(bits, bits, len(MOLECULES))
    for query, (position, similarity) in enumerate(
        zip(result.position, result.similarity, strict=True)
    ):
        expected = DataStructs.BulkTanimotoSimilarity(prints[query], prints)
        np.testing.assert_allclose(similarity, np.array(expected)[position], atol=1e-6)
        assert (np.diff(similarity) <= 0).all()
        assert similarity[0] == 1
        np.testing.assert_array_equal(tanimoto(bits, bits)[query, position], similarity)


def test_ties_are_broken_by_order():
    random = np.random.default_rng(3)
    few = random.integers(0, 2**63, (40, 32), dtype=np.uint64)
    known = few[random.integers(0, 40, 1_000)] & few[random.integers(0, 40, 1_000)]
    result = nearest(few, known, 7)
    both = np.bitwise_count(few[:, None] & known).sum(axis=2)
    either = np.bitwise_count(few[:, None] | known).sum(axis=2)
    expected = np.argsort(-(both / either).astype(np.float32), axis=1, kind="stable")[:, :7]
    np.testing.assert_array_equal(result.position, expected)


def test_own_fold_is_skipped():
    bits = packed_bits(MOLECULES)
    fold = np.array([0, 1, 0, 1, 0, 1, 0, 1])
    result = nearest(bits, bits, 4, query_fold=fold, known_fold=fold)
    assert (fold[result.position] != fold[:, None]).all()
    with pytest.raises(ValueError, match="4 known molecules, but 5 neighbours"):
        nearest(bits, bits, 5, query_fold=fold, known_fold=fold)
