"""The stage `screen`: a library in, a report out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import joblib

from organode.electrochemistry import Window, window
from organode.errors import UsageError
from organode.files import replacing_folder, write_json
from organode.library.engine import Run, run_pieces
from organode.library.read import Piece, Source, describing
from organode.model import Model
from organode.progress import bar, say
from organode.register import Loaded
from organode.screen import outputs
from organode.screen.chunk import Job, Screened, screen_piece
from organode.screen.decide import ELECTRODES, Rule
from organode.screen.filters import Filters
from organode.screen.memory import identity
from organode.screen.merge import merge
from organode.screen.pairs import best_pairs
from organode.screen.parts import Parts
from organode.screen.rank import ranked
from organode.screen.report import render
from organode.screen.summary import summarise
from organode.screen.verify import maps, verify
from organode.settings import Screen, Settings

FILES = (
    "report.html", "candidates.csv", "candidates.parquet", "candidates.sdf", "pairs.csv",
    "verified.csv", "all.parquet", "summary.json",
)  # fmt: skip
PAIRS = 25
MODELS = "models.joblib"


def convention_warnings(settings: Settings) -> list[str]:
    """Say so where two absolute potentials of Li/Li+ meet."""
    curated, screened = settings.curate.absolute_li, settings.screen.absolute_li
    if curated == screened:
        return []
    return [
        f"Two conventions: curation adds {curated:.2f} V to energies that are counted from Li/Li+ "
        f"(curate.absolute_li), the screening takes {screened:.2f} V off (screen.absolute_li). If "
        "any label of the models was counted from Li/Li+, their potentials are off by the "
        "difference: use one value, and train again."
    ]


def screen(
    library: Source,
    models: Callable[[], Sequence[Loaded]],
    settings: Screen,
    out: Path,
    *,
    run: Run,
    n_verified: int = 0,
    yardstick: Path,
    warnings: Sequence[str] = (),
) -> dict[str, Any]:
    """Screen a library and write the report and its tables into the folder `out`.

    Finished chunks lie beside `out` until the end; the same command goes on with them.

    Parameters
    ----------
    library : Source
        What to screen.
    models : callable
        Loads one model for IE and one for EA, once everything else has turned out well.
    settings : Screen
        Cell, reference, margins and thresholds.
    out : Path
        Holds `FILES` afterwards; replaced as a whole.
    run : Run
        Where the work is done.
    n_verified : int
        How many candidates of each electrode to compute by quantum chemistry.
    yardstick : Path
        The embedded set, whose values map xTB to its level of theory.
    warnings : sequence of str
        What the report has to say first.

    Returns
    -------
    dict
        What `summary.json` holds.

    Raises
    ------
    UsageError
        If solvent, collector or a file's kind is unknown, or another command is at `out`.
    OrganodeError
        If the folder cannot be written.
    """
    limits, filters = window(settings), Filters.of(settings.filter)
    if next(library.pieces(), None) is None:
        raise UsageError(f"{library.name} has no row: bring a table with a column of SMILES")
    rows = library.about()
    to_b3lyp = maps(yardstick) if n_verified else {}
    # Opened first, so that a folder that cannot be written is noticed before the work.
    with Parts.open(out) as parts:
        with replacing_folder(out, FILES) as folder:
            loaded = models()
            job = _job(settings, limits, filters, loaded)
            parts.claim(_identity(library, job))
            if run.chosen(rows) == "processes":
                loaded = _mapped(loaded, parts.folder / MODELS)
                job = replace(job, models=_pair(loaded))
            chunks, total = _work(library, rows, job, parts, run)
            merged = merge(parts, chunks, total, settings.keep, folder / "all.parquet")
            chosen = {one: ranked(merged.candidates[one], one, settings.top) for one in ELECTRODES}
            verified = None
            if n_verified:
                verified = verify(chosen, n_verified, loaded, to_b3lyp, parts.folder, run.jobs)
            summary = summarise(library.name, merged, job.rule, loaded, settings, warnings)
            picks = [chosen[one][chosen[one]["pick"].notna()] for one in ELECTRODES]
            pairs = best_pairs(picks[0], picks[1], settings.electrons, PAIRS)
            page = render(chosen, pairs, verified, merged, job.rule, loaded, summary, settings)
            (folder / "report.html").write_text(page, encoding="utf-8")
            outputs.write(chosen, pairs, verified, folder)
            write_json(folder / "summary.json", summary)
        parts.clear()
    return summary


def _mapped(loaded: Sequence[Loaded], file: Path) -> list[Loaded]:
    """Return the models with arrays that all processes share, this one included, by one file."""
    joblib.dump([one.model for one in loaded], file)
    shared = joblib.load(file, mmap_mode="r")
    return [replace(one, model=model) for one, model in zip(loaded, shared, strict=True)]


def _work(source: Source, rows: int, job: Job, parts: Parts, run: Run) -> tuple[int, int]:
    """Work on the pieces that are not finished yet; return how many there are in all, and rows."""
    finished = parts.done()
    if finished:
        say(f"going on after {len(finished)} finished chunks")
    count = total = 0
    with bar(f"screen ({run.chosen(rows)})", rows, "molecules") as progress:

        def new() -> Iterator[Piece]:
            nonlocal count, total
            for piece in source.pieces():
                count, total = count + 1, total + piece.n
                if piece.number in finished:
                    progress.advance(piece.n)
                else:
                    yield piece

        def keep(piece: Piece, screened: Screened) -> None:
            parts.write(piece.number, screened)
            progress.advance(piece.n)

        run_pieces(run, rows, new(), partial(screen_piece, job=job), keep)
    return count, total


def _job(settings: Screen, limits: Window, filters: Filters, loaded: Sequence[Loaded]) -> Job:
    margins = {one.registered.target: one.margin for one in loaded}
    rule = Rule(
        limits, settings.absolute_li, settings.positive_above, settings.negative_below,
        settings.margin, settings.level, margins["IE"], margins["EA"], settings.in_domain,
    )  # fmt: skip
    return Job(
        _pair(loaded),
        tuple(map(identity, _pair(loaded))),
        rule,
        filters,
        settings.electrons,
        {"positive": settings.partner_of_positive, "negative": settings.partner_of_negative},
    )  # fmt: skip


def _pair(loaded: Sequence[Loaded]) -> tuple[Model, Model]:
    models = {one.registered.target: one.model for one in loaded}
    return models["IE"], models["EA"]


def _identity(library: Source, job: Job) -> str:
    """Return what is equal only where every chunk comes out the same."""
    return str(joblib.hash((
        describing(), library.digest(), job.identities, job.rule, job.filters, job.electrons,
        job.partner,
    )))  # fmt: skip
