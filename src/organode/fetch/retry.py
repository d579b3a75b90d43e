"""Retry requests that failed for a temporary reason.

This module does not use urllib3's `Retry`, for three reasons: a request whose answer has the wrong
number of records has to be repeated like a failed request, the user is told of each wait, and no
exception may contain the request, because its header holds the user's API key.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from organode.errors import OrganodeError
from organode.utils.progress import say

ATTEMPTS = 6  # the first one included
MAX_WAIT = 120.0  # seconds; if a server asks for more, the command ends instead of waiting

T = TypeVar("T")


class TemporaryError(Exception):
    """Raised if an attempt failed, but another attempt may succeed.

    Parameters
    ----------
    reason : str
        What failed, for a message to the user.
    wait : float, optional
        Seconds that the server asks to wait before the next attempt; None if the server does not
        ask for a wait.
    """

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.reason, self.wait = reason, wait


def retry(attempt: Callable[[], T], first_wait: float) -> T:
    """Call a function until it succeeds, at most six times (`ATTEMPTS`), and return the result.

    Parameters
    ----------
    attempt : callable
        A function without arguments. The function is called again if it raises `TemporaryError`;
        any other exception is not caught.
    first_wait : float
        Seconds before the second attempt; the wait doubles before each later attempt. If the server
        asks for a wait (`TemporaryError.wait`), the server's wait is used instead.

    Raises
    ------
    OrganodeError
        If all attempts failed, or the wait before the next attempt is longer than 120 seconds
        (`MAX_WAIT`).
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
    """Return the seconds that the HTTP header ``Retry-After`` asks to wait.

    `text`, the content of the header, is a number of seconds or a date, or None if the answer has
    no such header. The result is None if there is no header or `text` cannot be read.
    """
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
