"""The stage `register`: a version in the registry, and a file that names it."""

from __future__ import annotations

from pathlib import Path

from organode.files import write_json
from organode.register import Registered, version_path
from organode.register.kinds import kind_of
from organode.register.registry import register_model


def register(target: str, out: Path | None = None) -> Registered:
    """Register a target's model and write which version it is.

    Raises
    ------
    OrganodeError
        See `register_model`.
    """
    registered = register_model(target)
    write_json(
        out or version_path(target),
        {
            "name": registered.name,
            "version": registered.version,
            "run_id": registered.run_id,
            **kind_of(target).said(registered),
        },
    )
    return registered
