"""The models of a campaign: fine-tuned from the start with all labels, and kept as folders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

import organode
from organode.artifacts import STABILITY_FILES, TARGETS
from organode.electrochemistry.scale import laboratory
from organode.improve.levels import B3LYP, GIVEN, XTB
from organode.models.fine_tune import FEWEST, fine_tune
from organode.models.model import DESCRIPTION, ERROR_BARS, NETWORKS, STABILITY, Model
from organode.models.predictor import TargetModel
from organode.models.uncertainty import error_bars
from organode.tracking.registry.versions import Registered
from organode.utils.checksums import write_checksums
from organode.utils.files import digest, replacing_folder, write_json
from organode.utils.progress import Bar, bar

BEST = (B3LYP, GIVEN, XTB)  # of several labels of a molecule, that of the first of these levels
OURS = (DESCRIPTION, *TARGETS, STABILITY)
ENERGY_FILES = (*error_bars.FILES, *laboratory.FILES)


@dataclass(frozen=True)
class Retrained:
    """The models after a round.

    Attributes
    ----------
    models : tuple of TargetModel
        The models of IE and EA; the earlier one of a target with too few labels.
    out_of_fold : mapping of str to pandas.Series
        For each target with enough labels: the error, prediction − label in eV, of each labelled
        molecule by the network that was not trained on it, by SMILES.
    """

    models: tuple[TargetModel, ...]
    out_of_fold: Mapping[str, pd.Series]


def known_labels(labels: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the label of each molecule, for IE and EA: columns `label` and `level`, by SMILES.

    `labels` holds all labels of a campaign; of a molecule with labels at several levels the best
    one counts.
    """
    known = {}
    for target in TARGETS:
        if labels.empty:
            known[target] = pd.DataFrame({"label": [], "level": []})
            continue
        rows = labels[labels[target].notna()].copy()
        rows["order"] = rows["level"].map(BEST.index)
        rows = rows.sort_values("order", kind="stable").drop_duplicates("smiles")
        rows = rows.set_index("smiles").sort_index()
        known[target] = rows[[target, "level"]].rename(columns={target: "label"})
    return known


def retrain(
    start: Sequence[TargetModel],
    known: Mapping[str, pd.DataFrame],
    replay: Sequence[str],
    seed: int,
) -> Retrained:
    """Fine-tune the models with which a campaign began, with all labels that are known.

    A target with fewer than `FEWEST` labels keeps its model.
    """
    models, out_of_fold = [], {}
    for model in start:
        rows = known[model.target]
        if len(rows) < FEWEST:
            models.append(model)
            continue
        others = [smiles for smiles in replay if smiles not in rows.index]
        label = rows["label"].to_numpy(float)
        with bar(f"fine-tune {model.target}", None, "epochs") as progress:
            tuned = fine_tune(
                model, rows.index.tolist(), label, others, seed=seed, on_epoch=_shown(progress)
            )
        models.append(tuned.model)
        out_of_fold[model.target] = pd.Series(tuned.out_of_fold - label, rows.index)
    return Retrained(tuple(models), out_of_fold)


def _shown(progress: Bar) -> Callable[[int, float], None]:
    return lambda _, mae: progress.advance(note=f"{mae:.3f} eV")


def write_model(
    folder: Path, model: Model, energies: Sequence[TargetModel], alias: str, facts: dict[str, Any]
) -> None:
    """Write the models of IE and EA, and the start's of stability, as `Model.load` reads them.

    Parameters
    ----------
    folder : Path
        The folder; replaced as a whole.
    model : Model
        The model with which the campaign began.
    energies : sequence of TargetModel
        The models of IE and EA.
    alias : str
        What the versions are called in ``model.json``.
    facts : dict
        What is said of the campaign there.
    """
    described = {}
    with replacing_folder(folder, OURS) as temporary:
        for each in energies:
            networks, bars = (temporary / each.target / name for name in (NETWORKS, ERROR_BARS))
            each.networks.save(networks)
            bars.mkdir(parents=True)
            each.uncertainty.save(bars)
            each.scale.save(bars)
            write_checksums(bars, ENERGY_FILES)
            version = Registered.of(model.versions[each.target])
            files = sorted(path for path in (temporary / each.target).rglob("*") if path.is_file())
            described[each.target] = asdict(
                replace(version, version=digest(files)[:12], aliases=(alias,), run_id="")
            )
        if model.stability is not None:
            model.stability.save(temporary / STABILITY)
            write_checksums(temporary / STABILITY, STABILITY_FILES[:1])
            described[STABILITY] = dict(model.versions[STABILITY])
        content = {"organode": organode.__version__, "campaign": facts, "models": described}
        write_json(temporary / DESCRIPTION, content)
        Model.load(temporary)  # raises before an unreadable folder replaces an older one
