"""The stage `package`: write the small model that the Python package organode includes.

A student is a small network that is trained to predict what an ensemble of networks, its teacher,
predicts (knowledge distillation). The model has a student for IE and a student for EA.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

import organode
from organode.artifacts import STABILITY_FOLDER, TARGETS, calibration_folder, ensemble_folder
from organode.distil.answers import collect_answers, read_answers
from organode.distil.card import student_card, student_figures
from organode.electrochemistry.measured import first_waves, read_measured
from organode.electrochemistry.scale.laboratory import Scale
from organode.errors import OrganodeError
from organode.evaluate.coverage import coverage
from organode.evaluate.laboratory_metrics import against_measured
from organode.library.engine import Run, started_workers
from organode.models.ensemble import Ensemble
from organode.models.metrics import errors
from organode.models.model import DESCRIPTION, ERROR_BARS, NETWORKS, STABILITY, Model
from organode.models.networks import Networks
from organode.models.predictor import TargetModel
from organode.models.student import Student
from organode.models.training_data import Labelled
from organode.models.uncertainty.error_bars import LEVEL, Uncertainty
from organode.models.unseen import UnseenPredictions
from organode.pipeline.evaluate import predictions
from organode.settings import Settings
from organode.tracking.model_run import EnsembleRun
from organode.tracking.registry.register import register_model
from organode.tracking.registry.versions import Registered
from organode.utils.checksums import CHECKSUMS
from organode.utils.files import digest, replacing_folder, write_json
from organode.utils.progress import bar, say

WORK = Path(".organode/package")
CARD = "card.md"
OURS = (DESCRIPTION, CARD, *TARGETS, STABILITY)  # entries of the folder
# Of a student's training.
LEARNING_RATE, BATCH = 2e-3, 256


def package(molecules: Path, settings: Settings, out: Path, run: Run) -> dict[str, Any]:
    """Train a student for each target's ensemble, and write the model for the Python package.

    A student is a small network that learns to predict what the ensemble predicts. It learns from
    the file `molecules` and the training molecules of the ensembles; molecules of the test set, and
    measured molecules with which no ensemble was trained, are left out. The student is tested on
    the test set and on measured potentials. The metrics are in ``model.json`` and ``card.md``.
    Each student is also added to the MLflow run of its ensemble, as the artefact ``student``.

    An interrupted command resumes with the predictions and students that were finished.

    Parameters
    ----------
    molecules : Path
        Parquet file with a column `smiles`.
    settings : Settings
        All of `params.yaml`.
    out : Path
        Folder for the model, which `organode.models.model.Model.load` reads.
    run : Run
        Where the ensembles' predictions are computed, and with how many workers.

    Returns
    -------
    dict
        For ``IE`` and ``EA`` a dict with the keys `student` and `teacher` (the ensemble). Each has
        as its value the metrics that `organode.distil.card.student_figures` returns.

    Raises
    ------
    OrganodeError
        If an ensemble is missing, or a file cannot be read.
    """
    ensembles = {target: Ensemble.load(ensemble_folder(target)) for target in TARGETS}
    data = {target: Labelled.read(target) for target in TARGETS}
    measured = read_measured(settings.calibrate.measured)
    asked = _molecules(molecules, list(data.values()), measured)
    work = WORK / _identity(asked, settings)[:12]
    with started_workers(run, len(asked)) as workers:
        collect_answers(asked, list(ensembles.values()), work / "answers", workers)
    students = {
        target: _student(ensembles[target], settings, work, place, len(asked))
        for place, target in enumerate(TARGETS)
    }
    tested = {
        target: {
            "student": _tested(student, data[target], first_waves(measured, target)),
            "teacher": _tested(ensembles[target], data[target], first_waves(measured, target)),
        }
        for target, student in students.items()
    }
    versions = {target: register_model(target) for target in (*TARGETS, STABILITY)}
    with replacing_folder(out, OURS) as folder:
        for target, student in students.items():
            student.save(folder / target / NETWORKS)
            shutil.copytree(calibration_folder(target), folder / target / ERROR_BARS)
        shutil.copytree(STABILITY_FOLDER, folder / STABILITY)
        figures = {
            target: {name: student_figures(metrics) for name, metrics in both.items()}
            for target, both in tested.items()
        }
        content = {
            "organode": organode.__version__,
            "molecules": len(asked),
            "figures": figures,
            "models": {
                target: _described(version, folder, tested.get(target, {}).get("student", {}))
                for target, version in versions.items()
            },
        }
        write_json(folder / DESCRIPTION, content)
        (folder / CARD).write_text(student_card(content), encoding="utf-8")
        Model.load(folder)  # raises before an unreadable folder replaces an older one
        for target in TARGETS:
            run_of_teacher = EnsembleRun.resume(
                target, ensembles[target].settings, ensemble_folder(target)
            )
            run_of_teacher.log_student(folder / target / NETWORKS, figures[target]["student"])
    shutil.rmtree(work)
    return figures


def _molecules(file: Path, data: Sequence[Labelled], measured: pd.DataFrame) -> list[str]:
    """Return the SMILES of the molecules that students learn from.

    They are the molecules in `file` and the training molecules of the ensembles. Molecules of the
    test set, and measured molecules with which no ensemble was trained, are left out, since the
    students are tested on these.
    """
    trained = {
        smiles
        for each in data
        for smiles, fold in zip(each.smiles, each.fold.tolist(), strict=True)
        if fold >= 0
    }
    tested = {smiles for each in data for smiles in each.smiles}
    for target in TARGETS:
        tested |= set(first_waves(measured, target)["flat"])
    unlabelled = read_smiles(file)
    return [*(smiles for smiles in unlabelled if smiles not in tested), *sorted(trained)]


def read_smiles(file: Path) -> list[str]:
    """Read the column `smiles` of a Parquet file.

    Raises
    ------
    OrganodeError
        If the file is missing, or cannot be read as a Parquet file with this column.
    """
    try:
        smiles: list[str] = pd.read_parquet(file, columns=["smiles"])["smiles"].tolist()
    except FileNotFoundError as error:
        raise OrganodeError(
            f"{file} is missing: run `python data/embedded/build unlabelled {file}`"
        ) from error
    except (ValueError, OSError, pa.ArrowException) as error:
        raise OrganodeError(f"{file} cannot be read as a table with a column `smiles`") from error
    return smiles


def _student(
    ensemble: Ensemble, settings: Settings, work: Path, place: int, molecules: int
) -> Student:
    """Train the student of one ensemble, or load the student if an earlier command finished it.

    `work` is the folder of the stage's intermediate files, `place` is the position of the ensemble
    among all ensembles, and `molecules` is the number of molecules to learn from.
    """
    from organode.distil.teaching import teach  # imports TensorFlow

    folder = work / ensemble.target
    if (folder / CHECKSUMS).exists():
        say(f"the student of {ensemble.target} was finished before: not taught again")
        return Student.load(folder)
    answers = read_answers(work / "answers", place, molecules)
    chosen = replace(
        ensemble.settings,
        widths=settings.package.widths,
        dropout=0.0,
        l2=0.0,
        loss="mse",
        learning_rate=LEARNING_RATE,
        batch_size=BATCH,
    )
    epochs = settings.package.epochs
    with bar(f"student of {ensemble.target}", epochs, "epochs") as progress:
        student = teach(
            ensemble,
            chosen,
            answers.inputs,
            answers.predictions,
            epochs=epochs,
            seed=settings.seed,
            on_epoch=lambda _, mae: progress.advance(note=f"{mae:.4f} eV from its teacher"),
        )
    student.save(folder)
    return student


def _tested(networks: Networks, data: Labelled, waves: pd.DataFrame) -> dict[str, Any]:
    """Test a student or an ensemble on the test set and on measured potentials.

    Return a dict with the names of ``metrics.json``: `outer` (errors on the test set, eV),
    `intervals` (coverage of the prediction intervals on the test set) and `measured` (errors of
    potentials, V). The intervals use the error bars of the ensemble. A laboratory scale, which
    converts energies to potentials, is fitted to the energies that `networks` predict; each family
    of measured molecules is predicted by a fit to the other families.
    """
    folder = calibration_folder(networks.target)
    model = TargetModel(networks, Uncertainty.load(folder), Scale.load(folder))
    table = predictions(model, data)
    test_set = table[table["fold"] < 0]
    known = UnseenPredictions.of(waves, networks, model.uncertainty, data)
    scale = Scale.fit(
        networks.target,
        known.rows,
        known.molecules,
        known.energy,
        known.error,
        model.scale.breakage,
    )
    return {
        "outer": errors(test_set["label"].to_numpy(), test_set["outer"].to_numpy()),
        "intervals": {"level": LEVEL, **coverage(test_set)},
        "measured": against_measured(scale.table(LEVEL), LEVEL),
    }


def _described(version: Registered, folder: Path, metrics: dict[str, Any]) -> dict[str, Any]:
    """Return the description of a packaged model, made from the registered version.

    The version's number in the registry is replaced by a digest of the packaged files, and its
    MLflow run is left out, since number and run have no meaning outside the registry. `metrics`,
    those of the student, replace the metrics of the registered version that have the same names.
    """
    files = sorted(path for path in (folder / version.target).rglob("*") if path.is_file())
    name = digest(files)[:12]
    described = replace(version, version=name, aliases=("packaged",), run_id="")
    return asdict(replace(described, metrics=version.metrics | metrics))


def _identity(asked: Sequence[str], settings: Settings) -> str:
    """Return the SHA-256 of ensembles, molecules and settings, on which the students depend."""
    teachers = [Ensemble.digest(ensemble_folder(target)) for target in TARGETS]
    content = [teachers, asked, settings.package.model_dump(mode="json"), settings.seed]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
