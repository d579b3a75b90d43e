"""Which columns of a table hold structures, names and labels."""

import pytest

from library_files import read, write
from organode.errors import UsageError
from organode.library.columns import MOST_COLUMNS, Wanted, lay_out


@pytest.mark.parametrize(
    ("smiles", "name"),
    [
        ("SMILES", "Name"), ("Smiles", "ID"), ("canonical_smiles", "CAS"), ("smi", "title"),
        ("Structure (SMILES)", "Compound ID"), ("CanonicalSMILES", "CAS No."),
        ("cxsmiles smiles", "cid"),
        ("SMILES ", "MOL-ID"), ("InChI", "name"), ("Isomeric SMILES", "Compound_Name"),
    ],
)  # fmt: skip
def test_usual_names_are_found_and_the_choice_is_printed(tmp_path, capsys, smiles, name):
    path = write(tmp_path, "a.csv", f"x,{name},{smiles}\n1,a,CCO\n")
    assert read(path) == [("a", "CCO", True)]
    assert f"'{smiles.strip()}'" in " ".join(capsys.readouterr().err.split())


def test_ambiguous_columns_of_structures_are_rejected(tmp_path):
    with pytest.raises(UsageError, match=r"several columns .*'a smiles', 'b smiles'.*--column"):
        read(write(tmp_path, "a.csv", "a smiles,b smiles\nC,CC\n"))
    with pytest.raises(UsageError, match="'smiles' twice"):
        read(write(tmp_path, "a.csv", "smiles,smiles\nC,CC\n"))
    with pytest.raises(UsageError, match=r"no column 'mol'.*it has: smiles, id.*--column"):
        read(write(tmp_path, "a.csv", "smiles,id\nC,CC\n"), Wanted("mol"))


def test_table_of_too_many_columns_is_rejected(tmp_path):
    head = ",".join(["smiles", *(f"x{at}" for at in range(100_000))])
    with pytest.raises(UsageError, match=f"100,001 columns, and at most {MOST_COLUMNS:,}"):
        read(write(tmp_path, "a.csv", f"{head}\nC\n"))


def test_columns_of_labels_are_found_with_or_without_unit():
    wanted = Wanted(values={"IE": "IE", "EA": "EA"})
    for names in (
        ["smiles", "IE (eV)", "EA / eV"],
        ["SMILES", "ie", "ea"],
        ["smi", "IE, eV", "EA_eV"],
    ):
        assert dict(lay_out("t", names, wanted).values) == {"IE": 1, "EA": 2}
    with pytest.raises(UsageError, match=r"no column 'EA'"):
        lay_out("t", ["smiles", "IE", "EA / kJ"], wanted)
    with pytest.raises(UsageError, match=r"several columns .*'IE \(eV\)', 'ie / eV'"):
        lay_out("t", ["smiles", "IE (eV)", "ie / eV", "EA"], wanted)
