"""Paths along which unpaired electrons pair."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdkit import Chem

from organode.chem.lewis.formula import Lewis, read, write
from organode.chem.lewis.pairing import Reach, next_paths, pairings


def paired(smiles, furthest=Reach.FAR_CHARGES):
    """Return the molecules that pairing leads to, and the reach of each path to the first."""
    molecule = Chem.MolFromSmiles(smiles)
    skeleton, lewis = read(molecule)
    ends = pairings(skeleton, lewis, furthest)
    forms = {Chem.MolToSmiles(write(molecule, skeleton, end)) for end, _ in ends}
    return forms, [path.reach for path in ends[0][1]]


def canonical(smiles):
    return Chem.CanonSmiles(smiles)


@pytest.mark.parametrize(
    ("smiles", "expected", "reach"),
    [
        ("[CH2][CH2]", "C=C", Reach.CONJUGATED),
        ("[CH2]C=C[CH2]", "C=CC=C", Reach.CONJUGATED),
        ("[O]c1ccc([O])cc1", "O=C1C=CC(=O)C=C1", Reach.CONJUGATED),
        ("C[S]([O])C", "CS(C)=O", Reach.HYPERVALENT_END),
        ("CS([O])([O])C", "CS(C)(=O)=O", Reach.HYPERVALENT),
        ("CN([O])[O]", "C[N+](=O)[O-]", Reach.NEAR_CHARGES),
        ("[O]CCN1C=C[CH]C=C1", "[O-]CC[n+]1ccccc1", Reach.FAR_CHARGES),
    ],
)
def test_electrons_pair_by_the_most_common_chemistry(smiles, expected, reach):
    assert paired(smiles) == ({canonical(expected)}, [reach])


@pytest.mark.parametrize(
    ("smiles", "needed"),
    [
        ("C[S]([O])C", Reach.HYPERVALENT_END),
        ("CS([O])([O])C", Reach.HYPERVALENT),
        ("CN([O])[O]", Reach.NEAR_CHARGES),
        ("[O]CCN1C=C[CH]C=C1", Reach.FAR_CHARGES),
    ],
)
def test_furthest_reach_limits_what_is_paired(smiles, needed):
    assert paired(smiles, Reach(needed - 1)) == ({canonical(smiles)}, [])
    assert paired(smiles, needed)[1] == [needed]


@pytest.mark.parametrize("smiles", ["CCO", "[CH3]", "CC1(C)CCCC(C)(C)N1[O]", "C[N+](=O)[O-]"])
def test_fewer_than_two_unpaired_electrons_have_no_path(smiles):
    skeleton, lewis = read(Chem.MolFromSmiles(smiles))
    assert next_paths(skeleton, lewis, Reach.FAR_CHARGES) == []
    assert pairings(skeleton, lewis, Reach.FAR_CHARGES) == [(lewis, ())]


def test_centres_without_a_path_between_them_stay_unpaired():
    assert paired("[CH2]CC[CH2]") == ({"[CH2]CC[CH2]"}, [])
    assert paired("[CH2]c1cccc([CH2])c1") == ({"[CH2]c1cccc([CH2])c1"}, [])  # no Kekulé structure


def test_shortest_path_comes_first():
    skeleton, lewis = read(Chem.MolFromSmiles("[CH2][CH]C=C[CH][CH2]"))
    paths = next_paths(skeleton, lewis, Reach.FAR_CHARGES)
    assert {len(path.changes) for path in paths} == {1}
    assert {tuple(sorted(path.atoms)) for path in paths} == {(0, 1), (4, 5)}
    forms, reach = paired("[CH2][CH]C=C[CH][CH2]")
    assert forms == {"C=CC=CC=C"}
    assert reach == [Reach.CONJUGATED] * 2


def test_orders_along_a_path_rise_and_fall_in_turn():
    skeleton, lewis = read(Chem.MolFromSmiles("[CH2]C=CC=C[CH2]"))
    (path, _) = next_paths(skeleton, lewis, Reach.CONJUGATED)  # from either end
    assert [change for _, change in path.changes] == [1, -1, 1, -1, 1]
    assert {path.atoms[0], path.atoms[-1]} == {0, 5}


def test_charges_of_the_same_sign_do_not_pair():
    """Centres that stand for two anions stay apart; for a cation and an anion, they pair."""
    skeleton, lewis = read(Chem.MolFromSmiles("[CH2]C=C[CH2]"))
    alike, opposite = (replace(skeleton, ions=(-1, 0, 0, last)) for last in (-1, 1))
    assert next_paths(alike, lewis, Reach.CONJUGATED) == []
    assert len(next_paths(opposite, lewis, Reach.CONJUGATED)) == 2


def test_equally_short_paths_lead_to_several_structures():
    skeleton, lewis = read(Chem.MolFromSmiles("[CH2][C]([CH2])[CH2]"))
    ends = pairings(skeleton, lewis, Reach.CONJUGATED)
    assert {end.orders for end, _ in ends} == {(2, 1, 1), (1, 2, 1), (1, 1, 2)}


# Kekulé structures whose double bonds are removed: as many can be restored (Berge's theorem).
CLOSED = [
    "C=CC=CC=C", "c1ccccc1", "c1ccc2ccccc2c1", "O=C1C=CC(=O)C=C1", "CN=NC", "C#CC=C",
    "C=C1C=CC=C1", "c1ccc2cc3ccccc3cc2c1",
]  # fmt: skip


@given(st.sampled_from(CLOSED), st.data())
def test_no_electron_stays_unpaired_where_a_closed_shell_exists(smiles, data):
    molecule = Chem.MolFromSmiles(smiles)
    skeleton, lewis = read(molecule)
    removable = [bond for bond, order in enumerate(lewis.orders) if order > 1]
    removed = data.draw(st.sets(st.sampled_from(removable), min_size=1))
    orders, unpaired = list(lewis.orders), list(lewis.unpaired)
    for bond in removed:
        orders[bond] -= 1
        for atom in (
            molecule.GetBondWithIdx(bond).GetBeginAtomIdx(),
            molecule.GetBondWithIdx(bond).GetEndAtomIdx(),
        ):
            unpaired[atom] += 1
    broken = Lewis(tuple(orders), tuple(unpaired), lewis.charges)
    for end, paths in pairings(skeleton, broken, Reach.CONJUGATED):
        assert not any(end.unpaired)
        assert sum(end.orders) == sum(lewis.orders)
        assert skeleton.valences(end) == skeleton.valences(lewis)
        assert len(paths) == len(removed)
