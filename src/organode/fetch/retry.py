"""Retry what failed for a temporary reason.

Not by urllib3's `Retry`: an answer with the wrong number of records has to be retried like a
failed request, the user is told of each wait, and no error may carry the request and its key.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from organode.errors import OrganodeError
from organode.utils.progress import say

ATTEMPTS = 6
MAX_WAIT = 120.0  # seconds; if a server asks for more, the command ends instead of waiting

T = TypeVar("T")


class TemporaryError(Exception):
    """The attempt failed, another may succeed; `wait`: seconds for which the server asks."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.reason, self.wait = reason, wait


def retry(attempt: Callable[[], T], first_wait: float) -> T:
    """Return the result of `attempt`, called up to `ATTEMPTS` times.

    Parameters
    ----------
    attempt : callable
        Raises `TemporaryError` to be called again; any other error passes through.
    first_wait : float
        Seconds before the second attempt, doubled before each later attempt; if the server asks
        for a wait, that is used.

    Raises
    ------
    OrganodeError
        If all attempts failed, or the server asks for a longer wait than `MAX_WAIT`.
    """
    for number in range(ATTEMPTS):
        # The failure must not outlive its block: as the context of an error raised below, it
        # would carry the request, whose header holds the key.
        try:
            return attempt()
        except TemporaryError as failure:
            reason, requested = failure.reason, failure.wait
        wait = first_wait * 2**number if requested is None else requested
        if wait > MAX_WAIT:
            raise OrganodeError(
                f"{reason}, and the server asks to wait {wait:,.0f} s: run this again after that, "
                "it resumes after the last finished page"
            )
        if number + 1 < ATTEMPTS:
            say(f"{reason}; trying again in {wait:g} s")
            time.sleep(wait)
    raise OrganodeError(
        f"{reason}, {ATTEMPTS} times in a row: run this again later, it resumes after the last "
        "finished page"
    )


def retry_after(text: str | None) -> float | None:
    """Return the wait in seconds that a ``Retry-After`` header asks for, as a number or a date."""
    if not text:
        return None
    if text.strip().isdigit():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())
