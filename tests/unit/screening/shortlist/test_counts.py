"""Counts over the rows of a library."""

import numpy as np

from organode.electrochemistry.cells import N, P
from organode.screening.shortlist.counts import EXAMPLES, LibraryCounts
from screening import finished_chunk


def counted(*chunks):
    counts = LibraryCounts()
    for rows, repeated in chunks:
        counts.add(rows, np.array(repeated))
    return counts


def test_counts_of_chunks_are_those_of_all_rows_together():
    rows = finished_chunk(0, [1, 2, 3, 4], [0.0] * 4)["rows"]
    rows.loc[1, ["p_type", "p_remark"]] = [False, "outside the window"]
    whole = counted((rows, [False] * 4))
    parts = counted((rows[:1], [False]), (rows[1:], [False] * 3))
    for name, value in vars(whole).items():
        other = getattr(parts, name)
        if name in ("library_histogram", "candidate_histogram"):
            assert all((value[role] == other[role]).all() for role in (P, N))
        else:
            assert np.array_equal(value, other) if name == "plane" else value == other
    assert whole.remarks[P] == {"": 3, "outside the window": 1}
    assert whole.candidate_histogram[P].sum() == 3
    assert whole.plane.sum() == whole.library_histogram[P].sum() == 4


def test_repeats_and_invalid_rows_count_by_status_only():
    rows = finished_chunk(0, [1, 2, 3], [0.0] * 3)["rows"]
    rows.loc[1, "status"] = "repeat of row 0"
    rows.loc[2, "status"] = "not a valid SMILES"
    counts = counted((rows, [False, True, False]))
    assert counts.status == {"ok": 1, "repeat of an earlier row": 1, "not a valid SMILES": 1}
    assert counts.library_histogram[P].sum() == 1


def test_reasons_are_sorted_by_frequency_with_few_examples():
    rows = finished_chunk(0, list(range(8)), [0.0] * 8)["rows"]
    rows["p_remark"] = [*["outside the window"] * 6, "contains Br", ""]
    counts = counted((rows[:3], [False] * 3), (rows[3:], [False] * 5))
    assert counts.refused(P) == {"outside the window": 6, "contains Br": 1}
    examples = counts.examples[P]["outside the window"]
    assert [name for name, _, _ in examples] == [f"m{key}" for key in range(EXAMPLES)]
