"""The key for the Materials Project: read where it is needed, shown nowhere."""

from __future__ import annotations

import os
import re
from pathlib import Path

from organode.errors import UsageError, keep_key

WHERE = "https://next-gen.materialsproject.org/api"

_LINE = re.compile(
    r"""^\s*(?:export\s+)?MP_API_KEY\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s#]*))""", re.MULTILINE
)


def api_key(env_file: Path = Path(".env")) -> str:
    """Return the key in the environment's `MP_API_KEY`, or else in `env_file`.

    Raises
    ------
    UsageError
        If there is none, or it cannot be one; the message does not show it.
    """
    key = os.environ.get("MP_API_KEY", "").strip() or _from_file(env_file)
    if not key:
        raise UsageError(
            "this source needs a key for the Materials Project: get one at "
            f"{WHERE} and put it into the environment variable MP_API_KEY, "
            "or as a line MP_API_KEY=... into a file .env here"
        )
    keep_key(key)
    # Checked here because the HTTP library quotes a header that it refuses in its message.
    if not re.fullmatch(r"[A-Za-z0-9]{32}", key):
        raise UsageError(
            "MP_API_KEY is not a key for the Materials Project, which has 32 letters and digits: "
            f"copy it again from {WHERE}"
        )
    return key


def _from_file(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    found = _LINE.search(text)
    return next((group for group in found.groups() if group), "") if found else ""
