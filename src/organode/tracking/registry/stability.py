"""The registered model of which radical ions last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from organode.artifacts import (
    STABILITY_COUPLES,
    STABILITY_FIT,
    STABILITY_FOLDER,
    metrics_path,
    read_stability_metrics,
)
from organode.electrochemistry.stability.chance import (
    DESCRIPTION,
    FEATURES,
    SEEN,
    SIDES,
    Stability,
    stable_types,
)
from organode.models.predictor import predict_stability
from organode.tracking.model_run import StabilityRun
from organode.tracking.registry.card import render
from organode.tracking.registry.kind import Kind, Outcome, TableOf, by_comparison, different
from organode.tracking.registry.versions import Registered
from organode.utils.checksums import read_json
from organode.utils.files import sha256

PART = "stability"  # of a version's artefacts, as in `served`


class OfStability(Kind[Stability]):
    """Rules, orbitals, and the probabilities that were fitted to them."""

    target = "stability"
    description = "Probabilities that the oxidised and the reduced form last, from SMILES."
    parts = {PART: STABILITY_FOLDER}  # noqa: RUF012 (nobody changes it)
    metrics_path = metrics_path("stability")
    made_by = measured_by = "organode stability"
    served_by = Path(__file__).parent / "served" / "stability.py"
    columns = {  # noqa: RUF012
        name: kind for side in SIDES for name, kind in stable_types(side).items()
    }
    data_version = ("source", "data_sha256")

    def load(self, *folders: Path) -> Stability:
        """Read the one part."""
        return Stability.load(*folders)

    def answers(self, model: Stability, smiles: Sequence[str]) -> pd.DataFrame:
        """Return probabilities of both sides."""
        return predict_stability(model, smiles)

    def digest(self) -> str:
        """Return the SHA-256 of the fit, the couples in it included."""
        return sha256(STABILITY_FOLDER / DESCRIPTION)

    def metrics(self) -> dict[str, Any]:
        """Return what the stage measured of families left out."""
        return read_stability_metrics()

    def headline(self, metrics: Mapping[str, Any]) -> dict[str, float]:
        """Return Brier score and area under the curve of families left out."""
        return StabilityRun.headline(metrics)

    def run(self, model: Stability) -> StabilityRun:
        """Go on with the run that the stage began."""
        parameters = read_json(STABILITY_FOLDER / STABILITY_FIT, f"run `{self.made_by}` again")
        return StabilityRun.resume(model.couples, parameters, self.digest())

    def card(self, model: Stability, metrics: dict[str, Any]) -> str:
        """Return data, test and limits."""
        return render(
            "stability.md.j2",
            lambda: {
                "metrics": metrics,
                "rows": [
                    ("all couples", metrics["left_out"]),
                    *metrics["by_side"].items(),
                    *((f"of {name}", part) for name, part in metrics["by_origin"].items()),
                ],
                "weights": list(zip(FEATURES, model.weight, strict=True)),
                "seen": SEEN,
                "families": sorted(model.couples["family"].unique()),
            },
            f"{self.metrics_path} is damaged",
            f"run `{self.measured_by}` again",
        )

    def compare(self, candidate: Registered, champion: Registered, table_of: TableOf) -> Outcome:
        """Compare squared errors of couples, each predicted without its family."""
        from organode.tracking.registry.compare import (
            compare_couples,  # imports scipy.stats: not to predict
        )

        if why_not := different(candidate, champion, {"data_sha256": "couples"}):
            return Outcome(None, why_not)
        rows = [table_of(one, STABILITY_COUPLES, pd.read_csv) for one in (candidate, champion)]
        return by_comparison(candidate, champion, compare_couples(*rows))
