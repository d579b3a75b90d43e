"""Read a version of a table: the present file, or the file of a git revision, by means of DVC."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pandas as pd

from organode.curate.diff.version import Version
from organode.errors import OrganodeError, UsageError
from organode.utils.resources import explained

WORKSPACE = "workspace"


def workspace(path: Path) -> Version:
    """Read the present version of a table from a file in the project's folder.

    Raises
    ------
    OrganodeError
        If the file is missing or not a Parquet table.
    """
    if not path.is_file():
        raise OrganodeError(
            f"{path} is missing: run `dvc checkout`, `dvc pull` or `dvc repro`, "
            "or name a second revision"
        )
    return _version(WORKSPACE, path, path.read_bytes())


def revision(path: Path, name: str) -> Version:
    """Read a table as recorded in a git revision's `dvc.lock`, from DVC's cache or a remote.

    Parameters
    ----------
    path : Path
        Path of the table, relative to the project's folder, which is the working folder.
    name : str
        The git revision: a commit, tag or branch.

    Raises
    ------
    UsageError
        If `name` is empty or no revision, or the working folder is no git repository with DVC.
    OrganodeError
        If that revision has no such table, the table's content is neither in the cache nor in a
        remote, or the content is not a Parquet table.
    """
    from dvc.api import DVCFileSystem
    from dvc.exceptions import NotDvcRepoError
    from dvc.repo import Repo
    from dvc.scm import RevError, SCMError

    if not name:  # DVC would read the present files
        raise UsageError("the revision is empty: name a commit, tag or branch")
    try:
        with Repo() as repo:
            # The present configuration says where data are: the revision's own configuration may
            # be older than the remote.
            files = DVCFileSystem(rev=name, config=repo.config)
        md5 = files.info(str(path)).get("md5", "")
    except RevError as error:
        raise UsageError(
            f"there is no git revision '{name}': `git log --oneline -- dvc.lock` lists the "
            "revisions that changed data"
        ) from error
    except (NotDvcRepoError, SCMError) as error:
        raise UsageError(
            "there is no git repository with DVC here: run this in the project's folder"
        ) from error
    except FileNotFoundError as error:
        raise _absent(path, name) from error
    try:
        with files.open(str(path), "rb") as stream:
            content = stream.read()
    except OSError as error:
        if not md5:  # an output of a stage that had not been run in that revision
            raise _absent(path, name) from error
        raise OrganodeError(
            f"{path} of revision '{name}' (md5 {md5}) is neither in DVC's cache nor in a "
            "reachable remote: check `dvc remote list`, run `dvc push --all-commits` on the "
            f"machine that made it, or make it again by `dvc repro` in a checkout of '{name}'"
        ) from error
    return _version(name, path, content)


def _absent(path: Path, name: str) -> OrganodeError:
    return OrganodeError(
        f"{path} is not in revision '{name}': choose a revision whose dvc.lock lists it "
        "(`git log --oneline -- dvc.lock`)"
    )


def _version(name: str, path: Path, content: bytes) -> Version:
    try:
        # A thread pool still starting when a short command ends can abort the process.
        table = pd.read_parquet(io.BytesIO(content), use_threads=False)
    except (OSError, ValueError) as error:
        raise explained(error, path) or OrganodeError(
            f"{path} of '{name}' is not a Parquet table: run the stage that makes it again"
        ) from error
    return Version(name, hashlib.md5(content, usedforsecurity=False).hexdigest(), table)
