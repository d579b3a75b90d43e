"""Read the user's key for the Materials Project's API; no message ever shows the key."""

from __future__ import annotations

import os
import re
from pathlib import Path

from organode.errors import UsageError, keep_key

KEY_PAGE = "https://next-gen.materialsproject.org/api"

# Not python-dotenv: it takes `MP_API_KEY=abc# comment` for a key that ends in "# comment".
_LINE = re.compile(
    r"""^\s*(?:export\s+)?MP_API_KEY\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s#]*))""", re.MULTILINE
)


def api_key(env_file: Path = Path(".env")) -> str:
    """Return the user's API key for the Materials Project.

    The key is read from the environment variable ``MP_API_KEY`` or, if the variable is not set or
    empty, from a line such as ``MP_API_KEY=...`` in the file `env_file`.

    Raises
    ------
    UsageError
        If there is no key, or the key does not consist of 32 letters and digits. The message does
        not show the key.
    """
    key = os.environ.get("MP_API_KEY", "").strip() or _from_file(env_file)
    if not key:
        raise UsageError(
            "this source needs a key for the Materials Project: get it at "
            f"{KEY_PAGE} and put it into the environment variable MP_API_KEY, "
            "or into a file .env in this folder, as a line MP_API_KEY=..."
        )
    keep_key(key)
    # Checked here because the HTTP library shows an invalid header in its error message.
    if not re.fullmatch(r"[A-Za-z0-9]{32}", key):
        raise UsageError(
            "MP_API_KEY is not a key for the Materials Project, which has 32 letters and digits: "
            f"copy it again from {KEY_PAGE}"
        )
    return key


def _from_file(path: Path) -> str:
    """Return the API key in a file of environment variables.

    The result is empty if the file cannot be read or has no line with ``MP_API_KEY``.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    line = _LINE.search(text)
    return next((value for value in line.groups() if value), "") if line else ""
