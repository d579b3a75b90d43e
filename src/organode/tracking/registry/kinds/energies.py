"""The kind of the registered models that predict IE or EA, and potentials from the energy."""

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
from organode.electrochemistry.scale.potential import POTENTIALS
from organode.errors import OrganodeError
from organode.models.predictor import TargetModel, digest, energy_types, predict
from organode.tracking.model_run import EnsembleRun
from organode.tracking.provenance import TAG, label_provenance
from organode.tracking.registry.kinds.card import read_if_present, render_card
from organode.tracking.registry.kinds.kind import (
    Exported,
    ModelKind,
    Outcome,
    TableReader,
    difference_in,
    outcome_of,
)
from organode.tracking.registry.served.signature import PARAMETERS
from organode.tracking.registry.versions import Registered

if TYPE_CHECKING:
    from organode.tracking.registry.comparison import Comparison

NETWORKS, ERROR_BARS = "networks", "error_bars"  # artefacts of a version, also in `served`
DESCRIPTIONS = {
    "IE": "Energy to remove an electron in eV, absolute, and E_ox in V, from SMILES.",
    "EA": "Energy gained by an electron in eV, absolute, and E_red in V, from SMILES.",
}
QUANTITIES = {
    "IE": "Ionization energy, E(one electron less) − E(species)",
    "EA": "Electron affinity, E(species) − E(one electron more)",
}
ROWS = {  # rows in the model card's table of errors
    "outer": "test set: seen by no search and no training",
    "out_of_fold": "out of fold: each row by the network that had not seen it",
    "whole_set": "whole set, training rows included (as the thesis of 2020 reported)",
}
COMPARABLE = {  # attributes that two versions must share, and what a message calls them
    "reference": "energy references",
    "data_sha256": "tables",
    "splits_sha256": "test rows",
}


class EnergyKind(ModelKind[TargetModel]):
    """The kind of the models of IE and EA: networks, error bars and laboratory scale.

    The laboratory scale converts predicted energies (eV) to potentials as measured (V).
    """

    parameters = PARAMETERS
    data_version = ("source", "data_md5")  # MD5: the hash by which DVC knows the table
    served_by = Path(__file__).parents[1] / "served" / "energies.py"

    def __init__(self, target: str, exported: Exported | None = None) -> None:
        self.target, self.exported = target, exported
        self.description = DESCRIPTIONS[target]
        self.parts = {NETWORKS: ensemble_folder(target), ERROR_BARS: calibration_folder(target)}
        self.metrics_path = metrics_path(target)
        if exported is not None:
            self.parts = {name: exported.folder / name for name in (NETWORKS, ERROR_BARS)}
            self.metrics_path = exported.folder / self.metrics_path.name
        self.made_by, self.measured_by = f"organode train {target}", f"organode evaluate {target}"
        self.columns = energy_types(target)

    def load(self, *folders: Path) -> TargetModel:
        """Read a model from the folder of networks and that of error bars and laboratory scale."""
        return TargetModel.load(*folders)

    def predictions(self, model: TargetModel, smiles: Sequence[str]) -> pd.DataFrame:
        """Return energies (eV) and potentials (V) with error bars, a row for each SMILES."""
        return predict([model], smiles)

    def digest(self) -> str:
        """Return the SHA-256 of the files of networks, error bars and laboratory scale."""
        return digest(*self.parts.values())

    def metrics(self) -> dict[str, Any]:
        """Return the metrics that the stage `evaluate` wrote."""
        return read_metrics(self.target, self.metrics_path)

    def headline(self, metrics: Mapping[str, Any]) -> dict[str, float]:
        """Return the MAE on the test set in eV, named `test_mae`."""
        return EnsembleRun.headline(metrics)

    def model_run(self, model: TargetModel) -> EnsembleRun:
        """Return the MLflow run that `train` started for the model, or a new run if none exists."""
        tags = self.exported.tags if self.exported is not None else None
        return EnsembleRun.resume(
            self.target, model.networks.settings, self.parts[NETWORKS], provenance=tags
        )

    def label_tags(self) -> dict[str, str]:
        """Return a version's tags: source, level of theory and energy references of the labels."""
        if self.exported is None:
            return label_provenance()
        facts = ("source", "level_of_theory", "source_reference", "reference")
        known = {name: self.exported.tags.get(f"{TAG}{name}", "") for name in facts}
        return {name: text for name, text in known.items() if text}

    def label_facts(self, registered: Registered) -> dict[str, str]:
        """Return energy reference and level of theory of a version's training data."""
        return {
            "reference": registered.reference,
            "level_of_theory": registered.level_of_theory,
        }

    def card(self, model: TargetModel, metrics: dict[str, Any]) -> str:
        """Return the model card as Markdown: data, errors, error bars and use."""
        if self.exported is not None:
            return self.exported.card()
        training = stored_ensemble(self.parts[NETWORKS]).json(TRAINING)
        return render_card(
            "energies.md.j2",
            lambda: {
                "model": model,
                "quantity": QUANTITIES[self.target],
                "potential": POTENTIALS[self.target],
                "settings": model.networks.settings,
                "domain": model.uncertainty.domain,
                "training": training,
                "rows": [(name, metrics[part]) for part, name in ROWS.items()],
                "source": read_if_present(PROVENANCE),
                "curation": read_if_present(CURATION_SUMMARY),
                **{
                    name: metrics[name]
                    for name in ("scrambled", "intervals", "decision", "measured")
                },
            },
            f"{PROVENANCE}, {CURATION_SUMMARY} or {self.metrics_path} is damaged",
            f"run `organode fetch`, `organode curate` and `{self.measured_by}` again",
        )

    def compare(
        self, candidate: Registered, champion: Registered, read_table: TableReader
    ) -> Outcome:
        """Compare the errors of two versions on the test set, and against measured potentials.

        The errors on the test set decide. The errors against measured potentials do not
        decide.
        """
        from organode.tracking.registry.comparison import (
            compare_energies,  # imported here: predicting needs no scipy.stats
        )

        measured = self._compare_measured(candidate, champion, read_table)
        if objection := difference_in(candidate, champion, COMPARABLE):
            return Outcome(None, objection, measured)
        tables = [
            read_table(version, PREDICTIONS, pd.read_parquet) for version in (candidate, champion)
        ]
        test_set = [table[table["fold"] < 0] for table in tables]
        return outcome_of(candidate, champion, compare_energies(*test_set), measured)

    def _compare_measured(
        self, candidate: Registered, champion: Registered, read_table: TableReader
    ) -> Comparison | None:
        """Compare two versions on measured potentials; return None if there is nothing to compare.

        The versions may have different training data. Versions that an older organode registered
        have no table of measured potentials. A missing table is no error, since the result does not
        decide about a promotion.
        """
        from organode.tracking.registry.comparison import compare_measured

        try:
            tables = [
                read_table(version, MEASURED, pd.read_csv) for version in (candidate, champion)
            ]
        except OrganodeError:
            return None
        return compare_measured(*tables)
