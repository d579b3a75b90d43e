"""A library too long to be scored in full: everything is estimated, the most promising scored.

The models score a random sample; an estimate is fitted to what they say of it and made of every
row; the models then score those that may be among the best. What is listed in the end has been
scored by the models.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from organode.electrochemistry.cells import ROLES
from organode.library.chunk import Chunk
from organode.library.engine import Workers
from organode.library.read import Source, sketch
from organode.screen.engine.chunk import Job, screen_piece
from organode.screen.engine.parts import Parts
from organode.screen.engine.promising import promising
from organode.screen.engine.repeats import Repeats, chosen, confirmed
from organode.screen.engine.surrogate import Surrogate, estimate_piece
from organode.screen.engine.work import PassResult, work
from organode.utils.arrays import hash64

SAMPLE = 6_000  # rows that the estimate learns from
FEWEST = 1_000  # good ones among them; from fewer it does not learn
PIECE = 1_000  # rows that are scored at once, so that all cores have work
ESTIMATOR = "estimator.npz"


@dataclass(frozen=True)
class Funnelled:
    """A library that was estimated and scored in part.

    Attributes
    ----------
    estimated : PassResult
        Every row.
    scored : list of PassResult
        Those that models scored; no row twice.
    repeats : Repeats
        Rows whose structure an earlier one has.
    deviation : dict of float
        Of each role's potential, V: 95 % of the estimates are this close to the models.
    expected : dict of float
        Candidates that the whole library is expected to hold.
    found : dict of float
        Share of the list that is expected to have been found.
    """

    estimated: PassResult
    scored: list[PassResult]
    repeats: Repeats
    deviation: dict[str, float]
    expected: dict[str, float]
    found: dict[str, float]


def funnel(
    source: Source, rows: int, job: Job, parts: Parts, workers: Workers, keep: int
) -> Funnelled | None:
    """Estimate a library and let the models score what may be among its best.

    Parameters
    ----------
    source : Source
        The library.
    rows : int
        About how many rows it has.
    job : Job
        Models, and what is looked for.
    parts : Parts
        Keeps what is done.
    workers : Workers
        Who works.
    keep : int
        How many candidates are listed in each role.

    Returns
    -------
    Funnelled or None
        None if the sample holds too few molecules to learn from.
    """
    score = partial(screen_piece, job=job)
    sampled = work("sample", _sample(source, rows), SAMPLE, score, parts.store("sample"), workers)
    estimator = _estimator(sampled, job, parts, source.cap)
    if estimator is None:
        return None
    estimate = partial(estimate_piece, aim=job.aim, estimator=estimator)
    estimated = work("estimate", source.pieces(), rows, estimate, parts.store("estimate"), workers)
    repeats = confirmed(estimated, parts.store("compare"), workers, source.cap)
    promise = promising(estimated, job.aim, estimator, repeats, keep)
    wanted = np.unique(np.concatenate([one.rows for one in promise.values()]))
    wanted = np.setdiff1d(wanted, _rows(sampled))
    pieces = chosen(estimated, wanted, PIECE, source.cap)
    scored = work("score", pieces, len(wanted), score, parts.store("score"), workers)
    return Funnelled(
        estimated, [sampled, scored], repeats,
        dict(zip(ROLES, estimator.deviation.tolist(), strict=True)),
        {one: each.expected for one, each in promise.items()},
        {one: each.found for one, each in promise.items()},
    )  # fmt: skip


def _sample(source: Source, rows: int) -> Iterator[Chunk]:
    """Yield pieces of `SAMPLE` rows or so, drawn from the whole library."""
    waiting: list[tuple[int, str, str, str]] = []
    number = 0
    for piece in source.pieces():
        luck = hash64(np.asarray(piece.rows, np.uint64)) / 2.0**64
        drawn = np.flatnonzero(luck < SAMPLE / rows)
        if not len(drawn):
            continue
        waiting += piece.given().select(drawn.tolist())
        while len(waiting) >= PIECE:
            yield _gathered(number, waiting[:PIECE], source.cap)
            number, waiting = number + 1, waiting[PIECE:]
    if waiting:
        yield _gathered(number, waiting, source.cap)


def _gathered(number: int, drawn: Sequence[tuple[int, str, str, str]], cap: str) -> Chunk:
    rows, ids, smiles, problems = zip(*drawn, strict=True)
    return Chunk(number, rows, ids, smiles, problems, cap=cap)


def _estimator(sampled: PassResult, job: Job, parts: Parts, cap: str) -> Surrogate | None:
    """Fit the estimate to the sample, or take it from an interrupted command."""
    file = parts.folder / ESTIMATOR
    if file.exists():
        return Surrogate.load(file)
    if sampled.rows < FEWEST:
        return None
    answers = pd.concat(sampled.tables())
    good = answers[answers["status"] == "ok"]
    if len(good) < FEWEST:
        return None
    rows, ids, smiles = (good[name].tolist() for name in ("row", "id", "smiles"))
    estimator = Surrogate.fit(sketch(rows, ids, smiles, (), cap).counts, good, job.aim.rule)
    estimator.save(file)
    return estimator


def _rows(done: PassResult) -> np.ndarray:
    return np.concatenate([table["row"].to_numpy() for table in done.tables(["row"])])
