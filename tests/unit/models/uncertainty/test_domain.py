"""The applicability domain."""

import numpy as np
from rdkit import Chem

from organode.chem.composition import Composition
from organode.models.uncertainty.domain import Domain


def test_domain_distinguishes_elements_from_charges_and_radicals():
    smiles = ["C[n+]1ccccc1", "CC1(C)CCCC(C)(C)N1[O]", "Clc1ccccc1"]
    composition = Composition.of([Chem.MolFromSmiles(text) for text in smiles])
    domain = Domain.fit(composition, np.ones(3), np.ones(3))
    assert domain.elements == ("C", "Cl", "N", "O")
    assert domain.beside_neutral == ("charge+1", "radical")
