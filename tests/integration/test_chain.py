"""The stages one after another, as commands in a project folder."""

import json
import re

import numpy as np
import optuna
import pandas as pd
import pytest
import yaml

from helpers import run_all, set_params
from organode.models.splits import held_out
from organode.search.space import STRONG, THESIS_BEST


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


@pytest.mark.parametrize("target", ["IE", "EA"])
def test_search_tries_fixed_and_thesis_settings_and_keeps_the_better(trained, target):
    best = yaml.safe_load((trained / f"results/search/{target}/best.yaml").read_text())
    storage = f"sqlite:///{trained}/.organode/studies.db"
    (name,) = (one for one in optuna.get_all_study_names(storage) if one.startswith(target))
    fixed, other = optuna.load_study(study_name=name, storage=storage).get_trials()
    assert best["trials"] == 2
    against = best.get("against_fixed")
    kept = other if against and against["upper"] < 0 else fixed
    assert best["settings"] == kept.user_attrs["settings"]
    assert best["mean_fold_mae"] == pytest.approx(kept.value, abs=1e-6)
    assert best["mean_fold_mae"] == pytest.approx(np.mean(best["fold_maes"]), abs=1e-6)
    if against:
        assert against["difference"] == pytest.approx(other.value - fixed.value, abs=1e-5)
    assert fixed.state.name == "COMPLETE"
    assert fixed.params["loss"] == STRONG.loss
    thesis, first = THESIS_BEST[target], other.params
    assert (first["dropout"], first["l2"], first["counts"]) == (thesis.dropout, thesis.l2, False)
    assert not first["orbitals"]


def test_outer_rows_were_in_no_fold_of_any_member(trained):
    table = pd.read_parquet(trained / "results/evaluate/IE/predictions.parquet")
    splits = pd.read_parquet(trained / "data/splits.parquet")
    joined = table.merge(splits, on="row", validate="one_to_one", suffixes=("", "_decided"))
    assert len(joined) == len(table)
    assert (joined["fold"] == joined["fold_decided"].fillna(-1)).all()
    assert (table["outer"].notna() == (table["fold"] < 0)).all()
    assert (table["out_of_fold"].notna() == (table["fold"] >= 0)).all()


def test_training_goes_on_from_labels_by_other_protocols(project, called):
    set_params(project, "pretrain.epochs=3")
    done = called("train", "EA", cwd=project)
    assert done.returncode == 1
    assert "results/pretrain/EA holds no pre-trained network: run `organode pretrain" in done.stderr
    done = called("pretrain", "EA", cwd=project)
    assert done.returncode == 0, done.stderr
    # The embedded rows of the project are those that it is trained and tested on.
    table = pd.read_parquet(project / "data/pretraining/molecules.parquet")
    learned = int(re.search(r"pre-trained on EA \((\d+)\)", done.stdout)[1])
    assert 0.7 * len(table) < learned <= (~held_out(table["smiles"])).sum()
    run_all(["train", "EA"], ["calibrate", "EA"], ["evaluate", "EA"], cwd=project)
    training = json.loads((project / "results/train/EA/training.json").read_text())
    assert training["start"].startswith(f"pre-trained on EA ({learned})")
    assert training["known_to_start"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["@champion", "packaged"])
def test_training_goes_on_from_an_earlier_model(project, name, called):
    results = project / "results/evaluate/IE/metrics.json"
    before = json.loads(results.read_text())
    done = called("train", "IE", "--from", name, cwd=project)
    assert done.returncode == 0, done.stderr
    assert f"{name} (version " in done.stderr
    training = json.loads((project / "results/train/IE/training.json").read_text())
    assert training["start"].startswith(f"{name} (version ")
    assert training["known_to_start"] > 0
    assert "were known to" in done.stderr
    run_all(["calibrate", "IE"], ["evaluate", "IE"], ["register", "IE"], cwd=project)
    after = json.loads(results.read_text())
    assert after["out_of_fold"]["mae"] < before["out_of_fold"]["mae"]


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (["--from", "nothing"], ["nothing", "model export"]),
        (["--from", "EA@champion"], ["does not predict IE"]),
        (["--from", "packaged", "--best", "best.yaml"], ["--best or --from"]),
    ],
)
def test_impossible_start_is_refused(trained, tmp_path, options, parts, called):
    (tmp_path / "best.yaml").touch()
    done = called("train", "IE", *options, cwd=trained)
    assert done.returncode == 2, done.stderr
    assert all(part in done.stderr for part in parts)
