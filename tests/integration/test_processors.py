"""Features are the same bytes whichever kernels linear algebra picks for a processor."""

import hashlib
import platform
import shutil
from pathlib import Path

import pandas as pd
import pytest

from helpers import ROOT, run_ok
from organode.utils.tables import write_table

# OpenBLAS's kernels, and the instructions that a processor needs for them.
KERNELS = {"Nehalem": "sse4_2", "Haswell": "avx2", "SkylakeX": "avx512bw"}
# Levels so near one another that the last digits of an energy decide visibly.
NEARLY_DEGENERATE = [
    "[N-]=[N+]=NCCN(CCN=[N+]=[N-])[N+](=O)[O-]",
    "O=C=NCCOC(=O)OCCN=C=O",
    "O=C=NC1CCC(N=C=O)CC1",
    "NC(=O)CCP(=O)(CCC(N)=O)CCC(N)=O",
    "C=CCOP(=O)(OCC=C)OCC=C",
]


def kernels() -> list[str]:
    """Return the kernels that work here; at least two, or there is nothing to compare."""
    flags = Path("/proc/cpuinfo")
    if platform.machine() != "x86_64" or not flags.exists():
        pytest.skip("no kernels to choose from are known here")
    known = set(flags.read_text().split())
    found = [name for name, instructions in KERNELS.items() if instructions in known]
    if len(found) < 2:
        pytest.skip(f"this processor has {found} only")
    return found


@pytest.mark.parametrize("rows", [300, pytest.param(None, marks=pytest.mark.slow)])
def test_features_are_equal_bytes_on_every_processor(embedded, tmp_path, rows):
    smiles = [*NEARLY_DEGENERATE, *embedded["smiles"].head(rows or len(embedded))]
    found = {}
    for kernel in kernels():
        folder = tmp_path / kernel
        folder.mkdir()
        shutil.copy(ROOT / "params.yaml", folder)
        write_table(pd.DataFrame({"smiles": smiles}), folder / "data/curated/molecules.parquet")
        run_ok("featurize", cwd=folder, OPENBLAS_CORETYPE=kernel)
        files = sorted((folder / "data/features").iterdir())
        assert [file.name for file in files] == ["morgan.parquet", "orbitals.parquet"]
        found[kernel] = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
    assert len(set(map(tuple, found.values()))) == 1, found
