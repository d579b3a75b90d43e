"""The stage `evaluate`: metrics, figures and the margin of one target's ensemble."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from organode.ensemble import Ensemble
from organode.errors import OrganodeError
from organode.evaluate import metrics_path
from organode.evaluate.figures import learning_curves, parity, residuals
from organode.evaluate.metrics import errors
from organode.expectations import check
from organode.files import write_json
from organode.labelled import Labelled
from organode.progress import bar
from organode.settings import Settings
from organode.tables import write_table
from organode.tracking import ModelRun
from organode.train import CURVES, model_folder

PARTS = ("out_of_fold", "outer", "whole_set")


def evaluate(target: str, settings: Settings, out: Path | None = None) -> dict[str, Any]:
    """Predict every row, write `metrics.json`, `predictions.parquet` and the figures.

    Returns
    -------
    dict
        `outer`, `out_of_fold` and `whole_set`, each as `errors` gives them; the first two also
        without the rows that curation flagged (`outer_unflagged`, `out_of_fold_unflagged`), so
        that nobody has to guess what hard rows cost; and `margin` (eV):
        out-of-fold MAE plus `evaluate.margin_sd` standard deviations of the absolute error,
        the error bar of the thesis's screening.

    Raises
    ------
    OrganodeError
        If the ensemble does not belong to these folds.
    """
    folder = model_folder(target)
    path = out or metrics_path(target)
    ensemble = Ensemble.load(folder)
    data = Labelled.read(target)
    if sorted(member.fold for member in ensemble.members) != list(range(data.n_folds)):
        raise OrganodeError(f"{folder} was trained on other folds: run `organode train {target}`")
    run = ModelRun.resume(target, ensemble.settings, folder)
    with bar(f"evaluate {target}", 1, "ensembles") as progress:
        table = predictions(ensemble, data)
        progress.advance()
    metrics: dict[str, Any] = {}
    for part in PARTS:
        shown = table[table[part].notna()]
        metrics[part] = errors(shown["label"].to_numpy(), shown[part].to_numpy())
        if part != "whole_set" and not shown["flagged"].all():
            sure = shown[~shown["flagged"]]
            metrics[f"{part}_unflagged"] = errors(sure["label"].to_numpy(), sure[part].to_numpy())
    known = metrics["out_of_fold"]
    metrics["margin"] = round(known["mae"] + settings.evaluate.margin_sd * known["sd_abs_error"], 6)
    metrics["margin_sd"] = settings.evaluate.margin_sd
    check(table, "predictions")
    write_table(table, path.parent / "predictions.parquet")
    curves = pd.read_csv(folder / CURVES)
    parity(target, table, metrics, path.parent / "parity.png")
    residuals(target, table, metrics, path.parent / "residuals.png")
    learning_curves(target, curves, path.parent / "learning_curves.png")
    write_json(path, metrics)
    run.log_evaluation(metrics, path.parent)
    return metrics


def predictions(ensemble: Ensemble, data: Labelled) -> pd.DataFrame:
    """Predict every labelled row in the three ways that are compared.

    Returns
    -------
    pandas.DataFrame
        `row`, `smiles`, `fold` (−1 for outer rows), `label`, `out_of_fold` (by the member that
        had not seen the row), `outer` (mean of the members), `whole_set` (mean of the members
        for every row, training rows included); eV, NaN where a row is not in the part; `flagged`
        (curation found something that speaks against the row).
    """
    outputs = ensemble.outputs(data.matrix(ensemble.inputs))
    mean = outputs.mean(axis=0)
    held_out = np.full(len(mean), np.nan)
    for member, output in zip(ensemble.members, outputs, strict=True):
        mine = data.fold == member.fold
        held_out[mine] = output[mine]
    return pd.DataFrame({
        "row": data.row, "smiles": data.smiles, "fold": data.fold, "label": data.label,
        "out_of_fold": held_out,
        "outer": np.where(data.fold < 0, mean, np.nan),
        "whole_set": mean,
        "flagged": data.flagged,
    })  # fmt: skip
