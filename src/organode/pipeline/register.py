"""The stage `register`: add a model to the MLflow registry, and write a file that identifies it."""

from __future__ import annotations

from pathlib import Path

from organode.artifacts import version_path
from organode.tracking.registry.kinds import kind_of
from organode.tracking.registry.register import register_model
from organode.tracking.registry.versions import Registered
from organode.utils.files import write_json


def register(target: str, out: Path | None = None) -> Registered:
    """Add a target's model to the MLflow registry, and write a JSON file that identifies the model.

    The file holds the name of the model in the registry; its identity, a hash of the model and its
    metrics, which is also the tag `organode.identity` of the registered version; and, for IE and
    EA, the energy reference and the level of theory of the labels. It does not hold the number of
    the version, which differs between registries. A model that is registered already gets no second
    version.

    Parameters
    ----------
    target : str
        ``IE``, ``EA`` or ``stability``.
    out : Path, optional
        The JSON file; ``results/register/<target>.json`` when omitted.

    Returns
    -------
    Registered
        The new version in the registry, or the version that the model already had.

    Raises
    ------
    OrganodeError
        If the model or its metrics are missing, if the MLflow store cannot be reached, or if the
        registered copy of the model predicts other values than the model itself.
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
