"""Figures of a report."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from organode.electrochemistry.cells import N, P
from organode.screening.report.figures import (
    _far_apart,
    _remove_overlapping,
    draw_candidates,
    draw_histogram,
    draw_plane,
)
from organode.screening.result import ScreenResult
from organode.screening.shortlist.counts import LibraryCounts
from screening import CRITERIA, MEASURED, candidates, finished_chunk


@pytest.fixture(scope="module")
def result():
    counts = LibraryCounts()
    counts.add(finished_chunk(0, [1, 2, 3], [0.0] * 3)["rows"], np.zeros(3, bool))
    return ScreenResult(
        library="alcohols",
        criteria=CRITERIA,
        models=(),
        stability=None,
        counts=counts,
        candidates={P: candidates(), N: candidates(0)},
        own_columns=(),
        measured=dict.fromkeys((P, N), MEASURED),
        explanations={P: {}, N: {}},
    )


@pytest.mark.parametrize(
    ("draw", "texts"),
    [
        (lambda result: draw_histogram(result, P, "V"), ["library (3)", "candidates (3)", "4.70"]),
        (lambda result: draw_histogram(result, N, "V"), ["library (3)", "candidates (0)", "0.44"]),
        (lambda result: draw_candidates(result, P, "V"), ["fine (6)", "measured (1)", "benzoqui"]),
        (lambda result: draw_candidates(result, N, "V"), ["measured (1)"]),
        (lambda result: draw_plane(result, "V"), ["window", "molecules", "E_red"]),
    ],
)
def test_figure_is_one_svg_with_its_labels_and_the_same_each_time(result, draw, texts):
    svg = draw(result)
    assert svg.startswith("<svg")
    assert all(text in svg for text in texts)
    assert draw(result) == svg


def test_name_of_the_leftmost_point_does_not_cross_the_axis(result):
    assert MEASURED.volts[0] < result.candidates[P]["E_ox"].min()
    (name,) = (line for line in draw_candidates(result, P, "V").splitlines() if "benzoqui" in line)
    assert "text-anchor: start" in name


def test_figures_of_an_empty_library_are_drawn(result):
    empty = ScreenResult(**{**vars(result), "counts": LibraryCounts()})
    assert "library (0)" in draw_histogram(empty, P, "V")
    assert draw_plane(empty, "V").startswith("<svg")


def test_names_that_overlap_another_are_left_out():
    figure = Figure(figsize=(4, 3))
    axis = figure.subplots()
    names = [axis.text(x, 0.5, name) for x, name in ((0.1, "first"), (0.12, "near"), (0.6, "far"))]
    _remove_overlapping(figure, names)
    assert [text.get_text() for text in axis.texts] == ["first", "far"]


def test_named_points_are_far_apart():
    x, y = np.array([0.0, 0.1, 5.0, 5.1, 0.0]), np.array([0.0, 0.0, 0.0, 0.1, 9.0])
    assert _far_apart(x, y, 3) == [4, 2, 0]
    assert _far_apart(x[:0], y[:0], 3) == []
    assert len(_far_apart(np.zeros(4), np.zeros(4), 3)) == 1
