"""Read the network settings that the stage `search` found."""

from __future__ import annotations

from pathlib import Path

from organode.errors import OrganodeError
from organode.models.network.network import NetworkSettings
from organode.utils.config.yamlfile import read_yaml
from organode.utils.resources import explained


def read_best(path: Path) -> NetworkSettings:
    """Read the network settings from a file that the stage `search` wrote.

    Raises
    ------
    OrganodeError
        If the file is missing or damaged.
    """
    try:
        content = read_yaml(path.read_text(encoding="utf-8"))
        return NetworkSettings.from_dict(content["settings"])
    except FileNotFoundError as error:
        raise OrganodeError(f"{path} is missing: run `organode search` first") from error
    except OSError as error:
        raise explained(error, path) or OrganodeError(
            f"{path} cannot be read: {error.strerror}"
        ) from error
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise OrganodeError(
            f"{path} has no valid settings ({reason}): run `organode search` again"
        ) from error
