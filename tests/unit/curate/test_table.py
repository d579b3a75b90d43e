import numpy as np
import pandas as pd
import pytest

from organode.artifacts import OK_QUALITY
from organode.curate.report import summary
from organode.curate.table import curate_table
from organode.settings import Curate

RAW = [
    ("c1ccccc1", 9.0, -1.0),  # 0
    ("C1=CC=CC=C1", 9.2, -1.2),  # 1: the same structure
    ("junk", 9.0, 1.0),  # 2
    (None, 9.0, 1.0),  # 3
    ("CCO", np.nan, np.nan),  # 4
    ("CC", 40.0, 1.0),  # 5: out of bounds
    ("COC", np.nan, 0.5),  # 6: a single label is enough
    ("CS", 8.0, 1.0),  # 7
    ("SC", 9.4, 1.0),  # 8: conflicts with 7
    ("C[C@H](F)Cl", 10.0, 1.0),  # 9
    ("C[C@@H](F)Cl", 10.3, 1.2),  # 10: differs in stereo only
    ("C[C@@H](F)Cl", 10.1, 1.1),  # 11
    ("CC.O", 9.0, 1.0),  # 12
    ("CS([O])([O])C", 9.5, 0.2),  # 13: a sulfone damaged by bond perception
    ("C[CH2]", 8.0, 0.5),  # 14: a transient radical
    ("CCCl", 3.0, 3.5),  # 15: impossible
    ("CF", 9.0, np.nan),  # 16
    ("FC", np.nan, 9.5),  # 17: impossible together with 16
]
SETTINGS = Curate(reference="absolute", EA_bounds=(-6.0, 10.0))


@pytest.fixture(scope="module")
def curated(root):
    raw = pd.DataFrame(RAW, columns=["smiles", "IE", "EA"])
    raw.insert(0, "row", range(len(raw)))
    xtb_reference = root / "data/embedded/molecules.csv"
    return curate_table(raw, SETTINGS.model_copy(update={"xtb_reference": xtb_reference}))


def test_every_row_is_in_exactly_one_table(curated):
    rows = [*curated.clean["row"], *curated.rejected["row"], *curated.merged["row"]]
    assert sorted(rows) == list(range(len(RAW)))


def test_rejected_rows_keep_their_input_and_reason(curated):
    reasons = curated.rejected.set_index("row")["reason"].to_dict()
    assert reasons[2] == "not a valid SMILES"
    assert reasons[3] == "empty SMILES"
    assert "neither IE nor EA" in reasons[4]
    assert reasons[5] == "IE outside 2 … 20 eV: 40.00 eV"
    assert reasons[12] == "more than one fragment (cluster, salt or solvate)"
    assert curated.rejected.set_index("row")["input"][2] == "junk"


def test_repeats_are_merged_to_their_median_in_the_first_row(curated):
    clean = curated.clean.set_index("row")
    assert clean.loc[0, ["IE", "EA"]].tolist() == pytest.approx([9.1, -1.1])
    assert clean.loc[9, ["IE", "EA"]].tolist() == pytest.approx([10.1, 1.1])
    assert curated.merged.set_index("row")["into"].to_dict() == {1: 0, 10: 9, 11: 9}


def test_conflicting_repeats_are_all_rejected(curated):
    reasons = curated.rejected.set_index("row")["reason"]
    assert "differ by 1.40 eV in IE" in reasons[7]
    assert reasons[7] == reasons[8]


def test_row_with_a_single_label_is_kept(curated):
    row = curated.clean.set_index("row").loc[6]
    assert np.isnan(row["IE"])
    assert row["EA"] == 0.5


def test_repaired_structure_names_the_rule(curated):
    row = curated.clean.set_index("row").loc[13]
    assert row["smiles"] == "CS(C)(=O)=O"
    assert "hypervalent" in row["repair"]
    assert "radical" not in row["quality"]


def test_transient_radical_is_kept_and_flagged(curated):
    row = curated.clean.set_index("row").loc[14]
    assert row["quality"] == "radical"


def test_ionization_energy_below_affinity_is_rejected(curated):
    reasons = curated.rejected.set_index("row")["reason"]
    assert reasons[15] == "IE is not above EA: 3.00 and 3.50 eV"
    assert reasons[16] == reasons[17]
    assert "together have IE not above EA: 9.00 and 9.50" in reasons[16]


def test_spread_and_number_of_repeats_are_recorded(curated):
    clean = curated.clean.set_index("row")
    assert clean.loc[9, "n_merged"] == 3
    assert clean.loc[9, "IE_spread"] == pytest.approx(0.3)
    assert clean.loc[6, "n_merged"] == 1
    assert np.isnan(clean.loc[6, "IE_spread"])


def test_every_row_of_each_table_has_a_reference(curated):
    for table in (curated.clean, curated.rejected, curated.merged):
        assert (table["reference"] == "absolute").all()


def test_summary_counts_every_row_once(curated):
    numbers = summary(curated)
    assert numbers["clean"] + numbers["merged"] + numbers["rejected"] == len(RAW)
    assert sum(numbers["reasons"].values()) == numbers["rejected"]
    assert numbers["flags"]["radical"] == 1
    assert numbers["flagged"] == (curated.clean["quality"] != OK_QUALITY).sum()
    assert numbers["reasons"]["repeats of this structure differ"] == 2


def test_stated_references_are_used_and_invalid_references_rejected(root):
    raw = pd.DataFrame(
        {
            "row": range(4),
            "smiles": ["CCO", "CCN", "CCC", "CCF"],
            "IE": [8.0, 7.0, 9.0, 9.0],
            "EA": [-1.0] * 4,
            "reference": ["Li", "absolute", "vacuum", None],
        }
    )
    settings = Curate(
        reference="column:zero",
        xtb_reference=root / "data/embedded/molecules.csv",
        absolute_li=1.24,
    )
    curated = curate_table(raw, settings)
    assert curated.clean["IE"].tolist() == pytest.approx([9.24, 7.0])
    assert curated.clean["reference"].tolist() == ["li", "absolute"]
    reasons = curated.rejected.set_index("row")["reason"]
    assert reasons[2] == "reference 'vacuum' is neither absolute nor li"
    assert 3 in reasons.index


def test_whole_table_may_be_stated_to_be_referred_to_lithium(root):
    raw = pd.DataFrame({"row": [0], "smiles": ["CCO"], "IE": [8.0], "EA": [-1.0]})
    settings = Curate(reference="li", xtb_reference=root / "data/embedded/molecules.csv")
    assert curate_table(raw, settings).clean["IE"].tolist() == pytest.approx([9.4])


def test_table_without_readable_rows_is_rejected_as_a_whole(root):
    raw = pd.DataFrame({"row": [0, 1], "smiles": ["junk", None], "IE": [8.0, 1], "EA": [-1.0, 1]})
    curated = curate_table(raw, Curate(xtb_reference=root / "data/embedded/molecules.csv"))
    assert len(curated.rejected) == 2
    assert curated.clean.empty
