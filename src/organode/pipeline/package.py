"""The stage `package`: teach a student for each ensemble, and write the model of the wheel."""

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
    """Teach a student for each target's ensemble, and write the model that stands in the wheel.

    A student learns what the ensemble answers for unlabelled molecules, none of which is in the
    test set or measured. It is tested on both: the metrics are in ``model.json`` and in the card.
    The registered version of each ensemble gets its student as the artefact ``student``.

    An interrupted command resumes with the answers and students that were finished.

    Parameters
    ----------
    molecules : Path
        Parquet file with a column `smiles`.
    settings : Settings
        All of `params.yaml`.
    out : Path
        Folder for the model, which `organode.models.model.Model.load` reads.
    run : Run
        Engine and number of workers for the answers.

    Returns
    -------
    dict
        By target: `student` and `teacher`, each with the figures of `student_figures`.

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
    """Return the SMILES to learn from: those in `file` and the training molecules.

    Molecules of the test set, and measured ones that no ensemble was trained on, are left out: on
    them the student is tested.
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
        If the file is missing, or has no such column.
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
    """Teach a student of one ensemble, or read it if an interrupted command finished it."""
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
    """Return metrics of networks on the test set and, by a scale fitted to them, in volts.

    They are named as in `metrics.json`: `outer`, `intervals`, `measured`.

    Error bars in eV are those of the ensemble. The scale is fitted without a family of measured
    molecules to predict it, for each family.
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
    """Return the teacher's version as one of the packaged files, which their digest names.

    Numbers and runs of a registry mean nothing outside it. `metrics` are those of the student, in
    place of the teacher's.
    """
    files = sorted(path for path in (folder / version.target).rglob("*") if path.is_file())
    name = digest(files)[:12]
    described = replace(version, version=name, aliases=("packaged",), run_id="")
    return asdict(replace(described, metrics=version.metrics | metrics))


def _identity(asked: Sequence[str], settings: Settings) -> str:
    """Return the digest of all that decides answers and students."""
    teachers = [Ensemble.digest(ensemble_folder(target)) for target in TARGETS]
    content = [teachers, asked, settings.package.model_dump(mode="json"), settings.seed]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
