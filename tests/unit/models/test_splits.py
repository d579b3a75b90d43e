import numpy as np
import pytest

from organode.errors import OrganodeError
from organode.models.splits import assign, group, scaffold

GROUPS = [f"group {number // 3}" for number in range(900)]


def test_group_is_never_on_both_sides_of_split():
    fold = assign(GROUPS, 0.1, 5, 20)
    for group_name in set(GROUPS):
        places = {
            int(place) for place, name in zip(fold, GROUPS, strict=True) if name == group_name
        }
        assert len(places) == 1


def test_sizes_of_test_set_and_folds():
    fold = assign(GROUPS, 0.1, 5, 20)
    assert (fold == -1).sum() == 90
    assert np.ptp(np.bincount(fold[fold >= 0])) <= 3


def test_split_depends_on_seed_not_on_order():
    fold = assign(GROUPS, 0.1, 5, 20)
    assert (fold == assign(GROUPS, 0.1, 5, 20)).all()
    assert (fold != assign(GROUPS, 0.1, 5, 21)).mean() > 0.5
    assert (fold[::-1] == assign(GROUPS[::-1], 0.1, 5, 20)).all()


def test_most_rows_keep_their_place_when_table_grows():
    before = assign(GROUPS, 0.1, 5, 20)
    after = assign([*GROUPS, *(f"new {number}" for number in range(45))], 0.1, 5, 20)[:900]
    assert ((before == -1) == (after == -1)).mean() > 0.97


def test_group_too_large_for_test_set_goes_to_fold():
    groups = ["large"] * 500 + [f"small {number}" for number in range(500)]
    fold = assign(groups, 0.1, 4, 20)
    assert (fold[:500] >= 0).all()
    assert (fold == -1).sum() == 100


@pytest.mark.parametrize("groups", [["a"] * 50, ["a", "b", "c"], [str(n) for n in range(6)]])
def test_too_few_groups_are_rejected(groups):
    with pytest.raises(OrganodeError, match="too few"):
        assign(groups, 0.1, 8, 20)


def test_scaffold_of_cyclic_and_acyclic_molecules():
    assert scaffold("Cc1ccccc1") == scaffold("OCCc1ccccc1") == "c1ccccc1"
    assert scaffold("CCO") == scaffold("CCN") != scaffold("CCCO")
    assert scaffold("CCO") != scaffold("Cc1ccccc1")
    assert scaffold("CC[O]") == scaffold("CCO")
    for hypervalent in ("FS(F)(F)(F)(F)F", "CCS(F)(F)(F)(F)F", "FP(F)(F)(F)F", "[I-](Cl)Cl"):
        assert scaffold(hypervalent).startswith("acyclic C")


def test_molecules_with_one_fingerprint_are_one_group():
    hexane, heptane, decane, hexene, hexanol = group(
        ["CCCCCC", "CCCCCCC", "CCCCCCCCCC", "C=CCCCC", "CCCCCCO"], "random"
    )
    assert hexane == heptane == decane
    assert len({hexane, hexene, hexanol}) == 3


def test_group_name_depends_on_structure_alone():
    assert group(["CCO", "CCCCCC"], "random")[1] == group(["CCCCCCC", "c1ccccc1"], "random")[0]


def test_scaffold_groups_that_share_a_fingerprint_are_joined():
    rings = ["C1CCCCC1", "C1CCCCCC1"]  # two scaffolds, one fingerprint
    joined = group([*rings, "CC1CCCCC1", "CC1CCCCCC1", "c1ccccc1"], "scaffold")
    assert len(set(joined[:4])) == 1
    assert joined[4] != joined[0]


def test_no_fingerprint_is_on_both_sides_of_any_split(embedded):
    smiles = embedded["smiles"].head(1_500).tolist()
    keys = np.array(group(smiles, "random"))
    for method in ("random", "scaffold"):
        fold = assign(group(smiles, method), 0.1, 5, 20)
        for place in range(-1, 5):
            assert not set(keys[fold == place]) & set(keys[fold != place])
