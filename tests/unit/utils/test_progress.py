"""Progress bars and messages."""

import pytest

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
