"""Reading a table of measured potentials, and selecting waves from it."""

import pandas as pd
import pytest

from organode.chem.reduction import reduced
from organode.electrochemistry import against_fc
from organode.electrochemistry.measured import first_waves, in_cells, read_measured, second_waves
from organode.errors import OrganodeError, UsageError

QUINONE = {
    "name": "benzoquinone", "smiles": "O=C1C=CC(=O)C=C1", "family": "benzoquinone",
    "couple": "0/-1", "kind": "E1/2", "value": "-0.51", "reference": "SCE", "solvent": "ACN",
    "reversible": "yes", "evidence": "source",
}  # fmt: skip


def written(tmp_path, *rows):
    path = tmp_path / "potentials.csv"
    pd.DataFrame([QUINONE | row for row in rows]).to_csv(path, index=False)
    return path


def read(tmp_path, *rows):
    return read_measured(written(tmp_path, *rows))


def test_value_is_converted_in_its_solvent(tmp_path):
    table = read(tmp_path, {}, {"solvent": "DMF"}, {"reference": "Fc/Fc+"}, {"solvent": "benzene"})
    in_acetonitrile, in_dmf, by_ferrocene, borrowed = table["E_Fc"]
    assert in_acetonitrile == pytest.approx(-0.51 + against_fc("SCE", "ACN").volts)
    assert in_dmf == pytest.approx(-0.51 + against_fc("SCE", "DMF").volts)
    assert in_dmf < in_acetonitrile
    assert by_ferrocene == -0.51
    assert borrowed == in_acetonitrile
    assert "SCE at -0.380 ± 0.020 V vs Fc/Fc+" in table["conversion"][0]
    assert "taken from" not in table["conversion"][0]
    assert table["conversion"][3].endswith("taken from ACN")


def test_ferrocene_of_authors_has_priority(tmp_path):
    table = read(tmp_path, {"Fc": "0.40"}, {"Fc": "0.40", "reference": "our silver wire"})
    assert table["E_Fc"].tolist() == [-0.91, -0.91]
    assert table["conversion"].str.contains("authors' own").all()


def test_cell_has_no_potential_in_solution(tmp_path):
    cell = {"kind": "cell", "value": "2.6", "reference": "Li/Li+", "solvent": "some electrolyte"}
    table = read(tmp_path, cell, {})
    assert table["value"].tolist() == [2.6, -0.51]
    assert table["E_Fc"].isna().tolist() == [True, False]
    assert len(first_waves(table, "EA")) == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"value": "about 1"}, "value is 'about 1'"),
        ({"value": ""}, "value is ''"),
        ({"value": "inf"}, "value is 'inf'"),
        ({"Fc": "x"}, "Fc is 'x'"),
        ({"reference": "NHE?"}, "unknown reference 'NHE\\?': known are Fc/Fc"),
        ({"reversible": "maybe"}, "reversible is 'maybe': write yes, no"),
    ],
)
def test_invalid_row_is_named(tmp_path, wrong, words):
    with pytest.raises(UsageError, match=rf"potentials\.csv, row 1 \(benzoquinone\): {words}"):
        read(tmp_path, {}, wrong)


def test_missing_column_and_missing_file_are_named(tmp_path):
    path = tmp_path / "potentials.csv"
    with pytest.raises(OrganodeError, match=r"potentials\.csv is missing.*calibrate\.measured"):
        read_measured(path)
    pd.DataFrame([QUINONE]).drop(columns=["couple", "solvent"]).to_csv(path, index=False)
    with pytest.raises(OrganodeError, match="has no column 'couple', 'solvent'"):
        read_measured(path)


def test_five_columns_are_enough(tmp_path):
    path = tmp_path / "potentials.csv"
    needed = ["smiles", "couple", "value", "reference", "solvent"]
    pd.DataFrame([QUINONE])[needed].to_csv(path, index=False)
    rows = first_waves(read_measured(path), "EA")
    assert rows["E_Fc"].notna().all()
    assert rows["family"].tolist() == ["quinone"]


def test_only_first_aprotic_verified_waves_are_selected(tmp_path):
    table = read(
        tmp_path,
        {},
        {"couple": "-1/-2"},
        {"evidence": "not re-read"},
        {"solvent": "water"},
        {"name": "TEMPO", "smiles": "CC1(C)CCCC(C)(C)N1[O]"},
        {"smiles": "C1=CC(=O)C=CC1=O", "reversible": "no"},
        {"couple": "+1/0"},
    )
    reductions = first_waves(table, "EA")
    assert reductions["row"].tolist() == [0, 4, 5]  # a radical's, for models that know radicals
    assert reductions["flat"].nunique() == 2
    assert first_waves(table, "IE")["row"].tolist() == [6]


def test_second_reduction_of_dication_is_first_of_its_radical(tmp_path):
    viologen = "C[n+]1ccc(-c2cc[n+](C)cc2)cc1"
    table = read(
        tmp_path,
        {"smiles": viologen, "couple": "+2/+1"},
        {"smiles": viologen, "couple": "+1/0"},
        {"smiles": "C[N+](C)(C)CC[N+](C)(C)C", "couple": "+1/0"},
        {"smiles": viologen, "couple": "0/-1"},
    )
    result = first_waves(table, "EA")
    assert result["row"].tolist() == [0, 1]
    assert result["flat"].tolist() == [viologen, reduced(viologen)]
    assert first_waves(table, "IE").empty


def test_lithium_cells_are_selected_with_first_waves(tmp_path):
    cell = {"kind": "cell", "reference": "Li/Li+", "value": "2.8"}
    table = read(
        tmp_path,
        {},
        cell | {"couple": "0/-2"},
        cell,
        cell | {"evidence": "not re-read"},
        cell | {"reference": "Na/Na+"},
        cell | {"smiles": "c1ccc(SSc2ccccc2)cc1", "couple": "0/-2"},
        cell | {"smiles": "O=C(O)c1ccc(C(=O)O)cc1", "couple": "0/-2"},
        cell | {"couple": "-1/-2"},
        cell | {"smiles": "CN1c2ccccc2Sc2ccccc21", "couple": "+1/0", "value": "3.5"},
    )
    reductions, oxidations = (in_cells(table, target) for target in ("EA", "IE"))
    assert reductions["flat"].tolist() == ["O=C1C=CC(=O)C=C1"] * 2
    assert reductions["value"].tolist() == [2.8, 2.8]
    assert oxidations["value"].tolist() == [3.5]


BENZOQUINONE = "O=C1C=CC(=O)C=C1"
VIOLOGEN = "C[n+]1ccc(-c2cc[n+](C)cc2)cc1"


def read_second(tmp_path, *rows):
    head = "smiles,couple,value,reference,solvent,doi,evidence"
    (tmp_path / "table.csv").write_text("\n".join([head, *rows]) + "\n")
    return second_waves(read_measured(tmp_path / "table.csv"))


def test_second_wave_is_compared_with_first_of_same_paper_and_solvent(tmp_path):
    result = read_second(
        tmp_path,
        f"{BENZOQUINONE},0/-1,-0.9,Fc/Fc+,ACN,a,source",
        f"{BENZOQUINONE},0/-1,-0.8,Fc/Fc+,ACN,b,source",
        f"{BENZOQUINONE},0/-1,-0.7,Fc/Fc+,DMF,a,source",
        f"{BENZOQUINONE},-1/-2,-1.6,Fc/Fc+,ACN,a,source",
        f"{BENZOQUINONE},-1/-2,-1.6,Fc/Fc+,ACN,c,source",
        f"{BENZOQUINONE},-1/-2,-1.6,Fc/Fc+,DMSO,a,source",  # without a first one
        f"{BENZOQUINONE},-1/-2,-1.9,Fc/Fc+,ACN,a,not re-read",
    )
    assert result["target"].tolist() == ["EA", "EA"]
    assert result["splitting"].tolist() == pytest.approx([0.7, 0.75])
    assert result["first"].tolist() == pytest.approx([-0.9, -0.85])
    assert result["family"].tolist() == ["quinone", "quinone"]


def test_couples_depend_on_charge(tmp_path):
    result = read_second(
        tmp_path,
        f"{VIOLOGEN},+2/+1,-0.8,Fc/Fc+,ACN,a,source",
        f"{VIOLOGEN},+1/0,-1.2,Fc/Fc+,ACN,a,source",
        "CN1c2ccccc2Sc2ccccc21,+1/0,0.3,Fc/Fc+,ACN,a,source",
        "CN1c2ccccc2Sc2ccccc21,+2/+1,1.0,Fc/Fc+,ACN,a,source",
    )
    assert result["target"].tolist() == ["EA", "IE"]
    assert result["splitting"].tolist() == pytest.approx([0.4, 0.7])
    assert read_second(tmp_path, f"{BENZOQUINONE},0/-1,-0.9,Fc/Fc+,ACN,a,source").empty
