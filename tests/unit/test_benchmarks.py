"""The benchmarks' document says what the benchmarks' results say."""

import importlib
import json
from pathlib import Path

import pytest


def test_the_document_is_made_from_the_results(root, monkeypatch):
    monkeypatch.syspath_prepend(root / "benchmarks")
    tables = importlib.import_module("tables")
    assert tables.DOCUMENT.read_text(encoding="utf-8") == tables.document(), (
        "run `python benchmarks/tables.py`"
    )


@pytest.fixture
def gpu_benchmark(root, monkeypatch, tmp_path):
    """Run the benchmark of a GPU; return its section of the document and what it measured."""
    monkeypatch.syspath_prepend(root / "benchmarks")
    gpu, tables = importlib.import_module("gpu"), importlib.import_module("tables")

    def run(found):
        asked = []

        def pretended(script, *arguments, place):
            asked.append((script, place))
            if script == "training.py":
                return json.dumps([[second, 0.1] for second in (1, 3, 5)])
            Path(arguments[-1]).write_text(json.dumps({"minutes": 7.5}))
            return ""

        monkeypatch.setattr(gpu, "run", pretended)
        monkeypatch.setattr(gpu, "gpus", lambda: found)
        monkeypatch.setattr(gpu, "device", lambda: "on NVIDIA X" if found else "on the CPU only")
        out = tmp_path / "gpu.json"
        monkeypatch.setattr("sys.argv", ["gpu.py", "IE", "--out", str(out)])
        gpu.main()
        monkeypatch.setattr(tables, "read", lambda _name: json.loads(out.read_text()))
        return tables.gpu(), asked

    return run


def test_without_a_gpu_nothing_is_measured_and_the_document_says_why(gpu_benchmark):
    section, asked = gpu_benchmark([])
    assert section.endswith("**Not measured**: training ran on the CPU only.")
    assert asked == []


def test_gpu_is_measured_beside_the_cpu(gpu_benchmark):
    section, asked = gpu_benchmark(["/GPU:0"])
    lines = [("training.py", "GPU"), ("training.py", "CPU")]
    assert asked == [*lines, *lines, ("search.py", "GPU"), ("search.py", "CPU")]
    assert "trained on NVIDIA X" in section
    assert "| organode, as it is: seconds an epoch | 2.0 | 2.0 |" in section
    assert "| search of 100 trials for IE: minutes | 7.5 | 7.5 |" in section
