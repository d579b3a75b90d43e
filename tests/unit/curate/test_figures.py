import numpy as np
import pandas as pd
import pytest

from organode.curate.figures import draw_blocks, draw_residuals
from organode.curate.table import curate_table
from organode.settings import Curate


@pytest.mark.parametrize("labels", [2, 1])
def test_figures_are_drawn_with_both_energies_and_with_one(root, tmp_path, labels):
    raw = pd.DataFrame({"row": [0, 1], "smiles": ["CCO", "CCC"], "IE": [8.0, 9.0], "EA": -1.0})
    if labels == 1:
        raw["EA"] = np.nan
    curated = curate_table(raw, Curate(xtb_reference=root / "data/embedded/molecules.csv"))
    for draw in (draw_blocks, draw_residuals):
        draw(curated, tmp_path / "figure.png")
        assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")
