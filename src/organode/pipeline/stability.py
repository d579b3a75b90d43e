"""The stage `stability`: fit and test the model that predicts whether radical ions are stable."""

from __future__ import annotations

from typing import Any

from organode.artifacts import (
    STABILITY_CONTENT,
    STABILITY_COUPLES,
    STABILITY_FILES,
    STABILITY_FIT,
    STABILITY_FOLDER,
    headline_path,
    metrics_path,
)
from organode.electrochemistry.stability.chance import DESCRIPTION, FEATURES, RIDGE, Stability
from organode.electrochemistry.stability.couples import read_couples
from organode.electrochemistry.stability.relaxed_ions import RelaxedIons
from organode.electrochemistry.stability.signals import Signals, errors_of
from organode.evaluate import stability_figures as figures
from organode.evaluate.stability_metrics import metrics_of
from organode.label.ions.table import read_ions
from organode.settings import Settings
from organode.tracking.model_run import StabilityRun
from organode.utils.checksums import write_checksums
from organode.utils.files import replacing_folder, sha256, write_json
from organode.utils.progress import bar
from organode.utils.tables import write_csv
from organode.utils.threads import one_thread


def stability(settings: Settings) -> dict[str, Any]:
    """Fit and test the model of the stability of radical ions; write model, metrics and figures.

    The training data are redox couples that voltammetry showed to be reversible or irreversible,
    and radical ions whose geometries xTB, a semi-empirical method, relaxed. For the test, the
    couples of each family of molecules are predicted by a model fitted to the other families.

    Parameters
    ----------
    settings : Settings
        All of `params.yaml`. The section `stability` names the tables of reversible or irreversible
        couples and of relaxed ions; `calibrate.measured` names the table of measured potentials,
        which holds further couples.

    Returns
    -------
    dict
        Metrics of the predictions for left-out families, such as the Brier score in
        ``["left_out"]["brier"]``; see `organode.evaluate.stability_metrics.metrics_of`.

    Raises
    ------
    OrganodeError
        If a table is missing or cannot be read, there are too few couples, or the MLflow server
        cannot be reached.
    UsageError
        If a row of a table is invalid.
    """
    measured, literature = settings.calibrate.measured, settings.stability.couples
    couples, table = read_couples(measured, literature), read_ions(settings.stability.ions)
    parameters = {
        "couples": str(literature),
        "measured": str(measured),
        "ions": str(settings.stability.ions),
        "features": len(FEATURES),
        "ridge": RIDGE,
    }
    run = StabilityRun.start(couples, parameters)
    with (
        one_thread(),
        bar("stability", len(table) + len(couples), "ions and couples") as progress,
    ):
        ions = RelaxedIons.of(table)
        signals, errors = Signals.fit(ions), errors_of(ions)
        progress.advance(len(table))
        model = Stability.fit(couples, signals)
        progress.advance(len(couples))
    metrics = metrics_of(model.couples, errors)
    results = metrics_path("stability").parent
    with replacing_folder(STABILITY_FOLDER, STABILITY_FILES) as folder:
        model.save(folder)
        write_json(folder / STABILITY_FIT, parameters)
        write_checksums(folder, STABILITY_CONTENT)
    write_csv(model.couples.round({"left_out": 4}), results / STABILITY_COUPLES)
    figures.calibration(model.couples, results / "calibration.png")
    write_json(metrics_path("stability"), metrics)
    write_json(headline_path("stability"), {"stable_brier": metrics["left_out"]["brier"]})
    run.log_cost("stability")
    run = run.assign_model(sha256(STABILITY_FOLDER / DESCRIPTION))
    run.log_evaluation(metrics, results)
    return metrics
