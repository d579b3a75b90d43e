"""Figures that are the same have the same bytes."""

from organode.utils.report.figures import save, subplots


def test_equal_figures_have_equal_bytes(tmp_path):
    for name in ("first.png", "second.png"):
        figure, (left, right) = subplots(1, 2, (4, 2))
        left.plot([0, 1], [1, 0])
        right.set_title("E_red / V")
        save(figure, tmp_path / name)
    content = (tmp_path / "first.png").read_bytes()
    assert content.startswith(b"\x89PNG")
    assert content == (tmp_path / "second.png").read_bytes()
