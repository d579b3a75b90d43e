"""The stage `screen`: find candidates for electrodes in a library, and write a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import joblib
import pandas as pd
from rdkit import rdBase

from organode.compare.explanation import Explanation, explain
from organode.electrochemistry import warnings as cell_warnings
from organode.electrochemistry.cells import NEGATIVE, POSITIVE, N, P
from organode.electrochemistry.stability.chance import Stability
from organode.errors import UsageError
from organode.library.engine import Run, started_workers
from organode.library.protocols import AnyLibrary
from organode.models.predictor import TargetModel
from organode.screening.columns import TARGET
from organode.screening.criteria.criteria import Criteria
from organode.screening.criteria.measured import MeasuredMolecules, check_level
from organode.screening.engine.answer_cache import CachedModel
from organode.screening.engine.parts import Parts
from organode.screening.engine.score_library import score_library
from organode.screening.report.outputs import write_tables
from organode.screening.report.page import render
from organode.screening.report.summary import summarise
from organode.screening.result import ScreenResult
from organode.screening.shortlist.merge import merge
from organode.screening.shortlist.pairs import best_pairs
from organode.screening.shortlist.rank import rank
from organode.screening.shortlist.verify import fit_corrections, read_embedded, verify
from organode.settings import Screen, Settings
from organode.tracking.registry.versions import Loaded
from organode.utils.arrays import mapped
from organode.utils.code import code_digest
from organode.utils.files import replacing_folder, write_json
from organode.utils.progress import say


class Models(NamedTuple):
    """The models of a screening.

    `energies` are the models of the ionisation energy and of the electron affinity. `stability` is
    the model that predicts whether radical ions are stable; None if there is no such model.
    """

    energies: Sequence[Loaded]
    stability: Loaded[Stability] | None


MOST_GROUPS = 5  # of a candidate whose potential the report explains: 32 molecules to predict
FILES = (
    "report.html",
    "candidates.csv",
    "candidates.parquet",
    "candidates.sdf",
    "pairs.csv",
    "verified.csv",
    "all.parquet",
    "summary.json",
)
N_PAIRS = 25
SHARED_ARRAYS = "models.arrays"


def convention_warnings(settings: Settings) -> list[str]:
    """Return a warning if curation and screening take different potentials for Li/Li+ vs vacuum.

    The list holds this one warning, or nothing if the two settings `absolute_li` are equal.
    """
    curated, screened = settings.curate.absolute_li, settings.screen.absolute_li
    if curated == screened:
        return []
    return [
        f"Two conventions: curation adds {curated:.2f} V to energies that refer to Li/Li+ "
        f"(curate.absolute_li), the screening subtracts {screened:.2f} V (screen.absolute_li). If "
        "any label of the models referred to Li/Li+, potentials on the computed scale are wrong by "
        "the difference: use one value, and train again."
    ]


def screen(
    library: AnyLibrary,
    models: Callable[[], Models],
    settings: Screen,
    out: Path,
    *,
    run: Run,
    n_verified: int = 0,
    xtb_reference: Path,
    warnings: Sequence[str] = (),
) -> dict[str, Any]:
    """Screen a library for electrode candidates, and write report and tables into the folder `out`.

    The library is processed in chunks. The results of finished chunks are kept in a folder beside
    `out` until the end, so that the same command resumes after an interruption.

    Parameters
    ----------
    library : AnyLibrary
        Molecules to screen.
    models : callable
        Loads and returns the models; called without arguments, after the settings were checked.
    settings : Screen
        Section `screen` of `params.yaml`: cell, reference electrode, and criteria for candidates.
    out : Path
        Folder for the files in `FILES`; an earlier result in it is replaced as a whole.
    run : Run
        Where chunks are processed (such as in processes), and with how many workers.
    n_verified : int
        For how many candidates in each role (``p``: gives off electrons, ``n``: takes up electrons)
        IE and EA are computed by xTB.
    xtb_reference : Path
        CSV file of molecules with IE and EA by both xTB and B3LYP, such as
        ``data/embedded/molecules.csv``. The correction that converts xTB energies to B3LYP energies
        is fitted to this file. It is read only if `n_verified` is not 0.
    warnings : sequence of str
        Warnings for the top of the report; warnings about the cell are added below.

    Returns
    -------
    dict
        The content of `summary.json`.

    Raises
    ------
    UsageError
        If the library is empty or cannot be read; if solvent, collector or reference electrode is
        unknown; if the lower limit of the potentials wanted for a role is above the upper limit; if
        too few potentials were measured for error bars of the level in the settings; or if another
        command writes to `out`.
    OrganodeError
        If the folder `out` cannot be written.
    """
    criteria = Criteria.from_settings(settings)
    if next(library.chunks(), None) is None:
        raise UsageError(f"{library.name} has no row: bring a table with a column of SMILES")
    shown_warnings = [*warnings, *cell_warnings(settings)]
    for warning in shown_warnings:
        say(warning)
    rows = library.approximate_rows()
    corrections = fit_corrections(read_embedded(xtb_reference)) if n_verified else {}
    # Opened before the models are loaded: a folder that cannot be written is noticed at once.
    with Parts.open(out) as parts:
        with replacing_folder(out, FILES) as folder:
            energies, stability = models()
            criteria = with_models(criteria, energies, stability)
            cached = _cached(energies)
            parts.claim(_identity(library, cached, criteria))
            if run.engine_for(rows) == "processes":
                energies, cached = _shared(energies, cached, parts.folder / SHARED_ARRAYS)
            with started_workers(run, rows) as workers:
                scored = score_library(library, rows, cached, criteria, parts, workers)
                merged = merge(scored, library, criteria, folder / "all.parquet")
            measured = _measured(energies, criteria)
            candidates = {
                role: rank(table, settings.top, measured[role])
                for role, table in merged.candidates.items()
            }
            verified = None
            if n_verified:
                verified = verify(
                    candidates, n_verified, energies, corrections, parts.folder, run.jobs
                )
            result = ScreenResult(
                library=library.name,
                criteria=criteria,
                models=energies,
                stability=stability,
                counts=merged.counts,
                candidates=candidates,
                own_columns=merged.own_columns,
                measured=measured,
                explanations=_explanations(candidates, energies, criteria),
                pairs=_pairs(candidates, criteria),
                verified=verified,
                funnel=scored.funnel,
                warnings=shown_warnings,
            )
            summary = summarise(result)
            page = render(result, summary)
            (folder / "report.html").write_text(page, encoding="utf-8")
            write_tables(result, folder)
            write_json(folder / "summary.json", summary)
        parts.clear()
    return summary


def with_models(
    criteria: Criteria, energies: Sequence[Loaded], stability: Loaded[Stability] | None
) -> Criteria:
    """Return the criteria with two things added: the stability model, and `thesis_margins`.

    `thesis_margins` are error bars, one for each role, that are equal for all molecules, as in the
    2020 thesis that the project began with.

    Raises
    ------
    UsageError
        If too few potentials were measured for error bars of the level in the settings.
    """
    check_level([loaded.model for loaded in energies], criteria.settings.level)
    margins = {loaded.registered.target: loaded.margin for loaded in energies}
    return replace(
        criteria,
        thesis_margins={role: margins[target] for role, target in TARGET.items()},
        stability=None if stability is None else stability.model,
    )


def _by_target(energies: Sequence[Loaded]) -> tuple[TargetModel, TargetModel]:
    models = {loaded.registered.target: loaded.model for loaded in energies}
    return models["IE"], models["EA"]


def _cached(energies: Sequence[Loaded]) -> tuple[CachedModel, CachedModel]:
    first, second = _by_target(energies)
    return CachedModel.of(first), CachedModel.of(second)


def _shared(
    energies: Sequence[Loaded], cached: tuple[CachedModel, CachedModel], file: Path
) -> tuple[list[Loaded], tuple[CachedModel, CachedModel]]:
    """Return `energies` and `cached` with the models' arrays in a file that all processes share."""
    models = mapped([loaded.model for loaded in energies], file)
    shared = [replace(loaded, model=model) for loaded, model in zip(energies, models, strict=True)]
    first, second = _by_target(shared)
    return shared, (replace(cached[0], model=first), replace(cached[1], model=second))


def _measured(energies: Sequence[Loaded], criteria: Criteria) -> dict[str, MeasuredMolecules]:
    """Return, for each role (``p`` and ``n``), the molecules whose potentials were measured.

    Candidates of the role are compared with these molecules. Potentials are in V vs the reference
    electrode in the settings.
    """
    zero = criteria.window.conversion.volts
    scales = {loaded.registered.target: loaded.model.scale for loaded in energies}
    return {
        role: MeasuredMolecules.from_scale(scales[target], zero) for role, target in TARGET.items()
    }


def _explanations(
    candidates: Mapping[str, pd.DataFrame], energies: Sequence[Loaded], criteria: Criteria
) -> dict[str, dict[str, Explanation]]:
    """Return, by role and SMILES, explanations of the candidates that the report draws.

    `candidates` are the ranked candidates by role; those with a number in the column `pick` are
    drawn. In a symmetric cell both roles explain the same candidates.
    """
    models = {loaded.registered.target: loaded.model for loaded in energies}
    found = {}
    for listed, table in candidates.items():
        smiles = table.loc[table["pick"].notna(), "smiles"].tolist()
        for role in criteria.filled_roles(listed):
            explained = explain([models[TARGET[role]]], smiles, most_groups=MOST_GROUPS)
            found[role] = dict(zip(smiles, explained, strict=True))
    return found


def _pairs(candidates: Mapping[str, pd.DataFrame], criteria: Criteria) -> pd.DataFrame | None:
    """Return the pairs of candidates, one for each electrode, whose cells store most energy.

    Only the dissimilar candidates that were picked for the report (column `pick`) are paired.
    Return None unless, in this type of cell, p-type molecules are the positive electrode and n-type
    molecules are the negative electrode.
    """
    electrodes = {role: task.electrode for role, task in criteria.tasks.items()}
    if electrodes != {P: POSITIVE, N: NEGATIVE}:
        return None
    picks = {role: table[table["pick"].notna()] for role, table in candidates.items()}
    return best_pairs(picks[P], picks[N], N_PAIRS)


def _identity(library: AnyLibrary, cached: Sequence[CachedModel], criteria: Criteria) -> str:
    """Return a digest of code, library, models and criteria.

    The results of finished chunks depend on these, and are used again only if the digest is equal.
    """
    code = code_digest(__name__, more=rdBase.rdkitVersion)
    models = tuple(model.identity for model in cached)
    lengths = criteria.settings.in_full, criteria.settings.keep
    decisive = code, library.digest(), models, criteria.identity(), lengths
    return str(joblib.hash(decisive))
