"""The stage `train`: train an ensemble of networks, one network for each fold of the data."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from organode.artifacts import (
    CURVES,
    ENSEMBLE_FILES,
    SCRAMBLED,
    TRAINING,
    best_path,
    ensemble_folder,
    pretrained_folder,
)
from organode.errors import OrganodeError
from organode.models.ensemble import Ensemble, Member
from organode.models.network.network import Fit, NetworkSettings
from organode.models.pretrained import Pretrained
from organode.models.scrambling import scrambling
from organode.models.start import Start
from organode.models.training_data import Labelled
from organode.pipeline.best import read_best
from organode.settings import Settings
from organode.tracking.model_run import EnsembleRun
from organode.utils.arrays import load_arrays, save_arrays
from organode.utils.checksums import CHECKSUMS, read_sealed, write_checksums, write_sealed
from organode.utils.files import replacing_folder, write_json
from organode.utils.progress import bar, say
from organode.utils.tables import write_csv

WORK = Path(".organode/train")
RUN = "run.json"  # in a subfolder of `WORK`: id of the MLflow run, which does not affect the result


def train(
    target: str,
    settings: Settings,
    best: Path | None = None,
    start: Start | None = None,
) -> Ensemble:
    """Train the ensemble of one target; write the networks, learning curves and a run in MLflow.

    Each network is saved when it is trained, so that a killed command resumes after the last
    finished fold.

    Parameters
    ----------
    target : str
        ``IE`` or ``EA``.
    settings : Settings
        All of `params.yaml`.
    best : Path, optional
        YAML file with the network settings; by default the result of the stage `search`,
        ``results/search/<target>/best.yaml``. Networks of such a file begin with random weights.
    start : Start, optional
        Networks of an earlier model, from which the training goes on with their settings; by
        default, and without `best`, the network of the stage `pretrain`.

    Returns
    -------
    Ensemble
        The ensemble, with one network (member) for each fold. Member k is not trained on fold k,
        and no member is trained on the test set; with `start`, the earlier model may have been.

    Raises
    ------
    OrganodeError
        If the network settings or the data are missing or damaged, or the MLflow server cannot be
        reached.
    """
    from organode.models.network.backend import device  # imports TensorFlow
    from organode.models.network.folds import fit_folds

    out = ensemble_folder(target)
    data = Labelled.read(target)
    learned = data.positions[data.fold >= 0]
    if start is None and best is None and settings.pretrain.epochs:
        start = _pretrained(target)
    epochs, earlier = settings.train.epochs, {}
    if start:
        chosen, inputs = start.settings, start.inputs(data.features, learned)
        epochs = start.epochs(len(learned) * (data.n_folds - 1) // data.n_folds, epochs)
        earlier = {
            "start": start.name,
            "start_sha256": start.digest(data.n_folds),
            "known_to_start": start.n_known(data.smiles),
        }
    else:
        chosen = read_best(best or best_path(target))
        inputs = data.inputs(chosen)
    parameters = {
        "epochs": epochs,
        **earlier,
        "n_folds": data.n_folds,
        "split": settings.split.method,
        "seed": settings.seed,
    }
    identity = [chosen.as_dict(), settings.seed, epochs, data.digest(), earlier]
    sha256 = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
    work = WORK / f"{target}-{sha256[:12]}"
    run = _run(work, target, chosen, parameters)
    matrix = data.matrix(inputs)

    done = {fold: fitted for fold in range(data.n_folds) if (fitted := _load(work, fold))}
    if done:
        say(f"{len(done)} of {data.n_folds} folds of {target} were trained before: not repeated")
    say(f"train {target} {device()}")
    if start:
        say(f"{start.name}: the networks go on for {epochs} epochs")
        if known := earlier["known_to_start"]:
            say(
                f"{known:,} of {len(data.row):,} molecules were known to {start.name}: their "
                "errors, and with them error bars, are smaller than those of new molecules"
            )
    say(f"train {target}: beside the folds, a network on shuffled labels, as a control")
    with (
        scrambling(data, matrix, chosen, settings.seed) as control,
        bar(
            f"train {target}", data.n_folds * epochs, "epochs", done=len(done) * epochs
        ) as progress,
    ):
        for fold, fitted in fit_folds(
            chosen,
            lambda fold: data.parts(matrix, fold, joint=chosen.joint),
            [fold for fold in range(data.n_folds) if fold not in done],
            epochs=epochs,
            seed=settings.seed,
            start=(lambda fold, part: start.weights(fold, inputs, part)) if start else None,
            on_epoch=lambda fold, mae: progress.advance(note=f"fold {fold}: {mae:.3f} eV"),
        ):
            _save(work, fold, fitted)
            done[fold] = fitted
    members = [
        Member(fold, fitted.mean, fitted.scale, fitted.weights)
        for fold, fitted in sorted(done.items())
    ]
    curves = [_curve(fold, fitted) for fold, fitted in sorted(done.items())]
    ensemble = Ensemble(target, inputs, members).rounded(matrix)
    curve_table = pd.concat(curves, ignore_index=True)
    with replacing_folder(out, ENSEMBLE_FILES) as folder:
        ensemble.save(folder)
        write_csv(curve_table, folder / CURVES)
        write_json(folder / SCRAMBLED, control.result())
        write_json(folder / TRAINING, parameters)
        write_checksums(folder, [path.name for path in folder.iterdir() if path.name != CHECKSUMS])
        run.log_curves(curve_table)
        run.log_cost("train")
        run.assign_model(Ensemble.digest(folder))
    shutil.rmtree(work)
    return ensemble


def _run(
    work: Path, target: str, chosen: NetworkSettings, parameters: dict[str, Any]
) -> EnsembleRun:
    """Start the MLflow run of the ensemble, or resume the run of an interrupted training.

    The folder `work` of the training holds the id of the run.
    """
    path = work / RUN
    if path.exists():
        try:
            interrupted = EnsembleRun.find(str(json.loads(path.read_bytes())["run_id"]))
        except (
            ValueError,
            KeyError,
            TypeError,
        ):  # damaged: a new run starts, and finished folds are used anyway
            interrupted = None
        if interrupted is not None:
            return interrupted
    run = EnsembleRun.start(target, chosen, parameters)
    write_json(path, {"run_id": run.run_id})
    return run


def _pretrained(target: str) -> Pretrained | None:
    """Return the network of the stage `pretrain`; None if that stage was switched off.

    Raises
    ------
    OrganodeError
        If the network is missing or damaged, or has other settings than the stage `search` found.
    """
    folder = pretrained_folder(target)
    network = Pretrained.load(folder)
    if network is not None and network.earlier != replace(
        read_best(best_path(target)), joint=False
    ):
        raise OrganodeError(
            f"{folder} was made with other settings than {best_path(target)}: run `organode "
            f"pretrain {target}` or `dvc repro`"
        )
    return network


def _save(work: Path, fold: int, fitted: Fit) -> None:
    """Save the network of a finished fold: the weights, then a description.

    The description, written last, marks the fold as finished.
    """
    weights = io.BytesIO()
    save_arrays(weights, fitted.weights)
    write_sealed(work / f"fold-{fold}.npz", weights.getvalue())
    description = {key: value for key, value in vars(fitted).items() if key != "weights"}
    write_sealed(work / f"fold-{fold}.json", json.dumps(description).encode())


def _load(work: Path, fold: int) -> Fit | None:
    """Return the network that `_save` wrote for a fold; None if a file is missing or damaged."""
    try:
        description = read_sealed(work / f"fold-{fold}.json")
        weights = read_sealed(work / f"fold-{fold}.npz")
    except FileNotFoundError:
        return None
    if description is None or weights is None:
        return None
    return Fit(weights=load_arrays(weights), **json.loads(description))


def _curve(fold: int, fitted: Fit) -> pd.DataFrame:
    epochs = range(1, len(fitted.valid_mae) + 1)
    columns = {
        "fold": fold,
        "epoch": epochs,
        "train_mae": np.round(fitted.train_mae, 6),
        "valid_mae": np.round(fitted.valid_mae, 6),
    }
    return pd.DataFrame(columns)
