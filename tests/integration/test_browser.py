"""What a person sees, in a real headless Chromium."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from test_serving import free_port, stop, wait_for

from conftest import environment, run_ok

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine (Debian: apt-get install chromium)"
)


def page(url: str, folder: Path, wait_ms: int = 8_000) -> str:
    """Return the page's document after its scripts ran."""
    done = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
         "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", f"--user-data-dir={folder / 'profile'}", "--enable-logging=stderr",
         f"--virtual-time-budget={wait_ms}", "--window-size=1400,1000", "--dump-dom", url],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    problems = [line for line in done.stderr.splitlines() if ":CONSOLE" in line]
    assert not [line for line in problems if "Error" in line], problems
    return done.stdout


def test_the_report_opens_offline_and_shows_its_candidates(trained, tmp_path):
    run_ok(
        "screen", "data/embedded/library.csv", "--out", tmp_path / "out",
        "--set", "screen.positive_above=0", "--set", "screen.negative_below=6", cwd=trained,
    )  # fmt: skip
    report = tmp_path / "out/report.html"
    document = page(report.as_uri(), tmp_path)
    assert "Electrode candidates in acetonitrile" in document
    assert document.count('class="card"') > 0
    assert document.count("<svg") == document.count('class="card"') + 2
    links = re.findall(r'(?:src|href)="([^"#][^"]*)"', report.read_text())
    assert set(links) <= {"data:,"}  # nothing is loaded from anywhere


def test_the_mlflow_pages_show_studies_and_models(trained, tmp_path):
    port = free_port()
    process = subprocess.Popen(
        [Path(sys.executable).parent / "organode", "ui", "--port", str(port)],
        cwd=trained, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/health", process)
        models = page(f"{address}/#/models", tmp_path)
        assert "organode-IE" in models
        assert "organode-EA" in models
        experiments = page(f"{address}/#/experiments", tmp_path)
        assert "organode-EA-search" in experiments
    finally:
        stop(process)
