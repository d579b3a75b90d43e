import numpy as np
import pandas as pd
import pytest

from organode.curate.figures import draw_blocks, draw_residuals
from organode.curate.reference.assignment import declared
from organode.curate.table import Curated


@pytest.mark.parametrize("value", [0.2, np.nan])
def test_figures_are_drawn_with_and_without_both_energies(tmp_path, value):
    residuals = [f"residual{after}_{target}" for after in ("", "_after") for target in ("IE", "EA")]
    rows = pd.DataFrame({"row": range(4), "reason": ["", "", "", "junk"], "offset": value})
    rows[residuals] = value
    empty = pd.DataFrame()
    references = declared([False, False, True, True], 1.4, "stated")
    curated = Curated(empty, empty, empty, rows, references, empty)
    for draw in (draw_blocks, draw_residuals):
        draw(curated, tmp_path / f"{draw.__name__}.png")
        assert (tmp_path / f"{draw.__name__}.png").read_bytes().startswith(b"\x89PNG")
