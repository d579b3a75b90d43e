"""The command `library build`: the same result, resuming, and foreign folders."""

import pandas as pd
import pytest

from helpers import PROGRAM, killed_when, organode, run_ok
from screening import WIDE, contents


@pytest.mark.slow
def test_built_library_gives_the_same_bytes(trained, tmp_path):
    table = pd.read_csv(trained / "data/embedded/library.csv")
    table.loc[3, "smiles"] = "junk"
    table.loc[5, "smiles"] = table.loc[4, "smiles"]
    table.to_csv(tmp_path / "library.csv", index=False)
    built = tmp_path / "built"
    run_ok("library", "build", tmp_path / "library.csv", "--out", built, cwd=trained)
    run_ok("screen", tmp_path / "library.csv", "--out", tmp_path / "a", *WIDE, cwd=trained)
    run_ok("screen", built, "--out", tmp_path / "b", *WIDE, cwd=trained)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    # For another electrolyte the models' answers are read from the library.
    arrays = list(built.rglob("arrays.npz"))
    assert arrays
    for path in arrays:
        path.unlink()
    dec = (*WIDE, "--solvent", "DEC")
    run_ok("screen", tmp_path / "library.csv", "--out", tmp_path / "c", *dec, cwd=trained)
    run_ok("screen", built, "--out", tmp_path / "d", *dec, cwd=trained)
    assert contents(tmp_path / "c") == contents(tmp_path / "d") != contents(tmp_path / "a")


@pytest.mark.slow
def test_killed_build_resumes(trained, tmp_path):
    smiles = pd.read_csv(trained / "data/embedded/molecules.csv")["smiles"].tolist()
    library, built = tmp_path / "library.smi", tmp_path / "built"
    library.write_text("\n".join(smiles * 10) + "\n")
    command = ["library", "build", library, "--out", built]
    killed_when(lambda: list(built.glob("*/*/rows.parquet")), PROGRAM, *command, cwd=trained)
    half = organode("screen", built, "--out", tmp_path / "out", cwd=trained)
    assert half.returncode == 2
    assert "holds no finished library" in " ".join(half.stderr.split())
    done = run_ok(*command, cwd=trained)
    assert "resuming after" in " ".join(done.stderr.split())
    assert "5,000 rows built" in done.stdout
    run_ok("library", "build", library, "--out", tmp_path / "again", cwd=trained)
    for path in (tmp_path / "again").rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (built / path.relative_to(tmp_path / "again")).read_bytes()


def test_folder_of_something_else_is_rejected(trained, tmp_path):
    (tmp_path / "built").mkdir()
    (tmp_path / "built/thesis.doc").touch()
    done = organode(
        "library", "build", "data/embedded/library.csv", "--out", tmp_path / "built", cwd=trained
    )
    assert done.returncode == 2
    assert "holds something else" in " ".join(done.stderr.split())
