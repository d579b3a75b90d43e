"""The card of the packaged model."""

from organode.distil.card import student_card, student_figures

METRICS = {
    "outer": {"mae": 0.10812, "n": 5},
    "intervals": {"covered": 0.953, "level": 0.95},
    "measured": {"mae": 0.1449, "covered": 0.951},
}


def test_figures_are_the_four_that_decide():
    assert student_figures(METRICS) == {
        "mae": 0.1081,
        "covered": 0.953,
        "measured_mae": 0.1449,
        "measured_covered": 0.951,
    }


def test_card_shows_student_beside_teacher():
    model = {"version": "abc123", "data_sha256": "d" * 64, "level_of_theory": "B3LYP"}
    figures = {who: student_figures(METRICS) for who in ("student", "teacher")}
    card = student_card(
        {
            "organode": "0.2.0",
            "molecules": 123_456,
            "figures": {"IE": figures, "EA": figures},
            "models": {"IE": model, "EA": model, "stability": model},
        }
    )
    assert "| MAE on the test set / eV | 0.108 | 0.108 | 0.108 | 0.108 |" in card
    assert "95.3" in card
    for text in ("123,456 molecules", "stability `abc123`", "B3LYP", "organode 0.2.0"):
        assert text in card
