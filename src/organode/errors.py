"""Errors that a user can act on, and secrets that no message shows.

The command line prints an error's message alone. Before anything is shown or logged it goes
through `without_password`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus, unquote, unquote_plus


class OrganodeError(Exception):
    """The work failed for a reason that the message names, with what to do (exit code 1)."""


class UsageError(OrganodeError):
    """The request itself is wrong: a parameter, a file or a column (exit code 2)."""


HIDDEN = "***"
SCHEME = "://"
_ADDRESS = re.compile(rf"[a-z][\w.+-]*{SCHEME}.*", re.IGNORECASE | re.DOTALL)
# How the names of what is secret end, in query strings, connection strings and quoted mappings.
_NAME = (
    r"(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|credentials?"
    r"|signature|(?<=[?&;])key|(?<=[?&;])sig)"
)
_ENVIRONMENT = re.compile(  # not `pwd`: there it is the folder
    r"(?:^|_)(?:password|passwd|passphrase|secret|token|api_?key|access_?key)$", re.IGNORECASE
)
_QUERY = re.compile(rf"({_NAME}=)([^&]+)", re.IGNORECASE)  # of an address that is known whole
_PAIR = re.compile(
    rf"""({_NAME}(?:['"]\s*:\s*|\s*=\s*))("[^"]+"|'[^']+'|(?!['"]|\.\.\.)[^\s,;&)}}\]'"<>]+)""",
    re.IGNORECASE,
)
_HEADER = re.compile(r"(authorization['\"]?\s*[:=]\s*['\"]?(?:bearer|basic)\s+)[^\s'\"]+", re.I)
_FAR = 100  # characters; a password with a space that nobody named is looked for no further
_KEY = 8  # characters that a token has at least
_LITERAL = 6  # characters; shorter secrets, and plain words, are replaced as whole words only
_kept: set[str] = set()


def keep_secret(*texts: str) -> None:
    """Never show these from now on.

    Parameters
    ----------
    *texts : str
        What holds a secret as it was given: an address, alone or as in ``--set key=ADDRESS``, or
        ``password=…``. Anything else is kept as a secret itself only by `keep_key`.
    """
    _kept.update(text for text in texts if SCHEME in text or _PAIR.search(text))


def keep_key(key: str) -> None:
    """Never show this key or token from now on."""
    _kept.add(f"key={key}")


def without_password(text: str) -> str:
    """Return the text without secrets, which libraries like to quote.

    Whatever stands in a known address (`keep_secret`, or the environment) is replaced wherever it
    occurs; of other addresses and connection strings, what looks like a secret.
    """
    secrets: set[str] = set()
    for known in _known():
        address = _address_in(known)
        if address and _shown(address) != address:
            for form in _forms(address):
                text = text.replace(form, _shown(address))
        secrets.update(_secrets_in(known, address))
    for secret in sorted(secrets, key=len, reverse=True):
        text = _replaced(text, secret)
    text = _HEADER.sub(rf"\1{HIDDEN}", text)
    text = _PAIR.sub(_hidden_pair, text)
    first, *rest = text.split(SCHEME)
    return SCHEME.join([first, *map(_without_userinfo, rest)])


def _known() -> Iterator[str]:
    yield from _kept
    for name, value in os.environ.items():
        if _ADDRESS.match(value):
            yield value
        # A short value is a switch rather than a secret, unless its name is known.
        elif _ENVIRONMENT.search(name) and (
            len(value) >= _KEY or name.startswith(("MLFLOW_", "MP_"))
        ):
            yield f"key={value}"


def _address_in(known: str) -> str:
    found = _ADDRESS.search(known)
    return found[0] if found else ""


def _shown(address: str) -> str:
    """Return what may be shown of a whole address: there, the last @ ends user and password."""
    scheme, _, rest = _QUERY.sub(rf"\1{HIDDEN}", address).partition(SCHEME)
    # Three slashes: a file, which no user or password belongs to.
    return scheme + SCHEME + (rest if rest.startswith("/") else rest.rpartition("@")[2])


def _secrets_in(known: str, address: str) -> Iterator[str]:
    """Yield the secrets of a known text, in all forms in which a library may quote them."""
    if address:
        whole = [value for _, value in _QUERY.findall(address)]
        rest = _QUERY.sub(r"\1", address).partition(SCHEME)[2]
        userinfo = "" if rest.startswith("/") else rest.rpartition("@")[0]
        user, colon, password = userinfo.partition(":")
        token = "" if user.isalpha() or len(user) < _KEY else user
        whole.append(password if colon else token)
    elif known.startswith("key="):
        whole = [known.removeprefix("key=")]
    else:
        whole = [value.strip("'\"") for _, value in _PAIR.findall(known)]
    for secret in whole:
        yield from _forms(secret)
        # A parser that cuts an address at the wrong place quotes a piece of the password.
        for decoded in (secret, unquote(secret)) if address else ():
            yield from re.split(r"[/@:?#&;%\s\[\]]+", decoded)


def _forms(secret: str) -> set[str]:
    decoded = {secret, unquote(secret), unquote_plus(secret)}
    forms = (
        decoded | {quote(one, safe="") for one in decoded} | {quote_plus(one) for one in decoded}
    )
    forms |= {repr(one)[1:-1] for one in forms} | {" ".join(one.split()) for one in forms}
    return {form for form in forms if form}


def _replaced(text: str, secret: str) -> str:
    if len(secret) < 2:
        return text
    if len(secret) >= _LITERAL and not secret.isalpha():
        return text.replace(secret, HIDDEN)
    return re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", HIDDEN, text)


def _hidden_pair(found: re.Match[str]) -> str:
    mark = found[2][0] if found[2][0] in "'\"" else ""
    return f"{found[1]}{mark}{HIDDEN}{mark}"


def _without_userinfo(rest: str) -> str:
    """Return what follows a scheme's ``://`` in running text, without user and password.

    A password may hold anything: the last @ before a space ends it, or, if there is none and the
    part behind the colon is no port, the last @ not far behind.
    """
    blank = re.search(r"\s", rest)
    run = rest[: blank.start()] if blank else rest
    before, at, _ = run.rpartition("@")
    if at and (":" in before.partition("/")[0] or "/" not in before):
        return rest[len(before) + 1 :]
    host = re.match(r"[^\s/:@]*:(?!\d+(?!\w))", rest)
    if not at and host:
        ends = [found.end() for found in re.finditer(r"@(?=[\w\[])", rest[: host.end() + _FAR])]
        return rest[ends[-1] :] if ends else rest
    return rest


# Packages that only some of the work needs, and the extra that brings each.
EXTRAS = {
    "ase": "label",
    "dvc": "pipeline",
    "keras": "pipeline",
    "mlflow": "pipeline",
    "optuna": "pipeline",
    "pandera": "pipeline",
    "tblite": "label",
    "tensorflow": "pipeline",
}


def missing_extra(package: str, extra: str) -> UsageError:
    """Return the error for an optional dependency that is not installed."""
    return UsageError(
        f"this needs the package '{package}', which is not installed: run `pip install "
        f"'organode[{extra}]'`, or in the project's folder `pip install -c requirements.lock -e "
        f"'.[{extra}]'`, and try again"
    )


def explained_import(error: ModuleNotFoundError) -> UsageError | None:
    """Return the sentence for a missing package that an extra brings; None for any other."""
    package = (error.name or "").partition(".")[0]
    return missing_extra(package, EXTRAS[package]) if package in EXTRAS else None
