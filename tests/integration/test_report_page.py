"""The page of a report: saving a shortlist, and examples of refused molecules."""

import csv

import pytest

from chromium import CHROMIUM, opened

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine (Debian: apt-get install chromium)"
)


def test_shortlist_is_saved_as_a_table(report):
    with opened(report.as_uri()) as page:
        assert page.value("document.querySelector('.shortlist').hidden") is True
        page.value("document.querySelectorAll('#n .card .take')[1].click()")
        page.value("document.querySelector('#p tbody .take').click()")
        count = "document.querySelector('.shortlist output').value"
        assert page.value(count) == "2 in your shortlist"
        assert page.value("document.querySelectorAll('#n tbody .take:checked').length") == 1
        with page.page.expect_download(timeout=0) as saved:
            page.page.locator(".shortlist button").first.click(timeout=0)
        assert saved.value.suggested_filename.endswith(".csv")
        with saved.value.path().open(encoding="utf-8-sig", newline="") as file:
            lines = [*csv.DictReader(file)]
        assert [line["role"] for line in lines] == ["p", "n"]
        card = "document.querySelectorAll('#n .card')[1]"
        assert lines[1]["SMILES"] == page.value(f"{card}.querySelector('code').textContent")
        assert float(lines[1]["from"]) < float(lines[1]["E / V"]) < float(lines[1]["to"])
        assert not any(line["name"].startswith("=") for line in lines)
        page.value("document.querySelector('#p tbody .take').click()")
        assert page.value(count) == "1 in your shortlist"
        assert page.problems == []


def test_reasons_for_refusal_show_examples(report):
    with opened(report.as_uri()) as page:
        reasons = "[...document.querySelectorAll('#p details summary')].map(s => s.textContent)"
        assert any("oxidised form does not last" in reason for reason in page.value(reasons))
        drawn = "document.querySelectorAll('#p details:first-of-type svg').length"
        assert 0 < page.value(drawn) <= 4
        assert page.value("document.querySelectorAll('#p .map svg').length") == 2
        assert page.problems == []
