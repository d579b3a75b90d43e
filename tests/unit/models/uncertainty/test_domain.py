"""The applicability domain."""

import numpy as np
from rdkit import Chem

from organode.chem.composition import Composition
from organode.models.uncertainty.domain import Domain

PHENYLS = Composition.of([
    Chem.MolFromSmiles(text) for text in ("c1ccc(P=Pc2ccccc2)cc1", "c1ccc(PPc2ccccc2)cc1")
])  # fmt: skip


def test_what_no_training_molecule_has_is_named():
    smiles = ["C[n+]1ccccc1", "CC1(C)CCCC(C)(C)N1[O]", "Clc1ccccc1", "CPPc1ccccc1"]
    composition = Composition.of([Chem.MolFromSmiles(text) for text in smiles])
    domain = Domain.fit(composition, np.ones(4), np.ones(4))
    assert domain.elements == ("C", "Cl", "N", "O", "P")
    assert domain.beside_neutral == ("charge+1", "radical")
    strange = Composition.of([
        Chem.MolFromSmiles(text) for text in ("OCl", "C[n+]1cc[n+](C)cc1", "CC[CH2]", "BrCC")
    ])  # fmt: skip
    unknown = [sorted(parts) for parts in domain.unknown_parts(strange)]
    assert unknown == [["Cl-O"], ["charge+2"], [], ["Br"]]
    both, single = domain.reasons(PHENYLS, np.ones(2), np.ones(2))
    assert both.startswith("P=P occurs in no training molecule; 14 heavy atoms")
    assert single.startswith("14 heavy atoms")


def test_domain_of_a_model_without_bonds_asks_for_none():
    domain = Domain(("C", "P"), (1, 20), 0.0, 1.0)
    assert domain.reasons(PHENYLS, np.ones(2), np.ones(2)) == ["", ""]
    wider = domain.widened(Composition.of([Chem.MolFromSmiles("c1ccc(P=Nc2ccccc2)cc1")]))
    assert wider.parts == ("C", "N", "P")
    assert wider.reasons(PHENYLS, np.ones(2), np.ones(2)) == ["", ""]


def test_domain_of_a_model_that_learned_more_is_wider():
    domain = Domain.fit(Composition.of([Chem.MolFromSmiles("CPPC")]), np.ones(1), np.ones(1))
    wider = domain.widened(PHENYLS)
    assert wider.heavy_atoms == (4, 14)
    assert wider.unknown_parts(PHENYLS) == [frozenset()] * 2
