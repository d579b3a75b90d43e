"""Progress bars and messages."""

import re

import pytest

from organode.utils import progress as module
from organode.utils.progress import bar, console, say


@pytest.fixture
def wide(monkeypatch):
    """A console of 200 columns, whose last line is what a terminal shows at the end."""
    monkeypatch.setattr(console, "quiet", False)
    monkeypatch.setattr(console, "_width", 200)


def test_message_is_on_standard_error_as_it_is(capfd):
    say("[red]x[/red] is in 'C[N+](=O)[O-]' of https://example.org/a?b=1 " + "long " * 60)
    output, error = capfd.readouterr()
    assert output == ""
    assert error.startswith("[red]x[/red] is in 'C[N+](=O)[O-]' of https://example.org/a?b=1 long")
    assert error.count("\n") == 1  # not broken where a terminal ends


def test_password_is_not_shown(capfd):
    say("no answer from postgresql://me:secret@host/db")
    error = capfd.readouterr().err
    assert "secret" not in error
    assert "host/db" in error


def test_quiet_console_shows_nothing(capfd, monkeypatch):
    monkeypatch.setattr(console, "quiet", True)
    say("nothing")
    with bar("work", 3, "rows") as progress:
        progress.advance(3)
    assert capfd.readouterr() == ("", "")


def test_bar_shows_what_is_done_and_a_note(wide):
    with console.capture() as captured, bar("fetch", 4, "molecules", done=1) as progress:
        progress.advance(note="page 2")
        progress.advance(2)
    shown = captured.get()
    assert "fetch" in shown
    assert "4/4" in shown
    assert "100%" in shown


def test_note_is_shown_until_the_next(wide):
    with console.capture() as captured, bar("train", 2, "epochs") as progress:
        progress.advance(note="MAE 0.2 eV")
    assert "1/2" in captured.get()
    assert "MAE 0.2 eV" in captured.get()
    with console.capture() as captured, bar("train", 2, "epochs") as progress:
        progress.advance(note="MAE 0.2 eV")
        progress.advance()
    assert "2/2" in captured.get()
    assert "MAE" not in captured.get()


def test_bar_without_known_total_counts(wide):
    with console.capture() as captured, bar("read", None, "rows") as progress:
        progress.advance(7)
    assert "7/?" in captured.get()


def test_error_in_the_block_ends_the_bar_and_passes_through(wide):
    with (
        console.capture(),
        pytest.raises(ValueError, match="broken"),
        bar("work", 2, "rows") as progress,
    ):
        progress.advance()
        raise ValueError("broken")
    with console.capture() as captured, bar("again", 1, "rows") as progress:
        progress.advance()
    assert "1/1" in captured.get()  # a second bar can start: the first one let the console go


def test_line_says_now_and_then_how_far_it_is_without_a_terminal(capfd, monkeypatch):
    monkeypatch.setattr(module, "INTERVAL", 0.0)
    with bar("train IE", 4_000, "epochs", done=1_000) as progress:
        progress.advance(1_500, note="MAE 0.2 eV")
        shown = capfd.readouterr().err
    assert re.fullmatch(r"train IE: 2,500 of 4,000 epochs, \d:\d\d:\d\d left, MAE 0.2 eV\n", shown)
    capfd.readouterr()
    with bar("read", None, "rows") as progress:
        progress.advance(7)
        assert capfd.readouterr().err == "read: 7 rows\n"


def test_lines_are_rare(capfd, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    with bar("work", 1_000, "rows") as progress:
        for _ in range(999):
            now[0] += module.INTERVAL / 100
            progress.advance()
        assert capfd.readouterr().err.count("\n") == 9


def test_terminal_has_no_lines(capfd, monkeypatch):
    monkeypatch.setattr(module, "INTERVAL", 0.0)
    monkeypatch.setattr(console, "_force_terminal", True)
    with bar("work", 3, "rows") as progress:
        progress.advance()
    assert "1 of 3" not in capfd.readouterr().err
