"""Versions of a table from the workspace; those from git are in the integration tests."""

import hashlib
from pathlib import Path

import pandas as pd
import pytest

from helpers import git
from organode.curate.diff.read import WORKSPACE, revision, workspace
from organode.errors import OrganodeError, UsageError

TABLE = pd.DataFrame({"row": [0, 1], "smiles": ["CCO", "C"], "IE": [9.0, None], "EA": [-1.0, 2.0]})


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "molecules.parquet"
    TABLE.to_parquet(path, index=False)
    return path


def test_version_of_the_workspace_has_table_and_hash_of_the_file(path):
    version = workspace(path)
    assert version.name == WORKSPACE
    assert version.md5 == hashlib.md5(path.read_bytes()).hexdigest()
    pd.testing.assert_frame_equal(version.table, TABLE)


def test_same_bytes_have_the_same_hash_and_others_another(path, tmp_path):
    copy = tmp_path / "copy.parquet"
    copy.write_bytes(path.read_bytes())
    assert workspace(copy).md5 == workspace(path).md5
    TABLE.assign(IE=1.0).to_parquet(copy, index=False)
    assert workspace(copy).md5 != workspace(path).md5


def test_missing_table_names_file_and_remedy(tmp_path):
    for path in (tmp_path / "nothing.parquet", tmp_path):  # a folder is no table either
        with pytest.raises(OrganodeError) as raised:
            workspace(path)
        assert str(raised.value).startswith(f"{path} is missing: run `dvc checkout`")


@pytest.mark.parametrize("content", [b"", b"smiles,IE\nC,1\n", b"PAR1 and nothing more PAR1"])
def test_file_that_is_no_parquet_table_is_named(path, content):
    path.write_bytes(content)
    with pytest.raises(OrganodeError, match="is not a Parquet table: run the stage") as raised:
        workspace(path)
    assert f"{path} of 'workspace'" in str(raised.value)


def test_cut_table_is_named(path):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(OrganodeError, match="is not a Parquet table"):
        workspace(path)


def test_empty_revision_is_rejected():
    """DVC would take it for the workspace."""
    with pytest.raises(UsageError, match="the revision is empty: name a commit, tag or branch"):
        revision(Path("molecules.parquet"), "")


def test_folder_without_git_or_dvc_is_rejected(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(UsageError, match="no git repository with DVC here"):
        revision(Path("molecules.parquet"), "HEAD")
    git("init", "--quiet", cwd=tmp_path)
    with pytest.raises(UsageError, match="no git repository with DVC here"):
        revision(Path("molecules.parquet"), "HEAD")
