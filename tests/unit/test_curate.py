import numpy as np
import pandas as pd
import pytest

from organode.curate.stage import curate_table
from organode.settings import Curate

RAW = [
    ("c1ccccc1", 9.0, -1.0),  # 0
    ("C1=CC=CC=C1", 9.2, -1.2),  # 1: the same structure
    ("junk", 9.0, 1.0),  # 2
    (None, 9.0, 1.0),  # 3
    ("CCO", np.nan, np.nan),  # 4
    ("CC", 40.0, 1.0),  # 5: out of bounds
    ("COC", np.nan, 0.5),  # 6: one label is enough
    ("CS", 8.0, 1.0),  # 7
    ("SC", 9.4, 1.0),  # 8: conflicts with 7
    ("C[C@H](F)Cl", 10.0, 1.0),  # 9
    ("C[C@@H](F)Cl", 10.3, 1.2),  # 10: differs in stereo only
    ("C[C@@H](F)Cl", 10.1, 1.1),  # 11
    ("CC.O", 9.0, 1.0),  # 12
]


@pytest.fixture
def curated():
    raw = pd.DataFrame(RAW, columns=["smiles", "IE", "EA"])
    raw.insert(0, "row", range(len(raw)))
    return curate_table(raw, Curate())


def test_every_row_is_somewhere_exactly_once(curated):
    rows = [*curated.clean["row"], *curated.rejected["row"], *curated.merged["row"]]
    assert sorted(rows) == list(range(len(RAW)))


def test_rejected_rows_keep_their_input_and_say_why(curated):
    reasons = curated.rejected.set_index("row")["reason"].to_dict()
    assert reasons[2] == "not a valid SMILES"
    assert reasons[3] == "empty SMILES"
    assert "neither IE nor EA" in reasons[4]
    assert "IE = 40 eV is outside" in reasons[5]
    assert reasons[12] == "more than one fragment"
    assert curated.rejected.set_index("row")["input"][2] == "junk"


def test_repeats_become_their_median_under_the_first_row(curated):
    clean = curated.clean.set_index("row")
    assert clean.loc[0, ["IE", "EA"]].tolist() == pytest.approx([9.1, -1.1])
    assert clean.loc[9, ["IE", "EA"]].tolist() == pytest.approx([10.1, 1.1])
    assert curated.merged.set_index("row")["into"].to_dict() == {1: 0, 10: 9, 11: 9}


def test_repeats_that_conflict_are_all_rejected(curated):
    reasons = curated.rejected.set_index("row")["reason"]
    assert "differ by 1.40 eV in IE" in reasons[7]
    assert reasons[7] == reasons[8]


def test_a_row_with_one_label_stays(curated):
    row = curated.clean.set_index("row").loc[6]
    assert np.isnan(row["IE"])
    assert row["EA"] == 0.5
