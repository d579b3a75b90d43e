import pytest

from organode.errors import OrganodeError
from organode.fetch.retry import ATTEMPTS, TemporaryError, retry, retry_after


def test_retry_after_is_seconds_or_a_date():
    assert retry_after(None) is None
    assert retry_after("soon") is None
    assert retry_after("7") == 7
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert 1e8 < retry_after("Wed, 21 Oct 2099 07:28:00 GMT") < 1e10


def test_attempts_are_limited_and_the_error_has_no_context():
    calls = []

    def attempt():
        calls.append(1)
        raise TemporaryError("no luck")

    with pytest.raises(OrganodeError, match=f"no luck, {ATTEMPTS} times") as caught:
        retry(attempt, 0.001)
    assert len(calls) == ATTEMPTS
    assert caught.value.__context__ is None


def test_long_wait_requested_by_the_server_is_an_error():
    calls = []

    def attempt():
        calls.append(1)
        raise TemporaryError("busy", 3600)

    with pytest.raises(OrganodeError, match="3,600 s"):
        retry(attempt, 0.001)
    assert len(calls) == 1


def test_failed_attempt_is_repeated_after_the_requested_wait(monkeypatch):
    waits = []
    monkeypatch.setattr("organode.fetch.retry.time.sleep", waits.append)
    failures = [TemporaryError("busy", 7.0), TemporaryError("cut"), TemporaryError("cut")]

    def attempt():
        if failures:
            raise failures.pop(0)
        return "answer"

    assert retry(attempt, 0.5) == "answer"
    assert waits == [7.0, 1.0, 2.0]
