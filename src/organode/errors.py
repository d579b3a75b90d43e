"""Errors that a user can act on. The command line prints their message alone."""

import re


class OrganodeError(Exception):
    """The work failed for a reason that the message names, with what to do (exit code 1)."""


class UsageError(OrganodeError):
    """The request itself is wrong: a parameter, a file or a column (exit code 2)."""


def without_password(text: str) -> str:
    """Return the text without passwords in addresses, which libraries like to quote."""
    return re.sub(r"//[^/\s]+@", "//", text)


def missing_extra(package: str, extra: str) -> UsageError:
    """Return the error for an optional dependency that is not installed."""
    return UsageError(
        f"this needs the package '{package}', which is not installed: in the project's folder "
        f"run `pip install -c requirements.lock -e '.[{extra}]'` and try again"
    )
