"""Read a table of the workspace, or of a git revision by way of DVC."""

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
    """Read a table as it lies on disk.

    Raises
    ------
    OrganodeError
        If it is missing or no Parquet.
    """
    if not path.is_file():
        raise OrganodeError(
            f"{path} is missing: run `dvc checkout`, `dvc pull` or `dvc repro`, "
            "or name a second revision"
        )
    return _version(WORKSPACE, path, path.read_bytes())


def revision(path: Path, name: str) -> Version:
    """Read a table as a git revision's `dvc.lock` names it: from DVC's cache, or else a remote.

    Parameters
    ----------
    path : Path
        Relative to the project's folder, which is the working folder.
    name : str
        A commit, tag or branch.

    Raises
    ------
    UsageError
        If there is no such revision, or no git repository with DVC here.
    OrganodeError
        If that revision has no such table, or its content is neither in the cache nor in a
        remote.
    """
    from dvc.api import DVCFileSystem
    from dvc.exceptions import NotDvcRepoError
    from dvc.repo import Repo
    from dvc.scm import RevError, SCMError

    if not name:  # for DVC this is the workspace
        raise UsageError("the revision is empty: name a commit, tag or branch")
    try:
        with Repo() as repo:
            # Where data lies is said by the present configuration: the revision's own may be older
            # than the remote.
            files = DVCFileSystem(rev=name, config=repo.config)
        md5 = files.info(str(path)).get("md5", "")
    except RevError as error:
        raise UsageError(
            f"git knows no revision '{name}': `git log --oneline -- dvc.lock` lists those that "
            "changed data"
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
        if not md5:  # a stage makes it there, but nobody had run that stage
            raise _absent(path, name) from error
        raise OrganodeError(
            f"{path} of revision '{name}' (md5 {md5}) is neither in DVC's cache nor in a remote "
            "that answers: check `dvc remote list`, run `dvc push --all-commits` where it was "
            f"made, or make it again by `dvc repro` in a checkout of '{name}'"
        ) from error
    return _version(name, path, content)


def _absent(path: Path, name: str) -> OrganodeError:
    return OrganodeError(
        f"{path} is not in revision '{name}': choose one whose dvc.lock names it "
        "(`git log --oneline -- dvc.lock`)"
    )


def _version(name: str, path: Path, content: bytes) -> Version:
    try:
        # A pool of threads that a short command leaves half-started can abort it at its end.
        table = pd.read_parquet(io.BytesIO(content), use_threads=False)
    except (OSError, ValueError) as error:
        raise explained(error, path) or OrganodeError(
            f"{path} of '{name}' is no Parquet table: run the stage that makes it again"
        ) from error
    return Version(name, hashlib.md5(content, usedforsecurity=False).hexdigest(), table)
