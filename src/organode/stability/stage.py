"""The stage `stability`: probabilities that radical ions last, and how good they are."""

from __future__ import annotations

from typing import Any

from organode.checksums import write_checksums
from organode.electrochemistry.stability.chance import DESCRIPTION, FEATURES, RIDGE, Stability
from organode.electrochemistry.stability.couples import read_couples
from organode.files import replacing_folder, sha256, write_json
from organode.progress import bar
from organode.settings import Settings
from organode.stability import CONTENT, COUPLES, FILES, FIT, FOLDER, HEADLINE, METRICS, figures
from organode.stability.metrics import metrics_of
from organode.tables import write_csv
from organode.tracking.models import StabilityRun


def stability(settings: Settings) -> dict[str, Any]:
    """Fit to all couples, and to all families but one, each in turn; write model and errors.

    Returns
    -------
    dict
        What `metrics_of` says of the families left out.

    Raises
    ------
    OrganodeError
        If a table is missing or cannot be read, there are too few couples, or the tracking server
        cannot be reached.
    """
    measured, literature = settings.calibrate.measured, settings.stability.couples
    couples = read_couples(measured, literature)
    parameters = {
        "couples": str(literature),
        "measured": str(measured),
        "features": len(FEATURES),
        "ridge": RIDGE,
    }
    run = StabilityRun.start(couples, parameters)
    with bar("stability", len(couples), "couples") as progress:
        model = Stability.fit(couples)
        progress.advance(len(couples))
    metrics = metrics_of(model.couples)
    with replacing_folder(FOLDER, FILES) as folder:
        model.save(folder)
        write_json(folder / FIT, parameters)
        write_checksums(folder, CONTENT)
    write_csv(model.couples.round({"left_out": 4}), METRICS.parent / COUPLES)
    figures.calibration(model.couples, METRICS.parent / "calibration.png")
    write_json(METRICS, metrics)
    write_json(HEADLINE, {"stable_brier": metrics["left_out"]["brier"]})
    run.log_cost("stability")
    run = run.is_of(sha256(FOLDER / DESCRIPTION))
    run.log_evaluation(metrics, METRICS.parent)
    return metrics
