"""How the page is served: at the address that is asked for, without telemetry."""

import subprocess

import pytest
import typer

from organode.app import server
from organode.cli.main import app
from organode.errors import UsageError


def test_page_is_at_its_address_without_telemetry(monkeypatch, tmp_path):
    calls = []
    monkeypatch.setattr(subprocess, "call", lambda command, env: calls.append((command, env)) or 0)
    assert server.serve(8765, tmp_path, host="127.0.0.1", browser=False) == 0
    ((command, variables),) = calls
    assert {
        "--server.address=127.0.0.1", "--server.port=8765", "--server.headless=true",
        "--browser.gatherUsageStats=false",
    } <= set(command)  # fmt: skip
    assert variables["ORGANODE_MODEL"] == str(tmp_path)
    server.serve(8765, None, host="0.0.0.0", browser=True)
    assert {"--server.headless=false", "--server.address=0.0.0.0"} <= set(calls[1][0])


def test_missing_extra_is_named(monkeypatch):
    monkeypatch.setattr(server, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"organode\[app\]"):
        server.serve(8765, None, host="0.0.0.0", browser=False)


def test_the_command_serves_this_machine_alone():
    command = typer.main.get_command(app).commands["app"]
    assert command.make_context("app", []).params["host"] == "127.0.0.1"
