"""Read networks from a folder, whether they are an ensemble or a student."""

from __future__ import annotations

from pathlib import Path

from organode.models.ensemble import Ensemble
from organode.models.networks import Networks
from organode.models.student import DESCRIPTION, Student


def load_networks(folder: Path) -> Networks:
    """Read the ensemble or the student that was saved to a folder.

    Raises
    ------
    OrganodeError
        If the folder holds neither, or a file in it is damaged.
    """
    return _kind(folder).load(folder)


def network_files(folder: Path) -> list[Path]:
    """Return the files of the ensemble or student in a folder, without the checksums."""
    return _kind(folder).files(folder)


def _kind(folder: Path) -> type[Ensemble | Student]:
    return Student if (folder / DESCRIPTION).exists() else Ensemble
