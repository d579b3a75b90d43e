"""The stage `evaluate`: compute metrics and draw figures of one target's model."""

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
from organode.pipeline.tables.checks import check
from organode.settings import Settings
from organode.tracking.model_run import EnsembleRun
from organode.utils.files import write_json
from organode.utils.progress import bar
from organode.utils.tables import write_csv, write_table


def evaluate(target: str, settings: Settings, out: Path | None = None) -> dict[str, Any]:
    """Predict every labelled row; write `metrics.json`, `predictions.parquet`, tables and figures.

    Predicted energies are compared with the labels. Potentials that the laboratory scale predicts
    are compared with measured potentials; the potentials of each family of molecules are predicted
    by a scale fitted to the other families.

    Parameters
    ----------
    target : str
        ``IE`` or ``EA``.
    settings : Settings
        All of `params.yaml`.
    out : Path, optional
        Path of ``metrics.json``, by default ``results/evaluate/<target>/metrics.json``. The other
        files are written into the same folder.

    Returns
    -------
    dict
        The content of ``metrics.json``. Three entries hold errors of energies, as from
        `organode.models.metrics.errors`: `outer` (test set), `out_of_fold` (training rows, each
        predicted by the network that was not trained on the row) and `whole_set` (all rows,
        predicted by the mean of all networks, most of which were trained on the row).
        `outer_unflagged` and `out_of_fold_unflagged` are like `outer` and `out_of_fold`, without
        rows whose label was flagged as doubtful by the stage `curate`; they are absent if all rows
        are flagged. `scrambled`: errors of a network trained on shuffled labels, as a control.
        `intervals`: `level` of the prediction intervals, and their coverage of the test set.
        `decision`: how well the interval of each molecule tells whether the label is inside the
        potential window of the screening, as from `organode.evaluate.coverage.decisions`.
        `decision_margin`: the same, but with the prediction ± `margin` as the interval of every
        molecule. `margin` (eV) is the out-of-fold MAE plus `margin_sd` standard deviations of the
        absolute error, as in the 2020 thesis that the project began with. `measured`: errors of
        potentials in V, as from `organode.evaluate.laboratory_metrics.against_measured`.

    Raises
    ------
    OrganodeError
        If the ensemble was trained on other folds than those of the present splits.
    """
    folder = ensemble_folder(target)
    path = out or metrics_path(target)
    model = TargetModel.load(folder, calibration_folder(target))
    data = Labelled.read(target)
    if sorted(model.networks.folds) != list(range(data.n_folds)):
        raise OrganodeError(f"{folder} was trained on other folds: run `organode train {target}`")
    run = EnsembleRun.resume(target, model.networks.settings, folder)
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
    """Return the three most important metrics of a target, by names that no other target has.

    For IE they are `IE_mae` (test set, eV), `IE_covered` (share of the labels in the test set that
    lie inside their 95 % interval) and `E_ox_mae` (mean absolute error of oxidation potentials
    against measured potentials, each family of molecules predicted by a fit to the other families,
    V). For EA they are `EA_mae`, `EA_covered` and `E_red_mae`. `metrics` comes from `evaluate`.
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
    """Compare the potentials of the laboratory scale with measured potentials, and return metrics.

    Tables and figures are written into `folder`.
    """
    table = model.scale.table(LEVEL)
    groups = by_family(table)
    write_csv(table[list(COLUMNS)].round(4), folder / MEASURED)
    write_csv(groups, folder / "measured_by_family.csv")
    laboratory_figures.parity(model.target, table, LEVEL, folder / "measured_parity.png")
    laboratory_figures.families(model.target, groups, LEVEL, folder / "measured_by_family.png")
    return against_measured(table, LEVEL)


def _window(settings: Settings) -> tuple[float, float]:
    """Return the lower and upper end of the screening's potential window as energies, eV vs vacuum.

    An end in V vs Li/Li⁺ is converted by adding the setting `screen.absolute_li`, the potential of
    Li/Li⁺ vs vacuum; the laboratory scale is not used.
    """
    low, high = computed_window(settings.screen)
    zero = settings.screen.absolute_li
    return low + zero, high + zero


def predictions(model: TargetModel, data: Labelled) -> pd.DataFrame:
    """Predict the labelled rows, and give the test set error bars and an applicability domain.

    Returns
    -------
    pandas.DataFrame
        For every labelled row: `row` (number in the fetched table), `smiles`, `fold` (−1 for the
        test set), `label` (eV), `out_of_fold` (prediction by the ensemble member that was not
        trained on the row, eV; NaN in the test set), `outer` (mean prediction of all members, eV;
        NaN outside the test set), `whole_set` (mean prediction of all members for every row, eV),
        `flagged` (whether the stage `curate` flagged the label as doubtful), `family` (of the
        molecule, such as ``quinone``, from `organode.chem.motifs`) and `beside` (label of the other
        target, EA for IE and IE for EA, in eV; NaN if unknown). For the test set only: `lower` and
        `upper` (ends of the 95 % interval, eV), `expected` (expected absolute error, eV),
        `quantile` (of the label in the predictive distribution, 0 to 1), `similarity` (Tanimoto
        similarity to the nearest training molecule) and `in_domain` (whether the molecule is in the
        applicability domain).
    """
    predictions = model.networks.predict(data.matrix(model.networks.inputs))
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
            "out_of_fold": model.networks.out_of_fold(predictions, data.fold),
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
