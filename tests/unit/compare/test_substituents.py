"""The common core of two molecules, and the groups on it."""

import pytest
from rdkit import Chem

from organode.compare.substituents import common_core
from rule_model import AQ, BQ, CHLORANIL, METHOXY_AQ


def groups(one, other):
    result = common_core(Chem.MolFromSmiles(one), Chem.MolFromSmiles(other))
    return [[group.smiles for group in side.groups] for side in (result.one, result.other)]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (METHOXY_AQ, AQ, [["*OC"], []]),
        (CHLORANIL, BQ, [["*Cl"] * 4, []]),
        ("O=C1c2ccccc2C(=O)c2cc3ccccc3cc21", AQ, [[], []]),  # a fused ring belongs to the core
        ("CC(=O)OC1CC(C)(C)N([O])C(C)(C)C1", "OC1CC(C)(C)N([O])C(C)(C)C1", [["*C(C)=O"], []]),
        ("CC1(C)CCCC(C)(C)N1[O]", "CC1(C)CCCC(C)(C)N1C", [[], ["*C"]]),  # a radical's site stays
        ("Cc1ccccc1", "Clc1ccccc1", [["*C"], ["*Cl"]]),
    ],
)
def test_molecules_are_split_into_core_and_groups(one, other, expected):
    assert groups(one, other) == expected


def test_groups_are_replaced_by_hydrogen():
    for one, other, bare in (
        ("Cn1cccc1", "c1cc[nH]c1", "c1cc[nH]c1"),
        (
            "C[n+]1ccc(-c2cc[n+](Cc3ccccc3)cc2)cc1",
            "C[n+]1ccc(-c2cc[n+](C)cc2)cc1",
            "C[n+]1ccc(-c2cc[n+](C)cc2)cc1",
        ),
        (CHLORANIL, BQ, BQ),
    ):
        side = common_core(Chem.MolFromSmiles(one), Chem.MolFromSmiles(other)).one
        assert side.without(range(len(side.groups))) == Chem.CanonSmiles(bare)
        assert side.without([]) == Chem.CanonSmiles(one)


def test_no_core_of_molecules_with_little_in_common():
    assert common_core(Chem.MolFromSmiles("CC1(C)CCCC(C)(C)N1[O]"), Chem.MolFromSmiles(AQ)) is None
