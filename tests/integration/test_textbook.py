"""Materials of textbooks and reviews, hidden among decoys: each is found in its role."""

import pandas as pd
import pytest

from helpers import ROOT, run_all

MATERIALS = ROOT / "tests/materials/textbook.csv"
DECOYS = 2_000
# The tests' models have learned from 500 molecules: neither their domain nor their error bars are
# what a material is judged by here.
LOOSE = (
    "--set", "screen.in_domain=false", "--set", "screen.collector=carbon", "--set",
    "screen.level=0.5", "--set", "screen.keep=2000",
)  # fmt: skip


@pytest.fixture(scope="module")
def materials():
    return pd.read_csv(MATERIALS)


@pytest.fixture(scope="module")
def screened(trained, materials, tmp_path_factory):
    """Tables of a flow battery and of a cell with lithium."""
    folder = tmp_path_factory.mktemp("textbook")
    library = pd.read_csv(ROOT / "data/embedded/library.csv").sample(DECOYS, random_state=1)
    pd.concat([materials[["smiles"]], library[["smiles"]]]).to_csv(
        folder / "library.csv", index=False
    )
    screen = ["screen", folder / "library.csv", *LOOSE]
    run_all(
        [
            *screen,
            "--out",
            folder / "flow",
            "--cell",
            "flow",
            "--set",
            "screen.roles={n: {high: 4}}",
        ],
        [
            *screen,
            "--out",
            folder / "metal",
            "--cell",
            "metal",
            "--set",
            "screen.roles={n: {low: 0.5}}",
        ],
        cwd=trained,
    )
    return folder


@pytest.mark.parametrize("cell", ["flow", "metal"])
def test_each_is_found_in_its_role(screened, materials, cell):
    found = pd.read_csv(screened / cell / "candidates.csv").set_index(["row", "role"])
    every = pd.read_parquet(screened / cell / "all.parquet")
    for row, (name, _, role) in enumerate(materials.itertuples(index=False)):
        why = every[f"{role}_remark"][row] or every["status"][row]
        assert (row, role) in found.index, f"{name}: {why}"
        expected = "negative" if cell == "flow" and role == "n" else "positive"
        assert found.loc[(row, role), "electrode"] == expected, name
    assert (
        found.loc[[*zip(range(len(materials)), materials["role"], strict=True)], "tier"] == "fine"
    ).mean() > 0.9


def test_they_stand_before_the_decoys(screened, materials):
    found = pd.read_csv(screened / "flow/candidates.csv")
    rank = found.groupby("role")["rank"].transform(lambda ranks: ranks / ranks.max())
    known = found["row"] < len(materials)
    assert rank[known].median() < 0.25 < rank[~known].median()
