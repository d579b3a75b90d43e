import pandas as pd
import pytest

from embedded_set import dataset
from embedded_set.dataset import build_embedded
from embedded_set.extend import extend_embedded
from organode.errors import OrganodeError
from organode.label import correction
from organode.label.ions.table import ions_path, read_ions, write_ions


@pytest.fixture
def folder(pool, labels, dft, experiment, tmp_path):
    """A data set."""
    build_embedded(pool, labels, dft, tmp_path / "set", experiment=experiment)
    return tmp_path / "set"


def content(folder):
    return {name: (folder / name).read_bytes() for name in dataset.WRITTEN}


def test_the_same_tables_come_out_without_new_labels(folder, tmp_path):
    extend_embedded(folder, [], tmp_path / "again")
    assert content(tmp_path / "again") == content(folder)


def test_ions_relaxed_later_give_what_relaxing_them_at_once_does(
    pool, labels, dft, experiment, folder, tmp_path, monkeypatch
):
    monkeypatch.setattr(correction, "MIN_MOLECULES", 1)
    aside = ions_path(labels[1]).rename(tmp_path / "aside")
    build_embedded(pool, labels, dft, tmp_path / "less", experiment=experiment)
    assert content(tmp_path / "less") != content(folder)
    aside.rename(ions_path(labels[1]))
    extend_embedded(tmp_path / "less", labels[1:], tmp_path / "less")
    assert content(tmp_path / "less") == content(folder)


def test_species_whose_new_label_failed_keeps_the_earlier_one(folder, labels, tmp_path):
    table = pd.read_csv(labels[1])
    table["status"] = "ran out of time"
    table.to_csv(labels[1], index=False)
    extend_embedded(folder, labels[1:], tmp_path / "more")
    assert content(tmp_path / "more") == content(folder)


def test_new_values_by_b3lyp_give_what_giving_them_at_once_does(
    pool, labels, dft, experiment, folder, tmp_path
):
    table = pd.read_csv(dft[1])
    table.loc[table["smiles"] == "CC#N", ["IE", "IE_vertical"]] += 0.1  # computed anew
    failed = table["smiles"] == "CCO"
    assert failed.any()
    table.loc[failed, "status"] = "ran out of time"
    new = tmp_path / "new.csv"
    table[failed | (table["smiles"] == "CC#N")].to_csv(new, index=False)
    extend_embedded(folder, [], tmp_path / "extended", [new])
    table.assign(status="ok").to_csv(dft[1], index=False)
    build_embedded(pool, labels, dft, tmp_path / "at-once", experiment=experiment)
    assert content(tmp_path / "extended") == content(tmp_path / "at-once")
    assert content(tmp_path / "extended") != content(folder)


def test_species_that_join_later_give_what_they_give_at_once(
    pool, labels, dft, experiment, tmp_path, monkeypatch
):
    monkeypatch.setattr(correction, "MIN_MOLECULES", 1)
    joins = pool["smiles"].isin(pd.read_csv(labels[1])["smiles"])
    relaxed = pd.read_csv(dft[1])
    late = relaxed["smiles"].isin(pool.loc[joins, "smiles"])
    new, less = tmp_path / "new.csv", tmp_path / "less"
    relaxed[late].to_csv(new, index=False)
    relaxed[~late].to_csv(tmp_path / "early.csv", index=False)
    early = [dft[0], tmp_path / "early.csv"]
    build_embedded(pool[~joins], labels[:1], early, less, experiment=experiment)
    extend_embedded(less, labels[1:], less, [new], joining=pool)
    ordered = pd.concat([pool[~joins], pool[joins]])
    build_embedded(ordered, labels, dft, tmp_path / "at-once", experiment=experiment)
    assert content(less) == content(tmp_path / "at-once")
    assert "CCBr" in pd.read_csv(less / "failures.csv")["smiles"].tolist()


def test_values_by_b3lyp_of_other_species_are_refused(folder, dft, tmp_path):
    table = pd.read_csv(dft[0])
    assert table["smiles"].tolist() == ["C"]  # has a measured energy, is not in the set
    before = content(folder)
    with pytest.raises(OrganodeError, match=r"vertical\.csv: C is not in the set"):
        extend_embedded(folder, [], folder, [dft[0]])
    assert content(folder) == before


def test_labels_without_ions_or_of_other_species_are_refused(folder, labels, tmp_path):
    before = content(folder)
    with pytest.raises(OrganodeError, match=r"cannot read .*absent\.csv"):
        extend_embedded(folder, [tmp_path / "absent.csv"], folder)
    with pytest.raises(OrganodeError, match="labelled twice"):
        extend_embedded(folder, [labels[0], labels[0]], folder)
    other = {"O=C1C=CC(=O)C=C1": "O=C1C=CC(=O)C=C1C"}
    ions = read_ions(ions_path(labels[1]))
    write_ions(ions.assign(smiles=ions["smiles"].replace(other)), ions_path(labels[1]))
    table = pd.read_csv(labels[1])
    table.assign(smiles=table["smiles"].replace(other)).to_csv(labels[1], index=False)
    with pytest.raises(OrganodeError, match=r"labelled but not in the pool.*C=C1C"):
        extend_embedded(folder, labels[1:], folder)
    ions_path(labels[1]).unlink()
    with pytest.raises(OrganodeError, match="label with --adiabatic"):
        extend_embedded(folder, labels[1:], folder)
    assert content(folder) == before
