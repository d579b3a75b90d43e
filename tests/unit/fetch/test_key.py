import pytest

from organode.errors import UsageError
from organode.fetch.key import api_key

KEY = "a1B2c3D4" * 4
OTHER = "z9Y8x7W6" * 4


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
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
def test_key_is_read_from_the_env_file(empty_folder, text):
    (empty_folder / ".env").write_text(text)
    assert api_key() == KEY


def test_environment_variable_takes_precedence(empty_folder, monkeypatch):
    (empty_folder / ".env").write_text(f"MP_API_KEY={OTHER}\n")
    monkeypatch.setenv("MP_API_KEY", f" {KEY}\n")
    assert api_key() == KEY


@pytest.mark.parametrize(
    "key", ["tooShort123", KEY + "x", KEY[:-1] + "\n" + "é", KEY[:-2] + "\r\n "]
)
def test_invalid_key_is_rejected_and_not_shown(monkeypatch, key):
    monkeypatch.setenv("MP_API_KEY", key)
    with pytest.raises(UsageError, match="32 letters and digits") as caught:
        api_key()
    assert key.strip() not in str(caught.value)
