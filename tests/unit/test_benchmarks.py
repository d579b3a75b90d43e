"""The benchmarks' document says what the benchmarks' results say."""

import importlib.util


def test_the_document_is_made_from_the_results(root):
    specification = importlib.util.spec_from_file_location(
        "tables", root / "benchmarks" / "tables.py"
    )
    tables = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(tables)
    assert tables.DOCUMENT.read_text(encoding="utf-8") == tables.document(), (
        "run `python benchmarks/tables.py`"
    )
