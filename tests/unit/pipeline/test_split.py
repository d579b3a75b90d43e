"""The stage `split`."""

import pandas as pd
import pytest

from organode.errors import OrganodeError
from organode.models.splits import Splits, scaffold
from organode.pipeline.split import split
from organode.pipeline.tables.checks import check
from organode.settings import Settings
from organode.utils.tables import write_table

RINGS = ("c1ccccc1", "c1ccncc1", "C1CCCCC1", "c1ccsc1", "c1ccoc1", "C1CCNCC1")
SMILES = [f"{'C' * n}{ring}" for ring in RINGS for n in range(1, 9)]


def settings(seed=20, **changes):
    chosen = {"method": "random", "outer_fraction": 0.2, "n_folds": 3} | changes
    return Settings.model_validate({"seed": seed, "split": chosen})


@pytest.fixture
def curated(tmp_path):
    """A table whose row numbers have gaps and are in no order."""
    rows = [(7 * n) % 101 for n in range(len(SMILES))]
    write_table(pd.DataFrame({"row": rows, "smiles": SMILES}), tmp_path / "curated.parquet")
    return tmp_path / "curated.parquet"


def test_written_splits_are_those_returned_in_the_order_of_the_table(curated, tmp_path):
    returned = split(settings(), curated, tmp_path / "splits.parquet")
    read = Splits.read(tmp_path / "splits.parquet")
    table = pd.read_parquet(curated)
    assert read.row.tolist() == returned.row.tolist() == table["row"].tolist()
    assert read.fold.tolist() == returned.fold.tolist()
    check(pd.read_parquet(tmp_path / "splits.parquet"), "splits")


def test_test_set_and_folds_have_the_size_that_was_asked_for(curated, tmp_path):
    found = split(settings(), curated, tmp_path / "a")
    assert found.n_folds == 3
    assert found.outer.sum() == pytest.approx(0.2 * len(SMILES), abs=3)
    sizes = pd.Series(found.fold[~found.outer]).value_counts()
    assert sizes.max() - sizes.min() <= 3
    assert split(settings(n_folds=4), curated, tmp_path / "a").n_folds == 4


def test_same_seed_gives_the_same_bytes_and_another_other_splits(curated, tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        split(settings(seed), curated, tmp_path / name)
    one, same, other = ((tmp_path / name).read_bytes() for name in "abc")
    assert one == same != other


def test_scaffold_is_never_on_both_sides(curated, tmp_path):
    found = split(settings(method="scaffold", n_folds=2), curated, tmp_path / "a")
    places = pd.DataFrame({"scaffold": [*map(scaffold, SMILES)], "fold": found.fold})
    assert (places.groupby("scaffold")["fold"].nunique() == 1).all()
    random = split(settings(n_folds=2), curated, tmp_path / "b")
    places["fold"] = random.fold
    assert (places.groupby("scaffold")["fold"].nunique() > 1).any()


def test_too_few_scaffolds_are_said_and_nothing_is_written(curated, tmp_path):
    with pytest.raises(OrganodeError, match=r"6 different groups of 48 molecules are too few for"):
        split(settings(method="scaffold", n_folds=6), curated, tmp_path / "splits.parquet")
    assert not (tmp_path / "splits.parquet").exists()


def test_missing_table_names_the_stage_before(tmp_path):
    with pytest.raises(OrganodeError, match="organode curate"):
        split(settings(), tmp_path / "nothing.parquet", tmp_path / "splits.parquet")
