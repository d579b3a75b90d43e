import sys

import pytest

from organode.errors import UsageError
from organode.pipeline.fetch import fetch
from organode.settings import Settings

KEY = "a1B2c3D4" * 4


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MP_API_KEY", raising=False)
    return tmp_path


@pytest.mark.parametrize("source", ["materials-project", "mpcules"])
def test_missing_key_is_an_error_with_remedy(empty_folder, source):
    (empty_folder / ".env").write_text("NOT_MP_API_KEY=1\n")
    with pytest.raises(UsageError, match=r"MP_API_KEY.*\.env") as caught:
        fetch(Settings.model_validate({"fetch": {"source": source}}))
    assert "https://next-gen.materialsproject.org/api" in str(caught.value)


def test_missing_package_names_the_extra(monkeypatch):
    monkeypatch.setenv("MP_API_KEY", KEY)
    monkeypatch.setitem(sys.modules, "mp_api", None)
    monkeypatch.setitem(sys.modules, "mp_api.client", None)
    with pytest.raises(UsageError, match=r"mp-api.*\.\[materials-project\]"):
        fetch(Settings.model_validate({"fetch": {"source": "mpcules"}}))
