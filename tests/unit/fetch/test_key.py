"""The key: found where it may lie, refused where it cannot be one, never shown."""

import sys

import pytest

from organode.errors import OrganodeError, UsageError
from organode.fetch.key import api_key
from organode.fetch.retry import ATTEMPTS, TemporaryError, retry, retry_after
from organode.pipeline.fetch import fetch
from organode.settings import Settings

KEY = "a1B2c3D4" * 4
OTHER = "z9Y8x7W6" * 4


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MP_API_KEY", raising=False)
    return tmp_path


@pytest.mark.parametrize(
    "text",
    [
        f"MP_API_KEY={KEY}\n",
        f"# mine\nOTHER=1\nexport MP_API_KEY = '{KEY}' # secret\n",
        f'MP_API_KEY="{KEY}"',
        f"MP_API_KEY={KEY}# comment\r\nX=2",
    ],
)
def test_env_file(elsewhere, text):
    (elsewhere / ".env").write_text(text)
    assert api_key() == KEY


def test_the_environment_comes_first(elsewhere, monkeypatch):
    (elsewhere / ".env").write_text(f"MP_API_KEY={OTHER}\n")
    monkeypatch.setenv("MP_API_KEY", f" {KEY}\n")
    assert api_key() == KEY


@pytest.mark.parametrize("source", ["materials-project", "mpcules"])
def test_no_key(elsewhere, source):
    (elsewhere / ".env").write_text("NOT_MP_API_KEY=1\n")
    with pytest.raises(UsageError, match=r"MP_API_KEY.*\.env") as caught:
        fetch(Settings.model_validate({"fetch": {"source": source}}))
    assert "https://next-gen.materialsproject.org/api" in str(caught.value)


@pytest.mark.parametrize(
    "key", ["tooShort123", KEY + "x", KEY[:-1] + "\n" + "é", KEY[:-2] + "\r\n "]
)
def test_a_key_that_cannot_be_one_is_not_shown(monkeypatch, key):
    monkeypatch.setenv("MP_API_KEY", key)
    with pytest.raises(UsageError, match="32 letters and digits") as caught:
        api_key()
    assert key.strip() not in str(caught.value)


def test_missing_client_names_the_extra(monkeypatch):
    monkeypatch.setenv("MP_API_KEY", KEY)
    monkeypatch.setitem(sys.modules, "mp_api", None)
    monkeypatch.setitem(sys.modules, "mp_api.client", None)
    with pytest.raises(UsageError, match=r"mp-api.*\.\[materials-project\]"):
        fetch(Settings.model_validate({"fetch": {"source": "mpcules"}}))


def test_retry_after():
    assert retry_after(None) is None
    assert retry_after("soon") is None
    assert retry_after("7") == 7
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert 1e8 < retry_after("Wed, 21 Oct 2099 07:28:00 GMT") < 1e10


def test_patience_ends():
    calls = []

    def attempt():
        calls.append(1)
        raise TemporaryError("no luck")

    with pytest.raises(OrganodeError, match=f"no luck, {ATTEMPTS} times") as caught:
        retry(attempt, 0.001)
    assert len(calls) == ATTEMPTS
    assert caught.value.__context__ is None


def test_a_server_that_wants_an_hour_is_left_alone():
    calls = []

    def attempt():
        calls.append(1)
        raise TemporaryError("busy", 3600)

    with pytest.raises(OrganodeError, match="3,600 s"):
        retry(attempt, 0.001)
    assert len(calls) == 1
