"""Remarks on molecules that resemble none measured."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from organode.electrochemistry.scale.remarks import FAR, unlike_measured


def test_nearest_measured_molecule_and_its_similarity_are_named():
    similarity = np.array([[0.02, 0.21, 0.1], [0.24, 0.3, 0.1], [0.0, 0.0, 0.0]])
    assert unlike_measured(similarity, ["AQ", "BQ", "NQ"]) == [
        "unlike every molecule measured (BQ is nearest, similarity 0.21)",
        "",
        "unlike every molecule measured (AQ is nearest, similarity 0.00)",
    ]


def test_what_was_measured_can_be_named():
    (remark,) = unlike_measured(np.array([[0.1]]), ["AQ"], "second wave measured")
    assert remark == "unlike every second wave measured (AQ is nearest, similarity 0.10)"


def test_similarity_at_the_edge_is_near_enough():
    similarity = np.array([[FAR], [np.nextafter(FAR, 0)]])
    near, far = unlike_measured(similarity, ["AQ"])
    assert near == ""
    assert far


def test_no_molecules_have_no_remarks():
    assert unlike_measured(np.empty((0, 3)), ["a", "b", "c"]) == []


@given(arrays(float, (4, 3), elements=st.floats(0, 1)), st.permutations(range(3)))
def test_order_of_measured_molecules_does_not_decide_who_gets_a_remark(similarity, order):
    names = ["a", "b", "c"]
    remarks = unlike_measured(similarity, names)
    turned = unlike_measured(similarity[:, order], [names[position] for position in order])
    assert [*map(bool, remarks)] == [*map(bool, turned)]
    assert [*map(bool, remarks)] == (similarity < FAR).all(axis=1).tolist()
