"""What a person sees, in a real headless Chromium."""

import pytest

from chromium import CHROMIUM, opened
from helpers import PROGRAM, free_port, started, wait_for

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine (Debian: apt-get install chromium)"
)


TABLE = "document.querySelector('#n table.sortable')"


def head(name):
    """Return the script that finds a column's head in the table of n-type candidates."""
    return f"[...{TABLE}.tHead.rows[0].cells].find(h => h.textContent === '{name}')"


def column(name):
    """Return the script that reads the rows shown in a column."""
    rows = f"[...{TABLE}.tBodies[0].rows].filter(r => !r.hidden)"
    return f"{rows}.map(r => r.cells[{head(name)}.cellIndex].textContent)"


def test_the_report_opens_offline_sorts_and_filters(report):
    with opened(report.as_uri()) as page:
        text = page.value("document.body.innerText")
        assert "Candidates for a flow battery in acetonitrile" in text
        assert page.value("document.querySelectorAll('.card svg').length") > 10
        potentials, tiers, groups = map(column, ("E / V", "tier", "group"))
        before = page.value(potentials)
        page.value(f"{head('E / V')}.querySelector('button').click()")
        rising = page.value(potentials)
        page.value(f"{head('E / V')}.querySelector('button').click()")
        falling = page.value(potentials)
        assert [float(one) for one in rising] == sorted(map(float, before))
        assert [float(one) for one in falling] == sorted(map(float, before), reverse=True)

        assert set(page.value(tiers)) == {"fine", "caution"}
        doubtful = "document.querySelector('#n input[type=checkbox]')"
        assert page.value(f"{doubtful}.parentElement.innerText").strip() == "show caution"
        page.value(f"{doubtful}.click()")
        assert set(page.value(tiers)) == {"fine"}
        page.value(f"{doubtful}.click()")
        assert len(page.value(tiers)) == len(before)

        field = "document.querySelector('#n input[type=search]')"
        page.value(f"{field}.value = 'l0011'")
        page.value(f"{field}.dispatchEvent(new Event('input'))")
        assert 0 < len(page.value(potentials)) <= 10
        said = page.value("document.querySelector('#n output').value")
        assert said == f"{len(page.value(potentials))} of {len(before)}"
        page.value(f"{field}.value = ''")
        group = "document.querySelector('#n select')"
        page.value(f"{group}.value = {group}.options[1].value")
        page.value(f"{group}.dispatchEvent(new Event('change'))")
        assert set(page.value(groups)) == {page.value(f"{group}.value")}
        page.value(f"{field}.value = 'no such molecule'")
        page.value(f"{field}.dispatchEvent(new Event('input'))")
        assert page.value(potentials) == []
        shown = "document.querySelectorAll('#n .card[data-text]:not([hidden])').length"
        assert page.value(shown) == 0
        assert page.problems == []
        loaded = [one for one in page.requests if not one.startswith("data:")]
        assert loaded == [report.as_uri()]


def test_names_stay_text(report):
    with opened(report.as_uri()) as page:
        assert page.value("document.querySelectorAll('main img').length") == 0
        assert page.value("document.scripts.length") == 1
        assert page.value("document.body.innerHTML.includes('onerror=console')") is True
        assert page.problems == []


@pytest.mark.parametrize("width", [390, 1300])
def test_the_report_fits_a_phone_and_a_desk(report, width):
    with opened(report.as_uri(), width=width) as page:
        assert page.value("document.documentElement.scrollWidth") <= width


def test_the_mlflow_pages_show_studies_and_models(trained):
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with started(PROGRAM, "ui", "--port", str(port), cwd=trained) as process:
        wait_for(f"{address}/health", process)
        with opened(f"{address}/#/models") as page:
            for name in ("organode-IE", "organode-EA"):
                page.wait(f"document.body.innerText.includes('{name}')")
        with opened(f"{address}/#/experiments") as page:
            page.wait("document.body.innerText.includes('organode-EA-search')")
