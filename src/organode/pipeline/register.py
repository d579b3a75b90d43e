"""The stage `register`: add a model to the MLflow registry, and write a file that identifies it."""

from __future__ import annotations

from pathlib import Path

from organode.artifacts import version_path
from organode.tracking.registry.kinds import kind_of
from organode.tracking.registry.register import register_model
from organode.tracking.registry.versions import Registered
from organode.utils.files import write_json


def register(target: str, out: Path | None = None) -> Registered:
    """Register a target's model, and write its name, identity and facts about its labels to a file.

    The identity, a hash of the model and its metrics, is also the tag `organode.identity` of the
    registered version. The file does not hold the version's number, which differs between
    registries. A model that is registered already gets no second version.

    Parameters
    ----------
    target : str
        ``IE``, ``EA`` or ``stability``.
    out : Path, optional
        The JSON file; ``results/register/<target>.json`` when omitted.

    Returns
    -------
    Registered
        The new version, or the one that the model had already.

    Raises
    ------
    OrganodeError
        If the model or its metrics are missing, if the MLflow store cannot be reached, or if the
        registered model does not predict the same as the one here.
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
