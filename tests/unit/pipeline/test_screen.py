"""The stage `screen`: which finished chunks are used again."""

from types import SimpleNamespace

from organode.pipeline import screen as stage
from screening import CRITERIA, with_settings


def test_identity_of_a_screening_depends_on_code(monkeypatch):
    library = SimpleNamespace(digest=lambda: "")
    before = stage._identity(library, (), CRITERIA)
    assert stage._identity(library, (), with_settings(top=7)) == before
    assert stage._identity(library, (), with_settings(level=0.9)) != before
    assert stage._identity(library, (), with_settings(keep=7)) != before
    monkeypatch.setattr(stage, "code_digest", lambda *modules, more: f"another {modules}")
    assert stage._identity(library, (), CRITERIA) != before
