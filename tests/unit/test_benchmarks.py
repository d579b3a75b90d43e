"""The benchmarks' document says what the benchmarks' results say."""

import importlib


def test_the_document_is_made_from_the_results(root, monkeypatch):
    monkeypatch.syspath_prepend(root / "benchmarks")
    tables = importlib.import_module("tables")
    assert tables.DOCUMENT.read_text(encoding="utf-8") == tables.document(), (
        "run `python benchmarks/tables.py`"
    )
