"""Which radical ions last, learned from couples that were seen to be reversible or not."""

from pathlib import Path
from typing import Any

from organode.checksums import CHECKSUMS, damaged, read_json
from organode.electrochemistry.stability.chance import DESCRIPTION
from organode.evaluate import headline_path, metrics_path

FOLDER = Path("results/stability")
FIT = "fit.json"
CONTENT = (DESCRIPTION, FIT)
FILES = (*CONTENT, CHECKSUMS)
COUPLES = "couples.csv"
METRICS = metrics_path("stability")
HEADLINE = headline_path("stability")


def read_metrics() -> dict[str, Any]:
    """Return what the stage `stability` measured.

    Raises
    ------
    OrganodeError
        If `metrics.json` is missing or damaged.
    """
    remedy = "run `organode stability` again"
    metrics: dict[str, Any] = read_json(METRICS, remedy)
    try:
        numbers = [metrics["left_out"][name] for name in ("n", "auc", "brier")]
        parts = [*metrics["by_side"].values(), *metrics["by_origin"].values()]
        numbers += [part["brier"] for part in parts]
    except (KeyError, TypeError, AttributeError) as error:
        raise damaged(METRICS, remedy) from error
    if not all(isinstance(number, int | float) for number in numbers):
        raise damaged(METRICS, remedy)
    return metrics
