"""The stage `register`: a version in the registry, and a file that says of which model."""

from __future__ import annotations

from pathlib import Path

from organode.artifacts import version_path
from organode.tracking.registry.kinds import kind_of
from organode.tracking.registry.register import register_model
from organode.tracking.registry.versions import Registered
from organode.utils.files import write_json


def register(target: str, out: Path | None = None) -> Registered:
    """Register a target's model and write which model it is.

    Its version's number is the registry's own; the tag `organode.identity` says which it is.

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
            "identity": kind_of(target).identity(),
            **kind_of(target).label_facts(registered),
        },
    )
    return registered
