"""The budget of a campaign, and the clock that counts it."""

import json

import pytest

from organode.errors import UsageError
from organode.improve import budget
from organode.improve.clock import Clock, parse_duration

HOURS = 4 * 3600.0


def done(retrain, cpu=100.0, label=60.0):
    return {"retrain_seconds": retrain, "cpu_seconds": cpu, "label_seconds": label}


@pytest.mark.parametrize("retrain", [5.0, 200.0, 900.0])
@pytest.mark.parametrize("slow", [0.5, 1.0])
def test_rounds_end_within_the_budget(retrain, slow):
    """Labelling ends at the share's end or, at `slow` < 1, earlier; then comes retraining."""
    spent, rounds = 30.0, []
    while budget.has_time(HOURS, spent, rounds):
        until = budget.share(HOURS, spent, 2, rounds).until
        assert until > spent
        labelled = slow * (until - spent)
        spent += labelled + retrain
        rounds.append(done(retrain, label=labelled))
        assert len(rounds) < 300
    assert spent <= 1.05 * HOURS
    assert len(rounds) >= 3
    if slow == 1.0:
        assert spent >= 0.9 * HOURS


def test_a_machine_that_is_busy_is_asked_for_fewer_labels():
    idle, busy = ([done(60, cpu=200.0, label=label)] for label in (110.0, 400.0))
    shares = [budget.share(HOURS, 500.0, 2, rounds) for rounds in (idle, busy)]
    assert shares[0].until == shares[1].until
    assert shares[0].cpu_seconds > 2 * shares[1].cpu_seconds


def test_clock_counts_earlier_commands(tmp_path):
    path, time = tmp_path / "clock.json", [100.0]
    clock = Clock(path, lambda: time[0])
    with clock.running():
        time[0] += 7
    time[0] += 1_000  # between two commands
    clock = Clock(path, lambda: time[0])
    time[0] += 2
    assert clock.spent == pytest.approx(9)


def test_clock_of_a_killed_command_was_recorded(tmp_path, monkeypatch):
    monkeypatch.setattr("organode.improve.clock.BEAT", 0.01)
    path, time = tmp_path / "clock.json", [0.0]
    with Clock(path, lambda: time[0]).running():
        time[0] = 5.0
        while not path.exists() or json.loads(path.read_text())["spent_seconds"] < 5:
            pass


def test_durations():
    assert [parse_duration(text) for text in ("90s", "30min", "4h", "1.5 d", "2m")] == [
        90, 1800, 14400, 129600, 120
    ]  # fmt: skip
    for text in ("4", "0h", "-1h", "four hours", ""):
        with pytest.raises(UsageError, match="--budget"):
            parse_duration(text)
