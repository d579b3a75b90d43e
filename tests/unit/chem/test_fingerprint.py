import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator
from scipy.sparse import csr_matrix

from organode.chem.fingerprint import Environments, environments, fold, sparse_rows, unfold

SMILES = ["C", "CCO", "O=C1C=CC(=O)C=C1", "CN1c2ccccc2Sc2ccccc21", "CC(C)(C)c1ccccc1"]
MOLECULES = [Chem.MolFromSmiles(smiles) for smiles in SMILES]


@pytest.mark.parametrize("radius", [0, 1, 2, 4])
@pytest.mark.parametrize("n_bits", [64, 1000, 2048])
@pytest.mark.parametrize("counts", [True, False])
def test_folded_fingerprint_equals_rdkit(radius, n_bits, counts):
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=radius, fpSize=n_bits)
    folded = fold(environments(MOLECULES, radius), len(MOLECULES), n_bits, counts=counts)
    for row, molecule in enumerate(MOLECULES):
        if counts:
            expected = np.log1p(generator.GetCountFingerprintAsNumPy(molecule))
        else:
            expected = generator.GetFingerprintAsNumPy(molecule)
        np.testing.assert_allclose(folded[row].toarray()[0], expected, rtol=1e-6)


def test_empty_input_gives_empty_matrix():
    assert fold(environments([], 2), 0, 64, counts=True).shape == (0, 64)


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 2**32 - 1), st.integers(1, 60)), max_size=40
    ),
    st.sampled_from([16, 100, 4096]),
)
def test_folding_keeps_counts(entries, n_bits):
    entries.sort()
    columns = [np.array(column) for column in zip(*entries, strict=True)] or [np.empty(0)] * 3
    result = Environments(
        columns[0].astype(np.int32),
        np.zeros(len(columns[0]), np.uint8),
        columns[1].astype(np.uint32),
        columns[2].astype(np.uint16),
        np.zeros((len(columns[0]), 2), np.float32),
    )
    folded = np.expm1(fold(result, 5, n_bits, counts=True).toarray())
    for molecule in range(5):
        expected = columns[2][columns[0] == molecule].sum()
        assert folded[molecule].sum() == pytest.approx(expected, rel=1e-4)


def test_densities_belong_to_environments_of_their_atoms():
    (ethanol,) = (Chem.MolFromSmiles("CCO"),)
    density = np.array([[0.1, 0.6], [0.2, 0.4], [0.7, 0.0]], np.float32)
    result = environments([MOLECULES[0], ethanol], 1, [np.zeros((1, 2), np.float32), density])
    atoms = result.up_to(0)
    mine = atoms.molecule == 1
    assert sorted(atoms.density[mine, 0].tolist()) == pytest.approx([0.1, 0.2, 0.7])
    assert not atoms.density[~mine].any()
    # Of radius 1 each of the three atoms has an environment of its own.
    assert result.density[result.molecule == 1].sum(axis=0) == pytest.approx([2, 2])
    columns = np.unique(result.identifier)
    highest, lowest = (unfold(result, 2, columns, orbital=orbital) for orbital in (0, 1))
    assert (highest.sum(), lowest.sum()) == (pytest.approx(2), pytest.approx(2))
    assert (highest.nnz, lowest.nnz) == (6, 4)  # no entry for the oxygen without density


def test_densities_of_equal_atoms_are_added():
    benzene = Chem.MolFromSmiles("c1ccccc1")
    result = environments([benzene], 0, [np.full((6, 2), 1 / 6, np.float32)])
    assert result.density == pytest.approx(np.ones((1, 2)))
    assert result.count.tolist() == [6]


@pytest.mark.parametrize("shape", [(4, 3), (1, 5), (0, 3)])
def test_sparse_rows_have_the_same_arrays_as_scipys(shape):
    dense = np.random.default_rng(1).integers(0, 3, shape).astype(np.float32)
    result, expected = sparse_rows(dense), csr_matrix(dense)
    assert result.shape == expected.shape
    assert result.indices.dtype == expected.indices.dtype
    for name in ("data", "indices", "indptr"):
        np.testing.assert_array_equal(getattr(result, name), getattr(expected, name))
    assert result.dtype == np.float32
