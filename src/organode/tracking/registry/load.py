"""Load a registered model version from its files, or explain why it cannot be loaded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from organode.errors import OrganodeError
from organode.tracking.registry.artefacts import local_folder
from organode.tracking.registry.kinds import kind_of
from organode.tracking.registry.kinds.kind import ModelKind
from organode.tracking.registry.versions import Loaded, Registered
from organode.tracking.store import connect, failure, in_one_line, present_location
from organode.utils.resources import causes, explained

if TYPE_CHECKING:
    from mlflow import MlflowClient


class ArtefactsMissingError(OrganodeError):
    """The error for a version that the registry lists but whose files are gone."""


def load(registered: Registered) -> Loaded[Any]:
    """Load the model of a registered version.

    Only the model's own files are read. Unlike `mlflow.pyfunc.load_model`, this function runs no
    code from the registry and writes nothing into the store.

    Raises
    ------
    ArtefactsMissingError
        If the version's files are gone.
    OrganodeError
        If the files cannot be read: for lack of permission or memory, or because of damage.
    """
    location = artefact_location(connect(), registered)
    folder, kind = Path(location), kind_of(registered.target)
    try:
        with local_folder(location) as folder:
            return Loaded(registered, kind.load(*part_folders(folder, kind)))
    except Exception as error:  # whatever a store or a file's reader raised
        problem = _unloadable(registered, error)
        # The temporary name of a downloaded copy tells a reader nothing.
        raise type(problem)(str(problem).replace(str(folder), location)) from error


def has_artefacts(registered: Registered) -> bool:
    """Tell whether the files of a version still exist; any other problem raises OrganodeError."""
    try:
        load(registered)
    except ArtefactsMissingError:
        return False
    return True


def artefact_location(client: MlflowClient, registered: Registered) -> str:
    """Return the address, a path or a URI, of the folder with a version's files.

    Raises
    ------
    OrganodeError
        If the store does not answer.
    """
    try:
        location = client.get_model_version_download_uri(registered.name, registered.version)
    except Exception as error:  # whatever MLflow's transport raised
        raise failure(error) from error
    return present_location(location)


def part_folders(folder: Path, kind: ModelKind[Any]) -> list[Path]:
    """Return the folders of the parts of a version's model, such as networks and error bars.

    `folder` holds the version's files. Among them is MLflow's file `MLmodel`, which names the
    folders of the parts. The folders are returned in the order of `kind.parts`.
    """
    content = yaml.safe_load((folder / "MLmodel").read_text(encoding="utf-8"))
    parts = content["flavors"]["python_function"]["artifacts"]
    return [folder / parts[name]["path"] for name in kind.parts]


def _unloadable(registered: Registered, error: Exception) -> OrganodeError:
    """Return the error for a version that cannot be loaded; its message says why and what to do."""
    name = f"{registered.name} version {registered.version}"
    if registered.aliases:
        name += f" ({', '.join(registered.aliases)})"
    target = registered.target
    alternative = (
        f"or choose another version (`organode rollback {target}`, or `organode promote {target} "
        '--version N --force --reason "…"`)'
    )
    for cause in causes(error):
        if isinstance(cause, FileNotFoundError | NotADirectoryError):
            return ArtefactsMissingError(
                f"{name} cannot be loaded: {cause.filename} is missing; bring it back from a "
                f"backup, {alternative}; nothing was changed in the registry"
            )
    if explanation := explained(error):
        return OrganodeError(
            f"{name} cannot be loaded: {explanation}; nothing was changed in the registry"
        )
    # Drop the advice that ends the message: it is meant for files in the project's own folders.
    problem, _, _ = in_one_line(error).partition(": run `")
    return OrganodeError(
        f"{name} cannot be loaded ({problem}): its files are damaged or could not be fetched, or "
        f"another version of organode wrote them; bring them back from a backup, {alternative}; "
        "nothing was changed in the registry"
    )
