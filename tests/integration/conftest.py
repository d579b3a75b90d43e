"""Fixtures of several integration tests: a library of good and bad rows, a report."""

import pandas as pd
import pytest

from helpers import run_all
from library_files import CELLS
from screening import WIDE


@pytest.fixture
def library(tmp_path):
    """A table of molecules and of cells that are not molecules."""
    path = tmp_path / "library.csv"
    ids = [f"m{row}" for row in range(len(CELLS))]
    ids[1] = "<img src=x onerror=alert(2)>"
    pd.DataFrame({"id": ids, "smiles": CELLS}).to_csv(path, index=False)
    return path


@pytest.fixture(scope="session")
def report(trained, tmp_path_factory):
    """A report on a library whose names try to become more than text."""
    folder = tmp_path_factory.mktemp("report")
    library = pd.read_csv(trained / "data/embedded/library.csv")
    library.loc[library.index[::7], "id"] = "<img src=x onerror=console.error(1)><script>x()"
    library.loc[library.index[::11], "id"] = "\"onmouseover='x()' =HYPERLINK(1)"
    library.to_csv(folder / "library.csv", index=False)
    run_all(["screen", folder / "library.csv", "--out", folder / "out", *WIDE], cwd=trained)
    return folder / "out/report.html"
