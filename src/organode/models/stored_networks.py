"""Read the networks in a folder, which hold an ensemble or a student that imitates one."""

from __future__ import annotations

from pathlib import Path

from organode.models.ensemble import Ensemble
from organode.models.networks import Networks
from organode.models.student import DESCRIPTION, Student


def load_networks(folder: Path) -> Networks:
    """Read the ensemble of networks, or the student, that was saved to a folder.

    A student is one small network that imitates an ensemble.

    Raises
    ------
    OrganodeError
        If the folder holds neither an ensemble nor a student, or a file in it is damaged.
    """
    return _kind(folder).load(folder)


def network_files(folder: Path) -> list[Path]:
    """Return the paths of the files of the ensemble or student in a folder, except checksums."""
    return _kind(folder).files(folder)


def _kind(folder: Path) -> type[Ensemble | Student]:
    return Student if (folder / DESCRIPTION).exists() else Ensemble
