"""The most common columns of an input matrix."""

from dataclasses import replace

import numpy as np
import pytest
from rdkit import Chem

from organode.chem.features import Molecules
from organode.distil.narrowing import most_common
from organode.models.input_columns import InputColumns
from organode.search.space import STRONG

SMILES = ["C" * n + end for n in range(1, 9) for end in ("O", "N", "c1ccccc1", "C=O", "C#N")]


@pytest.mark.parametrize(
    "settings", [STRONG, replace(STRONG, orbitals=False), replace(STRONG, n_bits=64)]
)
def test_narrowed_columns_are_those_of_the_matrix(settings):
    molecules = Molecules([Chem.MolFromSmiles(smiles) for smiles in SMILES])
    columns = InputColumns.choose(settings, molecules, np.arange(molecules.n))
    matrix = columns.matrix(molecules)
    narrowed, kept = most_common(columns, matrix, 5)
    assert (narrowed.matrix(molecules) != matrix[:, kept]).nnz == 0
    assert len(narrowed.identifiers) == (0 if settings.n_bits else 5)
    assert len(narrowed.sites) == (5 if settings.orbitals else 0)
    if not settings.n_bits:
        occurs = np.diff(matrix.tocsc().indptr)[: len(columns.identifiers)]
        chosen = np.isin(columns.identifiers, narrowed.identifiers)
        assert occurs[chosen].min() >= occurs[~chosen].max()


def test_all_columns_are_kept_if_there_are_few():
    molecules = Molecules([Chem.MolFromSmiles(smiles) for smiles in SMILES])
    columns = InputColumns.choose(STRONG, molecules, np.arange(molecules.n))
    matrix = columns.matrix(molecules)
    narrowed, kept = most_common(columns, matrix, 10_000)
    np.testing.assert_array_equal(kept, np.arange(matrix.shape[1]))
    np.testing.assert_array_equal(narrowed.identifiers, columns.identifiers)
