"""Define exceptions with messages for the user, and hide passwords and keys in all messages.

The command line prints only the message of such an exception, without a traceback. Every text is
passed through `without_password` before it is shown or logged.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus, unquote, unquote_plus


class OrganodeError(Exception):
    """A failure; the message names cause and remedy, and the command exits with code 1."""


class UsageError(OrganodeError):
    """A mistake in what the user asked for, such as a wrong file or setting; the exit code is 2."""


HIDDEN = "***"
SCHEME = "://"
_ADDRESS = re.compile(rf"[a-z][\w.+-]*{SCHEME}.*", re.IGNORECASE | re.DOTALL)
# Names of secrets in query strings, connection strings and mappings end like this.
_NAME = (
    r"(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|credentials?"
    r"|signature|(?<=[?&;])key|(?<=[?&;])sig)"
)
_ENVIRONMENT = re.compile(  # without `pwd`: as a variable it is the working folder
    r"(?:^|_)(?:password|passwd|passphrase|secret|token|api_?key|access_?key)$", re.IGNORECASE
)
_QUERY = re.compile(rf"({_NAME}=)([^&]+)", re.IGNORECASE)  # only inside an address
# A name and its value in any text, such as password=abc or 'token': 'abc'.
_PAIR = re.compile(
    rf"""({_NAME}(?:['"]\s*:\s*|\s*=\s*))("[^"]+"|'[^']+'|(?!['"]|\.\.\.)[^\s,;&)}}\]'"<>]+)""",
    re.IGNORECASE,
)
_HEADER = re.compile(r"(authorization['\"]?\s*[:=]\s*['\"]?(?:bearer|basic)\s+)[^\s'\"]+", re.I)
_MAX_PASSWORD = 100  # characters in which the end of a password with a space is looked for
_MIN_TOKEN = 8  # characters; shorter user names and variables are not taken for tokens
_MIN_LITERAL = 6  # characters; shorter secrets, and plain words, are replaced as whole words only
_known_secrets: set[str] = set()


def keep_secret(*texts: str) -> None:
    """Register texts that may hold secrets, which `without_password` hides from now on.

    Parameters
    ----------
    *texts : str
        Texts as the user gave them. A text is registered if it holds an address (a text with
        ``://``) or a pair such as ``password=…``; any other text is ignored. To register a secret
        that stands alone, such as an API key, call `keep_key`.
    """
    _known_secrets.update(text for text in texts if SCHEME in text or _PAIR.search(text))


def keep_key(key: str) -> None:
    """Register an API key or a token, which `without_password` hides from now on."""
    _known_secrets.add(f"key={key}")


def without_password(text: str) -> str:
    """Return a text with its secrets hidden; error messages of libraries often quote secrets.

    The secrets that `keep_secret` and `keep_key` registered, and those in environment variables,
    are hidden wherever they occur. Any other text that looks like a secret is hidden in addresses,
    in HTTP authorization headers and in pairs such as ``token=…``. The user name and the password
    in an address are removed; every other secret is replaced by ``***``.
    """
    secrets: set[str] = set()
    for known in _texts_with_secrets():
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


def _texts_with_secrets() -> Iterator[str]:
    yield from _known_secrets
    for name, value in os.environ.items():
        if _ADDRESS.match(value):
            yield value
        # A short value is more likely a switch than a secret, except in variables of MLflow and of
        # the Materials Project (MP_).
        elif _ENVIRONMENT.search(name) and (
            len(value) >= _MIN_TOKEN or name.startswith(("MLFLOW_", "MP_"))
        ):
            yield f"key={value}"


def _address_in(known: str) -> str:
    match = _ADDRESS.search(known)
    return match[0] if match else ""


def _shown(address: str) -> str:
    """Return an address (URL) without user name and password, and with ``***`` in its query.

    User name and password end at the last @ of `address`; ``***`` replaces secrets in the query.
    """
    scheme, _, rest = _QUERY.sub(rf"\1{HIDDEN}", address).partition(SCHEME)
    # Three slashes begin the path of a file: there is no user or password.
    return scheme + SCHEME + (rest if rest.startswith("/") else rest.rpartition("@")[2])


def _secrets_in(known: str, address: str) -> Iterator[str]:
    """Yield the secrets in a registered text, in all forms in which a library may quote a secret.

    The text `known` holds an address, a pair such as ``password=…``, or a key after ``key=``.
    `address` is the address in `known`, or empty if there is none.
    """
    if address:
        secrets = [value for _, value in _QUERY.findall(address)]
        rest = _QUERY.sub(r"\1", address).partition(SCHEME)[2]
        userinfo = "" if rest.startswith("/") else rest.rpartition("@")[0]
        user, colon, password = userinfo.partition(":")
        token = "" if user.isalpha() or len(user) < _MIN_TOKEN else user
        secrets.append(password if colon else token)
    elif known.startswith("key="):
        secrets = [known.removeprefix("key=")]
    else:
        secrets = [value.strip("'\"") for _, value in _PAIR.findall(known)]
    for secret in secrets:
        yield from _forms(secret)
        # A parser that splits an address at the wrong place quotes a piece of the password.
        for decoded in (secret, unquote(secret)) if address else ():
            yield from re.split(r"[/@:?#&;%\s\[\]]+", decoded)


def _forms(secret: str) -> set[str]:
    decoded = {secret, unquote(secret), unquote_plus(secret)}
    forms = (
        decoded
        | {quote(form, safe="") for form in decoded}
        | {quote_plus(form) for form in decoded}
    )
    forms |= {repr(form)[1:-1] for form in forms} | {" ".join(form.split()) for form in forms}
    return {form for form in forms if form}


def _replaced(text: str, secret: str) -> str:
    if len(secret) < 2:
        return text
    if len(secret) >= _MIN_LITERAL and not secret.isalpha():
        return text.replace(secret, HIDDEN)
    return re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", HIDDEN, text)


def _hidden_pair(match: re.Match[str]) -> str:
    quote_mark = match[2][0] if match[2][0] in "'\"" else ""
    return f"{match[1]}{quote_mark}{HIDDEN}{quote_mark}"


def _without_userinfo(rest: str) -> str:
    """Return the text that follows ``://`` in a message, without user name and password.

    User name and password end at the last @ before the first space of `rest`. If there is no @
    before that space, and no port number follows the first colon, the password may contain spaces:
    it ends at the last @ within `_MAX_PASSWORD` characters after the colon.
    """
    blank = re.search(r"\s", rest)
    run = rest[: blank.start()] if blank else rest
    before, at, _ = run.rpartition("@")
    if at and (":" in before.partition("/")[0] or "/" not in before):
        return rest[len(before) + 1 :]
    host = re.match(r"[^\s/:@]*:(?!\d+(?!\w))", rest)
    if not at and host:
        region = rest[: host.end() + _MAX_PASSWORD]
        ends = [match.end() for match in re.finditer(r"@(?=[\w\[])", region)]
        return rest[ends[-1] :] if ends else rest
    return rest


# Optional packages, and the extra of organode that installs each: pip install "organode[label]".
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
    """Return an error that says how to install a missing optional package.

    `extra` is the group of optional dependencies of organode that installs `package`, such as
    ``label`` in ``pip install "organode[label]"``.
    """
    return UsageError(
        f"this needs the package '{package}', which is not installed: run `pip install "
        f"'organode[{extra}]'`, or in the project's folder `pip install -c requirements.lock -e "
        f"'.[{extra}]'`, and try again"
    )


def explained_import(error: ModuleNotFoundError) -> UsageError | None:
    """Return an error that says how to install the optional package that an import did not find.

    Return None if the module that `error` names is not an optional package of organode.
    """
    package = (error.name or "").partition(".")[0]
    return missing_extra(package, EXTRAS[package]) if package in EXTRAS else None
