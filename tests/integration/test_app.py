"""The page as a person uses it, in a real headless Chromium."""

import re

import pandas as pd
import pytest

from chromium import CHROMIUM, opened
from helpers import PROGRAM, ROOT, free_port, started, wait_for

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine (Debian: apt-get install chromium)"
)
LOCAL = ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")
HOSTILE = "<img src=x onerror=window.hurt=1>"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    port = free_port()
    folder = tmp_path_factory.mktemp("app")
    with started(PROGRAM, "app", "--no-browser", "--port", str(port), cwd=folder) as process:
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/_stcore/health", process)
        yield url


@pytest.fixture
def visit(address):
    with opened(address, height=2400) as visit:
        visit.page.set_default_timeout(120_000)
        yield visit
        assert [url for url in visit.requests if not url.startswith(LOCAL)] == []


def paste(visit, text):
    field = visit.page.get_by_label("SMILES, InChI or names")
    field.fill(text)
    field.press("Control+Enter")


def card(visit, name):
    return visit.page.locator("article.organode-card").filter(
        has=visit.page.get_by_role("heading", name=name, exact=True)
    )


def test_pasted_molecules_are_answered_and_compared(visit):
    paste(visit, f"O=C1C=CC(=O)C=C1\tBQ\nno molecule\t{HOSTILE}")
    quinone = card(visit, "BQ")
    quinone.wait_for()
    volts = float(re.search(r"reduction\s+(-?\d+\.\d\d)", quinone.inner_text())[1])
    assert volts == pytest.approx(2.39, abs=0.15)
    assert quinone.locator("img").get_attribute("alt") == "Structure of BQ"
    card(visit, HOSTILE).wait_for()
    assert visit.value("window.hurt") is None

    visit.page.get_by_label("Its name, abbreviation or SMILES").fill("AQ")
    visit.page.keyboard.press("Enter")
    visit.page.get_by_test_id("stDataFrame").wait_for()

    visit.page.get_by_label("Reference electrode").click()
    visit.page.get_by_role("option", name="SCE").click()
    visit.page.get_by_text("V vs SCE in acetonitrile").first.wait_for()


def test_broken_file_is_one_sentence_beside_the_answers(visit):
    dropped = visit.page.get_by_test_id("stFileUploader").filter(has_text="Or a file")
    dropped.locator("input").set_input_files(
        {"name": "broken.xlsx", "mimeType": "", "buffer": b"no workbook"}
    )
    visit.page.get_by_role("alert").wait_for()
    card(visit, "benzoquinone").wait_for()


def test_library_is_screened_and_its_report_opened(visit):
    visit.page.get_by_role("tab", name="Screen a library").click()
    library = pd.read_csv(ROOT / "data/embedded/library.csv").head(300).to_csv(index=False)
    dropped = visit.page.get_by_test_id("stFileUploader").filter(has_text="A library")
    dropped.locator("input").set_input_files(
        {"name": "library.csv", "mimeType": "text/csv", "buffer": library.encode()}
    )
    visit.page.get_by_role("button", name="Screen", exact=True).click()
    visit.page.get_by_text("candidates among 300 rows").wait_for()
    report = visit.page.frame_locator("iframe[srcdoc], iframe[src^=data], iframe[src^=blob]").last
    report.get_by_text("Candidates for a flow battery in acetonitrile").first.wait_for()


def test_drawn_molecule_is_answered(visit):
    canvas, tools = (visit.page.locator(".jsa-resetDiv svg").nth(place) for place in (0, 1))
    for drawing, x, y in ((tools, 206, 36), (canvas, 150, 120)):  # the six-membered ring
        drawing.wait_for()
        box = drawing.bounding_box()
        visit.page.mouse.click(box["x"] + x, box["y"] + y)
    visit.page.get_by_role("button", name="Apply").click()
    drawn = card(visit, "drawn")
    drawn.wait_for()
    assert drawn.locator("img").count() == 1
    assert re.search(r"oxidation\s+\d+\.\d\d", drawn.inner_text())
