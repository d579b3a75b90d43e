"""The stages one after another, as commands in a project folder."""

import json
import sqlite3

import numpy as np
import pandas as pd
import pytest
import yaml


def test_no_row_is_lost_on_the_way(trained):
    source = pd.read_csv(trained / "data/embedded/molecules.csv")
    curated = trained / "data/curated"
    rows = [
        *pd.read_parquet(curated / "molecules.parquet")["row"],
        *pd.read_csv(curated / "rejected.csv")["row"],
        *pd.read_csv(curated / "merged.csv")["row"],
    ]
    assert sorted(rows) == list(range(len(source)))


def test_no_structure_is_on_both_sides_of_the_split(trained):
    table = pd.read_parquet(trained / "data/curated/molecules.parquet")
    splits = pd.read_parquet(trained / "data/splits.parquet")
    assert list(splits.columns) == ["row", "split", "fold"]
    joined = table.merge(splits, on="row", validate="one_to_one")
    assert len(joined) == len(table)
    assert set(joined["split"]) == {"outer", "fold"}
    assert joined["smiles"].is_unique
    assert joined.loc[joined["split"] == "outer", "fold"].isna().all()
    assert set(joined.loc[joined["split"] == "fold", "fold"]) == {0, 1, 2}
    assert (joined["split"] == "outer").mean() == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize("target", ["IE", "EA"])
def test_metrics_are_those_of_the_predictions(trained, target):
    folder = trained / f"results/evaluate/{target}"
    metrics = json.loads((folder / "metrics.json").read_text())
    table = pd.read_parquet(folder / "predictions.parquet")
    for part in ("outer", "out_of_fold", "whole_set"):
        shown = table[table[part].notna()]
        error = (shown[part] - shown["label"]).abs()
        assert metrics[part]["n"] == len(shown)
        assert metrics[part]["mae"] == pytest.approx(error.mean(), abs=1e-6)
        assert metrics[part]["rmse"] == pytest.approx(np.sqrt((error**2).mean()), abs=1e-6)
        assert metrics[part]["sd_abs_error"] == pytest.approx(error.std(ddof=0), abs=1e-6)
    known = metrics["out_of_fold"]
    assert metrics["margin"] == pytest.approx(known["mae"] + 2 * known["sd_abs_error"], abs=1e-5)
    assert metrics["outer"]["n"] + metrics["out_of_fold"]["n"] == metrics["whole_set"]["n"]
    for figure in ("parity", "residuals", "learning_curves"):
        assert (folder / f"{figure}.png").read_bytes().startswith(b"\x89PNG")


def test_the_search_tried_the_thesis_first_and_kept_the_best(trained):
    best = yaml.safe_load((trained / "results/search/EA/best.yaml").read_text())
    assert best["trials"] == 2
    assert best["mean_fold_mae"] == pytest.approx(np.mean(best["fold_maes"]), abs=1e-6)
    with sqlite3.connect(trained / ".organode/studies.db") as studies:
        (tried,) = studies.execute("select count(*) from trials").fetchone()
    assert tried == 4  # two targets


def test_outer_rows_were_in_no_fold_of_any_member(trained):
    table = pd.read_parquet(trained / "results/evaluate/IE/predictions.parquet")
    assert (table["outer"].notna() == (table["fold"] < 0)).all()
    assert (table["out_of_fold"].notna() == (table["fold"] >= 0)).all()
