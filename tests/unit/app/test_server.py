"""How the page is served: on loopback, without telemetry."""

import subprocess

import pytest

from organode.app import server
from organode.errors import UsageError


def test_page_is_on_loopback_without_telemetry(monkeypatch, tmp_path):
    calls = []
    monkeypatch.setattr(subprocess, "call", lambda command, env: calls.append((command, env)) or 0)
    assert server.serve(8765, tmp_path, browser=False) == 0
    ((command, variables),) = calls
    assert {
        "--server.address=127.0.0.1", "--server.port=8765", "--server.headless=true",
        "--browser.gatherUsageStats=false",
    } <= set(command)  # fmt: skip
    assert variables["ORGANODE_MODEL"] == str(tmp_path)
    server.serve(8765, None, browser=True)
    assert "--server.headless=false" in calls[1][0]


def test_missing_extra_is_named(monkeypatch):
    monkeypatch.setattr(server, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"organode\[app\]"):
        server.serve(8765, None, browser=False)
