"""The stage `evaluate`: metrics and figures of one target's model."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rdkit import Chem

from organode.artifacts import (
    CURVES,
    MEASURED,
    PARTS,
    PREDICTIONS,
    SCRAMBLED,
    calibration_folder,
    ensemble_folder,
    headline_path,
    metrics_path,
    stored_ensemble,
)
from organode.chem.features import Molecules
from organode.chem.motifs import family
from organode.electrochemistry import computed_window
from organode.electrochemistry.scale.potential import POTENTIALS
from organode.errors import OrganodeError
from organode.evaluate import figures, laboratory_figures
from organode.evaluate.coverage import by_group, by_level, by_similarity, coverage, decisions
from organode.evaluate.laboratory_metrics import COLUMNS, against_measured, by_family
from organode.models.metrics import errors
from organode.models.predictor import TargetModel
from organode.models.training_data import Labelled
from organode.models.uncertainty.error_bars import LEVEL
from organode.pipeline.schemas import check
from organode.settings import Settings
from organode.tracking.model_run import EnsembleRun
from organode.utils.files import write_json
from organode.utils.progress import bar
from organode.utils.tables import write_csv, write_table


def evaluate(target: str, settings: Settings, out: Path | None = None) -> dict[str, Any]:
    """Predict every row; write `metrics.json`, `predictions.parquet`, tables and figures.

    Energies are compared with labels, the laboratory scale with measured potentials of left-out
    families.

    Returns
    -------
    dict
        `outer` (the test set), `out_of_fold` and `whole_set`, each as from `errors`; the first two
        also without the rows that curation flagged (`outer_unflagged`, `out_of_fold_unflagged`);
        `scrambled`, the control with shuffled labels; `intervals`, as from `coverage`; `decision`,
        as from `decisions` for the window of the screening, with the interval of each molecule, and
        `decision_margin`, with one `margin` (eV) for all: out-of-fold MAE plus `evaluate.margin_sd`
        standard deviations of the absolute error, as in the screening of the thesis; and
        `measured`, as from `against_measured`.

    Raises
    ------
    OrganodeError
        If the ensemble does not belong to these folds.
    """
    folder = ensemble_folder(target)
    path = out or metrics_path(target)
    model = TargetModel.load(folder, calibration_folder(target))
    data = Labelled.read(target)
    if sorted(member.fold for member in model.ensemble.members) != list(range(data.n_folds)):
        raise OrganodeError(f"{folder} was trained on other folds: run `organode train {target}`")
    run = EnsembleRun.resume(target, model.ensemble.settings, folder)
    with bar(f"evaluate {target}", len(data.row), "molecules") as progress:
        table = predictions(model, data)
        progress.advance(len(table))
    metrics: dict[str, Any] = {}
    for part in PARTS:
        shown = table[table[part].notna()]
        metrics[part] = errors(shown["label"].to_numpy(), shown[part].to_numpy())
        if part != "whole_set" and not shown["flagged"].all():
            good = shown[~shown["flagged"]]
            metrics[f"{part}_unflagged"] = errors(good["label"].to_numpy(), good[part].to_numpy())
    outer = table[table["fold"] < 0]
    out_of_fold = metrics["out_of_fold"]
    margin_sd = settings.evaluate.margin_sd
    margin = round(out_of_fold["mae"] + margin_sd * out_of_fold["sd_abs_error"], 6)
    limits = _window(settings)
    metrics["scrambled"] = stored_ensemble(folder).json(SCRAMBLED)
    metrics["intervals"] = {"level": LEVEL, **coverage(outer)}
    metrics["decision"] = decisions(outer, *limits)
    one_bar = outer.assign(lower=outer["outer"] - margin, upper=outer["outer"] + margin)
    metrics["decision_margin"] = decisions(one_bar, *limits)
    metrics["margin"] = margin
    metrics["margin_sd"] = margin_sd
    metrics["measured"] = _against_measured(model, path.parent)
    check(table, "predictions")
    write_table(table, path.parent / PREDICTIONS)
    tables = {
        "similarity": by_similarity(outer),
        "family": by_group(outer, outer["family"]),
        "level": by_level(outer["quantile"]),
    }
    for name, groups in tables.items():
        write_csv(groups, path.parent / f"by_{name}.csv")
    curves = pd.read_csv(io.BytesIO(stored_ensemble(folder).read(CURVES)))
    _draw(target, table, metrics, tables, curves, path.parent)
    write_json(path, metrics)
    write_json(headline_path(target), headline(target, metrics))
    run.log_cost("evaluate")
    run.log_evaluation(metrics, path.parent)
    return metrics


def headline(target: str, metrics: dict[str, Any]) -> dict[str, float]:
    """Return the most important metrics, by names that are unique among targets.

    MAE in eV and coverage of the 95 % intervals on the test set; MAE in V against measured
    potentials of left-out families.
    """
    return {
        f"{target}_mae": round(metrics["outer"]["mae"], 4),
        f"{target}_covered": metrics["intervals"]["covered"],
        f"{POTENTIALS[target]}_mae": metrics["measured"]["mae"],
    }


def _draw(
    target: str,
    table: pd.DataFrame,
    metrics: dict[str, Any],
    tables: dict[str, pd.DataFrame],
    curves: pd.DataFrame,
    folder: Path,
) -> None:
    outer = table[table["fold"] < 0]
    figures.parity(target, table, metrics, folder / "parity.png")
    figures.residuals(target, table, metrics, folder / "residuals.png")
    figures.learning_curves(target, curves, folder / "learning_curves.png")
    figures.intervals(target, outer, folder / "intervals.png")
    figures.calibration(target, outer["quantile"], tables["level"], folder / "calibration.png")
    figures.map_of_errors(target, outer, folder / "map.png")
    for name in ("similarity", "family"):
        figures.error_bars(target, tables[name], name, folder / f"by_{name}.png")


def _against_measured(model: TargetModel, folder: Path) -> dict[str, Any]:
    """Return the metrics of the laboratory scale; write its tables and figures."""
    table = model.scale.table(LEVEL)
    groups = by_family(table)
    write_csv(table[list(COLUMNS)].round(4), folder / MEASURED)
    write_csv(groups, folder / "measured_by_family.csv")
    laboratory_figures.parity(model.target, table, LEVEL, folder / "measured_parity.png")
    laboratory_figures.families(model.target, groups, LEVEL, folder / "measured_by_family.png")
    return against_measured(table, LEVEL)


def _window(settings: Settings) -> tuple[float, float]:
    """Return the window of the screening as energies in eV, by the computed scale."""
    low, high = computed_window(settings.screen)
    zero = settings.screen.absolute_li
    return low + zero, high + zero


def predictions(model: TargetModel, data: Labelled) -> pd.DataFrame:
    """Predict labelled rows: training rows out of fold, test rows, and all rows by all members.

    Returns
    -------
    pandas.DataFrame
        `row`, `smiles`, `fold` (−1 for the test set), `label`, `out_of_fold` (by the member that
        has not seen the row), `outer` (mean of the members, test set only), `whole_set` (mean of
        the members for every row, training rows included); eV, NaN where a row is not in the part;
        `flagged` (whether curation doubts the row); `family`; `beside` (label of the other target,
        eV); and for the test set `lower` and `upper` (eV), `expected` (expected error, eV),
        `quantile` (of the label in the predictive distribution), `similarity` and `in_domain`.
    """
    predictions = model.ensemble.predict(data.matrix(model.ensemble.inputs))
    mean = predictions.mean(axis=0)
    outer = data.fold < 0
    molecules = [Chem.MolFromSmiles(smiles) for smiles in data.smiles]
    test_set = [molecule for molecule, is_outer in zip(molecules, outer, strict=True) if is_outer]
    reliability = model.uncertainty.reliability(Molecules(test_set), mean[outer])
    predictive = model.uncertainty.predictive
    of_test_set = predictions[:, outer]
    lower, upper = predictive.interval(of_test_set, reliability.expected, LEVEL)
    table = pd.DataFrame(
        {
            "row": data.row,
            "smiles": data.smiles,
            "fold": data.fold,
            "label": data.label,
            "out_of_fold": model.ensemble.out_of_fold(predictions, data.fold),
            "outer": np.where(outer, mean, np.nan),
            "whole_set": mean,
            "flagged": data.flagged,
            "family": [family(molecule) for molecule in molecules],
            "beside": data.beside,
        }
    )
    for name, values in (
        ("lower", lower),
        ("upper", upper),
        ("expected", reliability.expected),
        ("quantile", predictive.share_below(of_test_set, reliability.expected, data.label[outer])),
        ("similarity", reliability.similarity.astype(float)),
    ):
        table.loc[outer, name] = values
    table["in_domain"] = pd.array([pd.NA] * len(table), "boolean")
    table.loc[outer, "in_domain"] = [not reason for reason in reliability.reasons]
    return table
