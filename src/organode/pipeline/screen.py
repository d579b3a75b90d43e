"""The stage `screen`: a library in, a report out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import joblib
import pandas as pd
from rdkit import rdBase

from organode.electrochemistry import Window, computed_window, window
from organode.electrochemistry import warnings as of_cell
from organode.electrochemistry.cells import (
    NEGATIVE,
    POSITIVE,
    CellType,
    N,
    P,
    cell_type,
    on_reference,
)
from organode.electrochemistry.stability.chance import Stability
from organode.errors import UsageError
from organode.library.engine import Run, Workers, at_work
from organode.library.read import Source
from organode.models.predictor import Model
from organode.screen.criteria.decide import TARGETS, Rule, ThesisRule
from organode.screen.criteria.filters import Filters
from organode.screen.criteria.measured import Known, check_level
from organode.screen.engine.chunk import Aim, Job, screen_piece
from organode.screen.engine.funnel import funnel
from organode.screen.engine.memory import identity
from organode.screen.engine.parts import Parts
from organode.screen.engine.repeats import repeats
from organode.screen.engine.work import work
from organode.screen.report.page import render
from organode.screen.report.summary import summarise
from organode.screen.shortlist import outputs
from organode.screen.shortlist.merge import Merged, merge, scored_in_part
from organode.screen.shortlist.pairs import best_pairs
from organode.screen.shortlist.rank import ranked
from organode.screen.shortlist.verify import corrections_of, verify
from organode.settings import Screen, Settings
from organode.tracking.registry.versions import Loaded
from organode.utils.arrays import mapped
from organode.utils.code import code_digest
from organode.utils.files import replacing_folder, write_json
from organode.utils.progress import say


class Models(NamedTuple):
    """What screens: a model for IE and one for EA, and one of stability, if there is any."""

    energies: Sequence[Loaded]
    stability: Loaded[Stability] | None


FILES = (
    "report.html", "candidates.csv", "candidates.parquet", "candidates.sdf", "pairs.csv",
    "verified.csv", "all.parquet", "summary.json",
)  # fmt: skip
PAIRS = 25
MODELS = "models.arrays"


def convention_warnings(settings: Settings) -> list[str]:
    """Say so where two absolute potentials of Li/Li+ meet."""
    curated, screened = settings.curate.absolute_li, settings.screen.absolute_li
    if curated == screened:
        return []
    return [
        f"Two conventions: curation adds {curated:.2f} V to energies that are counted from Li/Li+ "
        f"(curate.absolute_li), the screening takes {screened:.2f} V off (screen.absolute_li). If "
        "any label of the models was counted from Li/Li+, potentials on the computed scale are off "
        "by the difference: use one value, and train again."
    ]


def screen(
    library: Source,
    models: Callable[[], Models],
    settings: Screen,
    out: Path,
    *,
    run: Run,
    n_verified: int = 0,
    xtb_reference: Path,
    warnings: Sequence[str] = (),
) -> dict[str, Any]:
    """Screen a library and write the report and its tables into the folder `out`.

    Finished chunks lie beside `out` until the end; the same command goes on with them.

    Parameters
    ----------
    library : Source
        What to screen.
    models : callable
        Loads the models, once everything else has turned out well.
    settings : Screen
        Cell, reference, margins and thresholds.
    out : Path
        Holds `FILES` afterwards; replaced as a whole.
    run : Run
        Where the work is done.
    n_verified : int
        How many candidates in each role to compute by quantum chemistry.
    xtb_reference : Path
        The embedded set, whose values map xTB to its level of theory.
    warnings : sequence of str
        What the report has to say first, beside what there is to say of the cell.

    Returns
    -------
    dict
        What `summary.json` holds.

    Raises
    ------
    UsageError
        If solvent, collector, reference electrode or a file's kind is unknown, what is asked of a
        role is impossible, too few potentials were measured for the level, or another command is
        at `out`.
    OrganodeError
        If the folder cannot be written.
    """
    cell, limits, filters = cell_type(settings), window(settings), Filters.of(settings.filter)
    if next(library.pieces(), None) is None:
        raise UsageError(f"{library.name} has no row: bring a table with a column of SMILES")
    said = [*warnings, *of_cell(settings)]
    for warning in said:
        say(warning)
    rows = library.approximate_rows()
    to_b3lyp = corrections_of(xtb_reference) if n_verified else {}
    # Opened first, so that a folder that cannot be written is noticed before the work.
    with Parts.open(out) as parts:
        with replacing_folder(out, FILES) as folder:
            loaded, lasting = models()
            stability = lasting.model if lasting is not None else None
            job = _job(settings, cell, limits, filters, loaded, stability)
            parts.claim(_identity(library, job, settings))
            if run.chosen(rows) == "processes":
                loaded = _mapped(loaded, parts.folder / MODELS)
                job = replace(job, models=_pair(loaded))
            with at_work(run, rows) as workers:
                path = folder / "all.parquet"
                merged = _merged(library, rows, job, parts, workers, settings, path)
            zero = limits.conversion.volts
            known = {model.target: Known.of(model.scale, zero) for model in job.models}
            chosen = {
                role: ranked(table, settings.top, known[TARGETS[role]])
                for role, table in merged.candidates.items()
            }
            verified = None
            if n_verified:
                verified = verify(chosen, n_verified, loaded, to_b3lyp, parts.folder, run.jobs)
            summary = summarise(library.name, merged, job.aim.rule, loaded, lasting, settings, said)
            pairs = _pairs(chosen, job.aim)
            page = render(
                chosen, known, pairs, verified, merged, job.aim, loaded, lasting, summary, settings
            )
            (folder / "report.html").write_text(page, encoding="utf-8")
            outputs.write(chosen, merged.own, pairs, verified, folder)
            write_json(folder / "summary.json", summary)
        parts.clear()
    return summary


def _mapped(loaded: Sequence[Loaded], file: Path) -> list[Loaded]:
    """Return the models with arrays that all processes share, this one included, by one file."""
    shared = mapped([one.model for one in loaded], file)
    return [replace(one, model=model) for one, model in zip(loaded, shared, strict=True)]


def _merged(
    source: Source,
    rows: int,
    job: Job,
    parts: Parts,
    workers: Workers,
    settings: Screen,
    path: Path,
) -> Merged:
    """Judge a library whole if it is short enough, else by way of an estimate."""
    found = None
    if rows > settings.in_full:
        found = funnel(source, rows, job, parts, workers, settings.keep)
    if found is None:
        score = partial(screen_piece, job=job)
        done = work("screen", source.pieces(), rows, score, parts.store("whole"), workers)
        tables, total, again, scored = done.tables(), done.rows, repeats(done), [done]
    else:
        tables = scored_in_part(found.estimated, found.scored)
        total, again, scored = found.estimated.rows, found.repeats, found.scored
    candidates = (table for one in scored for table in one.tables(kind="candidates"))
    listed = job.aim.rule.listed
    merged = merge(tables, total, candidates, again, source, listed, settings.keep, path)
    merged.estimate = found
    return merged


def _job(
    settings: Screen,
    cell: CellType,
    limits: Window,
    filters: Filters,
    loaded: Sequence[Loaded],
    stability: Stability | None,
) -> Job:
    models = _pair(loaded)
    check_level(models, settings.level)
    margins = {one.registered.target: one.margin for one in loaded}
    thesis = ThesisRule(
        settings.absolute_li, *computed_window(settings), cell.tasks,
        {role: margins[target] for role, target in TARGETS.items()},
    )  # fmt: skip
    rule = Rule(
        limits, on_reference(cell.tasks, settings), cell.together, cell.solid, settings.margin,
        settings.level, settings.in_domain, thesis,
    )  # fmt: skip
    return Job(
        models, tuple(map(identity, models)),
        Aim(rule, filters, settings.tiers, stability),
    )  # fmt: skip


def _pairs(chosen: Mapping[str, pd.DataFrame], aim: Aim) -> pd.DataFrame | None:
    """Return the best cells of drawn candidates, where the type of cell has them for both sides."""
    electrodes = {role: task.electrode for role, task in aim.rule.tasks.items()}
    if electrodes != {P: POSITIVE, N: NEGATIVE}:
        return None
    picks = {role: table[table["pick"].notna()] for role, table in chosen.items()}
    return best_pairs(picks[P], picks[N], PAIRS)


def _pair(loaded: Sequence[Loaded]) -> tuple[Model, Model]:
    models = {one.registered.target: one.model for one in loaded}
    return models["IE"], models["EA"]


def _identity(library: Source, job: Job, settings: Screen) -> str:
    """Return what is equal only where every chunk comes out the same."""
    lengths = settings.in_full, settings.keep
    code = code_digest(__name__, more=rdBase.rdkitVersion)
    return str(joblib.hash((code, library.digest(), job.identities, job.aim, lengths)))
