"""Every table passed between stages agrees with its schema."""

import pandas as pd
import pytest

from helpers import ROOT
from organode.curate.table import curate_table
from organode.pipeline.featurize import featurize
from organode.pipeline.fetch import fetch
from organode.pipeline.split import split
from organode.pipeline.tables.checks import (
    check,
    check_accounts,
    check_features_cover,
    check_splits_cover,
)
from organode.settings import load_settings
from organode.utils.tables import write_table


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Tables of the stages before `search`, from the first embedded rows, read back from disk."""
    folder = tmp_path_factory.mktemp("data")
    settings = load_settings(ROOT / "params.yaml")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        fetch(settings, folder / "raw")
    raw, curated = pd.read_parquet(folder / "raw/molecules.parquet"), folder / "molecules.parquet"
    check(raw, "raw")
    raw = raw.head(800)
    result = curate_table(raw, settings.curate)
    write_table(result.clean, curated)
    result.rejected.to_csv(folder / "rejected.csv", index=False)
    result.merged.to_csv(folder / "merged.csv", index=False)
    split(settings, curated, folder / "splits.parquet")
    featurize(settings, curated, folder)
    return {
        "raw": raw,
        "curated": pd.read_parquet(curated),
        **{name: pd.read_csv(folder / f"{name}.csv") for name in ("rejected", "merged")},
        **{name: pd.read_parquet(folder / f"{name}.parquet") for name in ("splits",)},
        "features": pd.read_parquet(folder / "morgan.parquet"),
        "orbitals": pd.read_parquet(folder / "orbitals.parquet"),
    }


def test_embedded_data_agree_with_the_schema_of_every_stage(made):
    for name, table in made.items():
        check(table, name)
    clean = made["curated"]
    check_accounts(made["raw"]["row"], clean, made["rejected"], made["merged"])
    check_splits_cover(made["splits"], clean["row"])
    check_features_cover(made["features"], len(clean))
