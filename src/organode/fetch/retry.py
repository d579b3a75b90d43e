"""Trying again what failed for a reason that may pass."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from organode.errors import OrganodeError
from organode.utils.progress import say

ATTEMPTS = 6
LONGEST_WAIT = 120.0  # seconds; a server that asks for more is better left alone for a while

T = TypeVar("T")


class TemporaryError(Exception):
    """The attempt failed; another may not. `wait` is what the server asks for, in seconds."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.reason, self.wait = reason, wait


def retry(attempt: Callable[[], T], first_wait: float) -> T:
    """Return what `attempt` returns; try it `ATTEMPTS` times.

    Parameters
    ----------
    attempt : callable
        Raises `TemporaryError` to be called again; any other error passes through.
    first_wait : float
        Seconds before the second attempt, doubled before each later one; the server's own wish
        counts where it has one.

    Raises
    ------
    OrganodeError
        If all attempts failed, or the server asks for more patience than `LONGEST_WAIT`.
    """
    for number in range(ATTEMPTS):
        # The failure must not outlive its block: as the context of an error raised below it
        # would carry the request, whose header holds the key.
        try:
            return attempt()
        except TemporaryError as failure:
            reason, asked = failure.reason, failure.wait
        wait = first_wait * 2**number if asked is None else asked
        if wait > LONGEST_WAIT:
            raise OrganodeError(
                f"{reason}, and the server asks to wait {wait:,.0f} s: run this again after that, "
                "it goes on where it stopped"
            )
        if number + 1 < ATTEMPTS:
            say(f"{reason}; trying again in {wait:g} s")
            time.sleep(wait)
    raise OrganodeError(
        f"{reason}, {ATTEMPTS} times in a row: run this again later, it goes on where it stopped"
    )


def retry_after(text: str | None) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks for, given as such or as a date."""
    if not text:
        return None
    if text.strip().isdigit():
        return float(text)
    try:
        then = parsedate_to_datetime(text)
    except ValueError:
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return max(0.0, (then - datetime.now(UTC)).total_seconds())
