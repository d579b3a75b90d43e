"""The set of cheap labels, made in parts."""

import pandas as pd
import pytest

from embedded_set.pretraining import CARD, FAILURES, TABLE, extend_pretraining
from helpers import ROOT
from organode.errors import OrganodeError

POOL = pd.DataFrame({
    "smiles": ["CCO", "c1ccccc1", "CC#N", "CCN"],
    "source": ["chemicals", "varied", "chemicals", "enumerated"],
    "family": ["", "", "", "amine"],
})  # fmt: skip
ENERGIES = (
    "IE_vertical", "EA_vertical", "IE_ipea1", "EA_ipea1", "IE_gfn2", "EA_gfn2",
    "HOMO_gfn2", "LUMO_gfn2",
)  # fmt: skip


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    """A part of the embedded set, to which corrections are fitted in a moment."""
    table = pd.read_csv(ROOT / "data/embedded/molecules.csv")
    path = tmp_path_factory.mktemp("embedded") / "molecules.csv"
    table[table["IE_b3lyp"].notna() & table["EA_b3lyp"].notna()].head(120).to_csv(path, index=False)
    return path


def labels(path, *rows):
    table = pd.DataFrame(
        [(smiles, status, *[value] * len(ENERGIES), value < 0) for smiles, status, value in rows],
        columns=["smiles", "status", *ENERGIES, "unbound"],
    )
    table.to_csv(path, index=False)
    return path


def test_parts_are_added_and_what_was_there_stays(tmp_path, embedded):
    first = labels(tmp_path / "1.csv", ("CCO", "ok", 1.23456), ("CC#N", "no conformer", 0.0))
    extend_pretraining(POOL, [first], tmp_path / "set", embedded)
    again = labels(tmp_path / "2.csv", ("CCO", "ok", 9.0), ("CCN", "ok", -2.0))
    made = extend_pretraining(POOL, [again], tmp_path / "set", embedded)
    assert made["smiles"].tolist() == ["CCO", "CCN"]
    assert made["IE_vertical"].tolist() == [1.2346, -2.0]
    assert made["unbound"].tolist() == [False, True]
    assert made["family"].tolist() == ["", "amine"]
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "set" / TABLE), made)
    failed = pd.read_csv(tmp_path / "set" / FAILURES)
    assert failed[["smiles", "reason"]].to_numpy().tolist() == [["CC#N", "no conformer"]]
    text = (tmp_path / "set" / CARD).read_text()
    assert "2 organic" in text
    assert "lists 1 molecules" in text


def test_label_replaces_an_earlier_failure(tmp_path, embedded):
    first = labels(tmp_path / "1.csv", ("CC#N", "no conformer", 0.0), ("CCO", "no conformer", 0.0))
    again = labels(tmp_path / "2.csv", ("CC#N", "ok", 1.0))
    extend_pretraining(POOL, [first], tmp_path / "set", embedded)
    assert extend_pretraining(POOL, [again], tmp_path / "set", embedded)["smiles"].tolist() == [
        "CC#N"
    ]
    assert pd.read_csv(tmp_path / "set" / FAILURES)["smiles"].tolist() == ["CCO"]
    at_once = extend_pretraining(POOL, [first, again], tmp_path / "other", embedded)
    assert at_once["smiles"].tolist() == ["CC#N"]


def test_same_labels_give_the_same_bytes(tmp_path, embedded):
    part = labels(tmp_path / "1.csv", ("CCO", "ok", 1.0), ("c1ccccc1", "ok", 2.0))
    for name in ("one", "two"):
        extend_pretraining(POOL, [part], tmp_path / name, embedded)
    extend_pretraining(POOL, [part], tmp_path / "two", embedded)
    for file in (TABLE, FAILURES, CARD):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_molecule_of_another_pool_is_named(tmp_path, embedded):
    part = labels(tmp_path / "1.csv", ("CCCC", "ok", 1.0))
    with pytest.raises(OrganodeError, match="CCCC is not in the pool"):
        extend_pretraining(POOL, [part], tmp_path / "set", embedded)
