"""The registered models of IE and EA."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from organode.artifacts import (
    CURATION_SUMMARY,
    MEASURED,
    PREDICTIONS,
    PROVENANCE,
    TRAINING,
    calibration_folder,
    ensemble_folder,
    metrics_path,
    read_metrics,
    stored_ensemble,
)
from organode.electrochemistry import LI
from organode.electrochemistry.scale.gaussian_process import HOME
from organode.electrochemistry.scale.potential import POTENTIALS
from organode.errors import OrganodeError
from organode.models.predictor import Model, digest, energy_types, predict
from organode.models.uncertainty.error_bars import LEVEL
from organode.tracking.client import what_the_labels_are
from organode.tracking.model_run import EnsembleRun
from organode.tracking.registry.card import read_if_there, render
from organode.tracking.registry.kind import Kind, Outcome, TableOf, by_comparison, different
from organode.tracking.registry.versions import Registered

if TYPE_CHECKING:
    from organode.tracking.registry.compare import Comparison

NETWORKS, ERROR_BARS = "networks", "error_bars"  # of a version's artefacts, as in `served`
DESCRIPTIONS = {
    "IE": "Energy to remove an electron in eV, absolute, and E_ox in V, from SMILES.",
    "EA": "Energy gained by an electron in eV, absolute, and E_red in V, from SMILES.",
}
QUANTITIES = {
    "IE": "Ionization energy, E(one electron less) − E(species)",
    "EA": "Electron affinity, E(species) − E(one electron more)",
}
ROWS = {
    "outer": "outer: seen by no search and no training",
    "out_of_fold": "out of fold: each row by the network that had not seen it",
    "whole_set": "whole set, training rows included (as the thesis of 2020 reported)",
}
SAME = {
    "reference": "energy references",
    "data_sha256": "tables",
    "splits_sha256": "test rows",
}


class Energies(Kind[Model]):
    """The model of one target: networks, error bars and laboratory scale."""

    parameters = (
        ("level", "double", LEVEL), ("reference", "string", LI), ("solvent", "string", HOME),
    )  # fmt: skip
    data_version = ("source", "data_md5")  # by which DVC knows it
    served_by = Path(__file__).parent / "served" / "energies.py"

    def __init__(self, target: str) -> None:
        self.target = target
        self.description = DESCRIPTIONS[target]
        self.parts = {NETWORKS: ensemble_folder(target), ERROR_BARS: calibration_folder(target)}
        self.metrics_path = metrics_path(target)
        self.made_by, self.measured_by = f"organode train {target}", f"organode evaluate {target}"
        self.columns = energy_types(target)

    def load(self, *folders: Path) -> Model:
        """Read networks and error bars."""
        return Model.load(*folders)

    def answers(self, model: Model, smiles: Sequence[str]) -> pd.DataFrame:
        """Return predictions."""
        return predict([model], smiles)

    def digest(self) -> str:
        """Return the SHA-256 of networks and error bars."""
        return digest(*self.parts.values())

    def metrics(self) -> dict[str, Any]:
        """Return what `evaluate` measured."""
        return read_metrics(self.target)

    def headline(self, metrics: Mapping[str, Any]) -> dict[str, float]:
        """Return the MAE on the test set, eV."""
        return EnsembleRun.headline(metrics)

    def run(self, model: Model) -> EnsembleRun:
        """Go on with the run that `train` began."""
        return EnsembleRun.resume(self.target, model.ensemble.settings, self.parts[NETWORKS])

    def labels(self) -> dict[str, str]:
        """Return source, level of theory and energy reference."""
        return what_the_labels_are()

    def said(self, registered: Registered) -> dict[str, str]:
        """Return energy reference and level of theory."""
        return {
            "reference": registered.reference, "level_of_theory": registered.level_of_theory,
        }  # fmt: skip

    def card(self, model: Model, metrics: dict[str, Any]) -> str:
        """Return data, errors, error bars and use."""
        training = stored_ensemble(self.parts[NETWORKS]).json(TRAINING)
        return render(
            "energies.md.j2",
            lambda: {
                "model": model,
                "quantity": QUANTITIES[self.target],
                "potential": POTENTIALS[self.target],
                "settings": model.ensemble.settings,
                "domain": model.uncertainty.domain,
                "training": training,
                "rows": [(name, metrics[part]) for part, name in ROWS.items()],
                "source": read_if_there(PROVENANCE),
                "curation": read_if_there(CURATION_SUMMARY),
                **{n: metrics[n] for n in ("scrambled", "intervals", "decision", "measured")},
            },
            f"{PROVENANCE}, {CURATION_SUMMARY} or {self.metrics_path} is damaged",
            f"run `organode fetch`, `organode curate` and `{self.measured_by}` again",
        )

    def compare(self, candidate: Registered, champion: Registered, table_of: TableOf) -> Outcome:
        """Compare errors on the outer test rows; measured potentials decide nothing."""
        from organode.tracking.registry.compare import (
            compare,  # imports scipy.stats: not to predict
        )

        measured = self._by_measured(candidate, champion, table_of)
        if why_not := different(candidate, champion, SAME):
            return Outcome(None, why_not, measured)
        tables = [table_of(one, PREDICTIONS, pd.read_parquet) for one in (candidate, champion)]
        outer = [table[table["fold"] < 0] for table in tables]
        return by_comparison(candidate, champion, compare(*outer), measured)

    def _by_measured(
        self, candidate: Registered, champion: Registered, table_of: TableOf
    ) -> Comparison | None:
        """Compare by measured potentials, whatever was learned from; None where that fails.

        No decision hangs on it, and older versions have no such rows.
        """
        from organode.tracking.registry.compare import compare_measured

        try:
            rows = [table_of(one, MEASURED, pd.read_csv) for one in (candidate, champion)]
        except OrganodeError:
            return None
        return compare_measured(*rows)
