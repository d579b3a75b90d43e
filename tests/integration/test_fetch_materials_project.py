"""Both Materials Project sources against a server that speaks the interface's protocol."""

import json
import re
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers import environment, free_port, wait_until
from materials_project import (
    JCESR,
    KEY,
    LEVEL,
    WRONG,
    Server,
    cut_body,
    cut_json,
    hang_up,
    no_answer,
    short_page,
    status,
)
from organode.errors import OrganodeError, UsageError
from organode.fetch import jcesr
from organode.fetch.pages import download
from organode.pipeline.fetch import fetch
from organode.settings import Settings
from organode.utils.progress import console

pytest.importorskip("mp_api")


@pytest.fixture
def server(tmp_path, monkeypatch):
    server = Server()
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MP_API_ENDPOINT", server.endpoint)
    monkeypatch.setenv("MP_API_KEY", KEY)
    yield server
    server.release.set()
    server.shutdown()
    server.server_close()


def settings(source: str, page_size: int = 5) -> Settings:
    return Settings.model_validate({"fetch": {"source": source, "page_size": page_size}})


def pages() -> list[str]:
    return sorted(path.name for path in Path(".organode/fetch").glob("*/page-*.json"))


def nowhere(secret: str, *texts: str) -> bool:
    files = [path.read_bytes() for path in Path().rglob("*") if path.is_file()]
    return not any(secret.encode() in content for content in files) and not any(
        secret in text for text in texts
    )


def test_jcesr_whole(server, capfd):
    raw = fetch(settings("materials-project"))
    table = pd.read_parquet("data/raw/molecules.parquet")
    pd.testing.assert_frame_equal(raw.table, table)
    assert table["row"].tolist() == list(range(23))
    assert [None if pd.isna(text) else text for text in table["smiles"]] == [
        record["smiles"] for record in JCESR
    ]
    expected = np.array([[record.get("IE"), record["EA"]] for record in JCESR], dtype=float)
    np.testing.assert_array_equal(table[["IE", "EA"]], expected)
    assert server.answered == dict.fromkeys(range(0, 25, 5), 1)
    assert {query["_limit"] for query in server.queries} == {"5"}
    assert {query["_sort_fields"] for query in server.queries} == {"task_id"}
    stored = json.loads(Path("data/raw/provenance.json").read_text())
    assert stored["rows"] == 23
    assert stored["reference"] == "unknown"
    assert stored["affinity_sign"] == "neutral-minus-anion"
    assert stored["query"]["url"] == f"{server.endpoint}/molecules/jcesr/"
    assert stored["query"]["database"] == "2026.01.01"
    assert "10.1016/j.commatsci.2015.02.050" in stored["citation"]
    assert pages() == []
    captured = capfd.readouterr()
    assert nowhere(KEY, captured.out, captured.err)

    first = Path("data/raw/molecules.parquet").read_bytes()
    again = fetch(settings("materials-project"))
    assert Path("data/raw/molecules.parquet").read_bytes() == first
    assert again.provenance.sha256 == raw.provenance.sha256


def test_mpcules_whole(server):
    raw = fetch(settings("mpcules", 2))
    table = raw.table
    assert [None if pd.isna(text) else text for text in table["smiles"]] == [
        "C",
        "O=C1C=CC(=O)C=C1",
        "C",
        None,
        None,
    ]
    np.testing.assert_array_equal(table["IE"], [9.5, 8.5, np.nan, np.nan, 7.5])
    np.testing.assert_array_equal(table["EA"], [2.25, np.nan, np.nan, np.nan, -0.75])
    query = server.queries[0]
    assert (query["charge"], query["has_props"]) == ("0", "redox")
    assert raw.provenance.affinity_sign == "anion-minus-neutral"
    assert raw.provenance.reference == "absolute"
    assert raw.provenance.level_of_theory == f"vertical, SMD(water); {LEVEL}"
    assert "10.1039/D3DD00153A" in raw.provenance.citation


@pytest.fixture
def waits(monkeypatch) -> list[float]:
    """The seconds that are waited between two attempts, without waiting."""
    seconds: list[float] = []
    monkeypatch.setattr("organode.fetch.retry.time.sleep", seconds.append)
    return seconds


def test_passing_troubles_pass(server, waits):
    server.troubles = {
        0: [status(500)],
        5: [cut_body, short_page],
        10: [status(429, Retry_After="2")],
        15: [cut_json, hang_up],
        20: [status(503)],
    }
    with console.capture() as captured, download(jcesr.QUERY, 5, first_wait=0.25) as answer:
        assert answer.records == JCESR
    assert waits == [0.25, 0.25, 0.5, 2.0, 0.25, 0.5, 0.25]  # 2 s as it was told
    assert server.asked == {0: 2, 5: 3, 10: 2, 15: 3, 20: 2}
    news = captured.get()
    for part in ("HTTP 500", "HTTP 429; trying again in 2 s", "2 records"):
        assert part in news
    assert pages() == []


def test_a_server_that_does_not_answer_is_asked_again(server, waits):
    server.troubles = {10: [no_answer]}
    with (
        console.capture() as captured,
        download(jcesr.QUERY, 5, timeout=2, first_wait=0.25) as answer,
    ):
        assert answer.records == JCESR
    assert server.asked[10] >= 2
    assert "no answer in time; trying again in 0.25 s" in captured.get()


def test_a_slow_answer_is_waited_for(server):
    server.held_from = 0
    threading.Timer(0.5, server.release.set).start()
    assert len(fetch(settings("materials-project", 1000)).table) == 23
    assert server.asked == {0: 1}


@pytest.mark.parametrize("code", [401, 403])
def test_a_refused_key(server, monkeypatch, capfd, code):
    monkeypatch.setenv("MP_API_KEY", KEY if code == 403 else WRONG)
    server.troubles = {0: [status(403)]}
    with pytest.raises(
        UsageError, match=rf"refused the key in MP_API_KEY \(HTTP {code}\)"
    ) as error:
        fetch(settings("mpcules"))
    assert server.asked == {0: 1}
    captured = capfd.readouterr()
    chain = []
    link: BaseException | None = error.value
    while link is not None:
        chain.append(repr(link) + repr(getattr(link, "request", "")))
        link = link.__context__
    for key in (KEY, WRONG):
        assert nowhere(key, captured.out, captured.err, *chain)
    assert not Path("data").exists()


def test_lasting_trouble_is_the_servers_fault_and_keeps_the_pages(server):
    server.troubles = {10: [status(502)] * 6}
    with (
        pytest.raises(OrganodeError, match=r"HTTP 502, 6 times.*resumes") as error,
        download(jcesr.QUERY, 5, first_wait=0.01),
    ):
        pytest.fail("there is no answer")
    assert not isinstance(error.value, UsageError)
    assert error.value.__context__ is None  # which would hold the request and its headers
    assert pages() == ["page-00001.json", "page-00002.json"]
    with download(jcesr.QUERY, 5, first_wait=0.01) as answer:
        assert answer.records == JCESR
    assert server.answered == dict.fromkeys(range(0, 25, 5), 1)


def test_too_long_a_pause_is_left_to_the_user(server):
    server.troubles = {5: [status(429, Retry_After="7200")]}
    with pytest.raises(OrganodeError, match=r"wait 7,200 s"):
        fetch(settings("materials-project"))
    assert pages() == ["page-00001.json"]


def test_a_database_that_changes_meanwhile(server):
    server.troubles = {
        10: [lambda handler: handler.send(200, {"data": JCESR[:5], "meta": {"total_doc": 24}})]
    }
    with pytest.raises(OrganodeError, match="changed during the download"):
        fetch(settings("materials-project"))
    assert pages() == []


def test_pages_of_another_database_version_are_not_taken(server):
    server.troubles = {5: [status(404)]}
    with pytest.raises(OrganodeError, match="HTTP 404"):
        fetch(settings("materials-project"))
    server.version = "2026.02.02"
    fetch(settings("materials-project"))
    assert server.answered[0] == 2
    assert len(list(Path(".organode/fetch").iterdir())) == 1


def test_a_failed_write_keeps_the_pages(server):
    Path("data").write_text("no folder")
    with pytest.raises(OrganodeError, match="cannot write"):
        fetch(settings("materials-project"))
    assert len(pages()) == 5
    Path("data").unlink()
    fetch(settings("materials-project"))
    assert server.answered == dict.fromkeys(range(0, 25, 5), 1)
    assert pages() == []


def test_nobody_there(server, monkeypatch):
    endpoint = f"http://127.0.0.1:{free_port()}/"
    monkeypatch.setenv("MP_API_ENDPOINT", endpoint)
    with (
        pytest.raises(OrganodeError, match=rf"{re.escape(endpoint)}.*6 times") as error,
        download(jcesr.QUERY, 5, first_wait=0.01),
    ):
        pytest.fail("there is no answer")
    assert not isinstance(error.value, UsageError)
    monkeypatch.setenv("MP_API_ENDPOINT", "nonsense")
    with pytest.raises(UsageError, match="MP_API_ENDPOINT"):
        fetch(settings("materials-project"))


def test_a_killed_download_resumes_after_its_last_page(server):
    """A process killed for good after five pages; the next asks for the others alone."""
    Path(".env").write_text(f"MP_API_KEY='{KEY}'\n")
    program = (
        "from organode.pipeline.fetch import fetch; from organode.settings import Settings; "
        "fetch(Settings.model_validate("
        "{'fetch': {'source': 'materials-project', 'page_size': 2}}))"
    )
    done = 5
    server.held_from = 2 * done  # so that it is killed in the middle, however fast it is
    with open("output", "wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", program],
            env=environment(MP_API_ENDPOINT=server.endpoint),
            stdout=output,
            stderr=output,
        )
        try:
            wait_until(lambda: server.asked[2 * done], process)
        finally:
            process.kill()
            process.wait()
    assert len(pages()) == done, Path("output").read_text()
    assert not Path("data").exists()
    assert server.answered == dict.fromkeys(range(0, 2 * done, 2), 1)
    server.held_from = None

    with console.capture() as captured:
        raw = fetch(settings("materials-project", 2))
    assert f"resuming after {done} finished pages" in captured.get()
    assert raw.table["IE"].isna().sum() == 1
    assert raw.table["row"].tolist() == list(range(23))
    assert server.answered == dict.fromkeys(range(0, 24, 2), 1)
    # The page that was under way when the kill came is the only one asked for again.
    assert [skip for skip, times in server.asked.items() if times > 1] == [2 * done]
    assert pages() == []
    Path(".env").unlink()
    assert nowhere(KEY, captured.get())
