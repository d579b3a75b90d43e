"""The stage `register`: a model version in the registry, and a file that identifies the model."""

from __future__ import annotations

from pathlib import Path

from organode.artifacts import version_path
from organode.tracking.registry.kinds import kind_of
from organode.tracking.registry.register import register_model
from organode.tracking.registry.versions import Registered
from organode.utils.files import write_json


def register(target: str, out: Path | None = None) -> Registered:
    """Register a target's model and write its identity to a file.

    The version's number differs between registries, so the file has none; the version's tag
    `organode.identity` says which model it is.

    Parameters
    ----------
    target : str
        ``IE``, ``EA`` or ``stability``.
    out : Path, optional
        The JSON file; `organode.artifacts.version_path` when omitted.

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
