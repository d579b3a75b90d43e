"""The documentation site: it builds without a warning, and opens without a network."""

import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from helpers import ROOT, environment

# Elements that a browser fetches by itself, with the attribute that says what.
FETCHED = {"script": "src", "img": "src", "iframe": "src", "link": "href", "source": "src"}
LINK = re.compile(r"\]\((?![a-z]+:)([^)#]+)")  # of Markdown, without what is elsewhere


class Fetched(HTMLParser):
    """What a page loads."""

    def __init__(self):
        super().__init__()
        self.addresses = []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if values.get("rel") not in ("prev", "next", "canonical"):
            self.addresses.append(values.get(FETCHED.get(tag, ""), ""))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--site-dir", folder],
        cwd=ROOT,
        env=environment(NO_MKDOCS_2_WARNING="1"),
        capture_output=True,
        text=True,
    )
    # `strict` in mkdocs.yml: a warning, such as one of a dead link, is an error.
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return folder


def test_links_between_documents_lead_somewhere_in_the_checkout():
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("data/*/README.md")]
    assert len(documents) > 30
    for document in documents:
        for target in LINK.findall(document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document} links to {target}"


@pytest.mark.slow
def test_pages_load_files_of_the_site_and_nothing_else(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 30
    for page in pages:
        parser = Fetched()
        parser.feed(page.read_text(encoding="utf-8"))
        addresses = [address.split("?")[0] for address in parser.addresses if address]
        assert addresses
        for address in addresses:
            assert not re.match(r"[a-z]+:|//", address), f"{page.name} loads {address}"
            if page.name != "404.html":  # its links start at the server's root
                assert (page.parent / address).exists(), f"{page.name} loads {address}"
    for sheet in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(https?:)?//", sheet.read_text(encoding="utf-8")), sheet


@pytest.mark.slow
def test_formulas_are_mathml(site):
    for source in (ROOT / "docs/theory").glob("*.md"):
        formulas = source.read_text(encoding="utf-8").count("\n$$\n") // 2
        page = (site / "theory" / source.with_suffix(".html").name).read_text(encoding="utf-8")
        assert page.count('display="block"') >= formulas
        assert "arithmatex" not in page


@pytest.mark.slow
def test_api_has_every_module_of_the_packages_that_it_shows(site):
    for page in (site / "api").glob("*.html"):
        if page.stem == "index":
            continue
        text = page.read_text(encoding="utf-8")
        modules = [
            path
            for path in (ROOT / "src/organode" / page.stem).rglob("*.py")
            if not path.stem.startswith("_")
        ]
        assert modules
        for path in modules:
            name = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)
            assert f'id="{name}"' in text, f"{name} is missing in {page.name}"
