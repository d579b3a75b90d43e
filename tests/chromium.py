"""A headless Chromium that tests click in: the machine's own, driven by Playwright."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, sync_playwright

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)


class Visit:
    """A page in a browser of its own.

    Attributes
    ----------
    page : playwright.sync_api.Page
        The page itself.
    problems : list of str
        Errors of its console.
    requests : list of str
        What it loaded.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.problems: list[str] = []
        self.requests: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda said: said.type == "error" and self.problems.append(said.text))
        page.on("request", lambda request: self.requests.append(request.url))

    def value(self, script: str) -> object:
        """Return the value of a JavaScript expression."""
        return self.page.evaluate(script)

    def wait(self, condition: str) -> None:
        """Wait until a JavaScript expression is true; the limit of a test ends it."""
        self.page.wait_for_function(condition, timeout=0)


@contextmanager
def opened(url: str, width: int = 1300, height: int = 900) -> Iterator[Visit]:
    """Open an address in a browser of its own, until the block ends."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"], timeout=0
        )
        page = browser.new_page(viewport={"width": width, "height": height})
        visit = Visit(page)
        page.goto(url, timeout=0)
        yield visit
        browser.close()
