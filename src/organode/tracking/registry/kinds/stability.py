"""The kind of the registered model that predicts whether radical ions are stable."""

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
from organode.tracking.registry.kinds.card import render_card
from organode.tracking.registry.kinds.kind import (
    Exported,
    ModelKind,
    Outcome,
    TableReader,
    difference_in,
    outcome_of,
)
from organode.tracking.registry.versions import Registered
from organode.utils.checksums import read_json
from organode.utils.files import sha256

PART = "stability"  # artefact of a version, also in `served`


class StabilityKind(ModelKind[Stability]):
    """The kind of the stability model, a logistic regression on rules, orbitals and signals.

    Signals are properties of the relaxed ion, as computed by xTB, that linear models predict.
    """

    target = "stability"
    description = "Probabilities that the oxidised and the reduced form are stable, from SMILES."
    made_by = measured_by = "organode stability"
    served_by = Path(__file__).parents[1] / "served" / "stability.py"
    columns = {  # noqa: RUF012
        name: kind for side in SIDES for name, kind in stable_types(side).items()
    }
    data_version = ("source", "data_sha256")

    def __init__(self, exported: Exported | None = None) -> None:
        self.exported = exported
        folder = exported.folder if exported is not None else STABILITY_FOLDER
        self.parts = {PART: folder}
        self.metrics_path = metrics_path(self.target)
        if exported is not None:
            self.metrics_path = folder / self.metrics_path.name

    def load(self, *folders: Path) -> Stability:
        """Read the fitted model from its folder."""
        return Stability.load(*folders)

    def predictions(self, model: Stability, smiles: Sequence[str]) -> pd.DataFrame:
        """Return probabilities that oxidised and reduced form are stable, a row for each SMILES."""
        return predict_stability(model, smiles)

    def digest(self) -> str:
        """Return the SHA-256 of the model's file, which also holds its training data."""
        return sha256(self.parts[PART] / DESCRIPTION)

    def metrics(self) -> dict[str, Any]:
        """Return the metrics that the stage `stability` wrote."""
        return read_stability_metrics(self.metrics_path)

    def headline(self, metrics: Mapping[str, Any]) -> dict[str, float]:
        """Return `test_brier` (Brier score) and `test_auc` (area under the ROC curve).

        For both, each family of molecules was predicted by a model fitted to the other families.
        """
        return StabilityRun.headline(metrics)

    def model_run(self, model: Stability) -> StabilityRun:
        """Return the MLflow run of the model, which `stability` started, or else a new run."""
        parameters = read_json(self.parts[PART] / STABILITY_FIT, f"run `{self.made_by}` again")
        tags = self.exported.tags if self.exported is not None else None
        return StabilityRun.resume(model.couples, parameters, self.digest(), provenance=tags)

    def card(self, model: Stability, metrics: dict[str, Any]) -> str:
        """Return the model card as Markdown: data, test and limits."""
        if self.exported is not None:
            return self.exported.card()
        return render_card(
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

    def compare(
        self, candidate: Registered, champion: Registered, read_table: TableReader
    ) -> Outcome:
        """Compare the squared errors of the probabilities that two versions predicted.

        Each family of molecules was predicted by a model fitted to the other families.
        """
        from organode.tracking.registry.comparison import (
            compare_couples,  # imported here: predicting needs no scipy.stats
        )

        if objection := difference_in(candidate, champion, {"data_sha256": "couples"}):
            return Outcome(None, objection)
        tables = [
            read_table(version, STABILITY_COUPLES, pd.read_csv) for version in (candidate, champion)
        ]
        return outcome_of(candidate, champion, compare_couples(*tables))
