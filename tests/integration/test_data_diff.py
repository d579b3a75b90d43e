"""`organode data diff` between versions that git and DVC hold."""

import hashlib
import shutil

import pandas as pd
import pytest

from helpers import ROOT, git, run

TABLE = "data/curated/molecules.parquet"
STAGE = f"stages:\n  curate:\n    cmd: 'true'\n    outs: [{TABLE}]\n"
FIRST = pd.DataFrame(
    {
        "row": [0, 1, 2],
        "smiles": ["CCO", "C[N+](=O)[O-]", "CC"],
        "IE": [9.0, 9.5, 11.5],
        "EA": [-1.0, 0.5, -3.0],
    }
)
SECOND = pd.DataFrame({
    "row": [0, 1, 3], "smiles": ["CCO", "C[N+](=O)[O-]", "CO"], "IE": [9.0, 8.1, 10.8],
    "EA": [-1.0, 0.5, -2.0], "reference": "absolute",
})  # fmt: skip


@pytest.fixture(scope="module")
def versioned(tmp_path_factory):
    """A project of one table in two committed versions."""
    folder = tmp_path_factory.mktemp("versions")
    git("init", "--quiet", "--initial-branch=main", cwd=folder)
    (folder / ".dvc").mkdir()
    shutil.copy(ROOT / ".dvc/config", folder / ".dvc")
    (folder / ".dvc/.gitignore").write_text("/cache\n/tmp\n")
    (folder / "dvc.yaml").write_text(STAGE)
    git("add", "--all", cwd=folder)
    git("commit", "--quiet", "--message", "A stage that nobody has run", cwd=folder)
    git("tag", "planned", cwd=folder)
    (folder / TABLE).parent.mkdir(parents=True)
    for name, table in (("first", FIRST), ("second", SECOND)):
        (folder / TABLE).unlink(missing_ok=True)  # or root would write through it into the cache
        table.to_parquet(folder / TABLE, index=False)
        run("dvc", "commit", "--force", "--quiet", cwd=folder)
        git("add", "--all", cwd=folder)
        git("commit", "--quiet", "--message", name, cwd=folder)
        git("tag", name, cwd=folder)
    return folder


def md5(folder):
    return hashlib.md5((folder / TABLE).read_bytes()).hexdigest()


def test_two_revisions_and_the_workspace(versioned, tmp_path, called_ok):
    done = called_ok("data", "diff", "first", "--csv", tmp_path / "all.csv", cwd=versioned)
    first = git("show", "first:dvc.lock", cwd=versioned).split("md5: ")[1].split()[0]
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert lines[:3] == [
        TABLE,
        f"first md5 {first} 3 rows",
        f"workspace md5 {md5(versioned)} 3 rows",
    ]
    assert "added 1 CO" in lines
    assert "gone 1 CC" in lines
    assert "IE changed, eV 1 1.4000 1.4000 C[N+](=O)[O-] 9.5000 → 8.1000" in lines
    assert "new columns: reference" in lines
    listed = pd.read_csv(tmp_path / "all.csv").set_index("smiles")
    assert listed["change"].to_dict() == {
        "CO": "added",
        "CC": "gone",
        "C[N+](=O)[O-]": "changed",
    }
    assert listed.loc["C[N+](=O)[O-]", ["IE_before", "IE_after"]].tolist() == [9.5, 8.1]

    back = called_ok("data", "diff", "second", "first", cwd=versioned).stdout
    assert "lost columns: reference" in back
    assert "identical" in called_ok("data", "diff", "second", cwd=versioned).stdout


def test_what_cannot_be_compared_is_said_in_one_sentence(versioned, tmp_path, called):
    for words, code, said in (
        (["nonsense"], 2, "no git revision 'nonsense'"),
        ([""], 2, "the revision is empty"),
        (["planned"], 1, f"{TABLE} is not in revision 'planned'"),
        (["second", "--raw"], 1, "data/raw/molecules.parquet is not in revision 'second'"),
    ):
        done = called("data", "diff", *words, cwd=versioned)
        assert (done.returncode, done.stdout) == (code, ""), done.stderr
        (line,) = done.stderr.splitlines()
        assert said in line
    done = called("data", "diff", "HEAD", cwd=tmp_path)
    assert done.returncode == 2
    assert "no git repository with DVC" in done.stderr


def test_an_old_version_comes_from_a_remote_and_is_missed_where_nobody_kept_it(
    versioned, tmp_path, called_ok, called
):
    clone = tmp_path / "clone"
    shutil.copytree(versioned, clone, ignore=shutil.ignore_patterns("cache"))
    done = called("data", "diff", "first", cwd=clone)
    assert done.returncode == 1
    assert "neither in DVC's cache nor in a reachable remote" in done.stderr
    assert "dvc push --all-commits" in done.stderr

    # A remote that the revisions themselves do not know yet.
    shutil.copytree(versioned / ".dvc/cache", tmp_path / "store")
    run("dvc", "remote", "add", "--default", "store", str(tmp_path / "store"), cwd=clone)
    assert "gone" in called_ok("data", "diff", "first", "second", cwd=clone).stdout
    (clone / TABLE).unlink()
    done = called("data", "diff", "first", cwd=clone)
    assert done.returncode == 1
    assert "is missing: run `dvc checkout`" in done.stderr
