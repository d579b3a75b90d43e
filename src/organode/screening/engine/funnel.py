"""Screen a long library by a funnel: estimate all rows by a surrogate, score the best by models.

To score a molecule is to predict its potentials by the full models and to compare them with the
criteria. First, the models score a random sample of the library. The surrogate, a fast regression,
is fitted to these predictions and estimates every row. Then the models score the molecules that may
be among the best. So every candidate that is listed in the results has been scored by the models.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from pandas.util import hash_array

from organode.electrochemistry.cells import ROLES
from organode.electrochemistry.stability.core_finder import core_finder
from organode.library.chunk import Chunk
from organode.library.engine import Workers
from organode.library.joined import joined
from organode.library.protocols import AnyLibrary
from organode.library.read import fingerprint
from organode.screening.criteria.criteria import Criteria
from organode.screening.engine.answer_cache import CachedModel
from organode.screening.engine.estimation import (
    STABILITY_OF_SAMPLE,
    estimate_chunk,
    score_sample,
)
from organode.screening.engine.parts import Parts
from organode.screening.engine.passes import PassResult, run_pass
from organode.screening.engine.repeats import Repeats, confirmed_repeats, gather_rows
from organode.screening.engine.scoring import score_chunk
from organode.screening.engine.selection import select_for_scoring
from organode.screening.engine.surrogate import Surrogate

SAMPLE = 6_000  # rows that the surrogate is fitted to
SMALLEST_SAMPLE = 1_000  # valid molecules among them; fewer are too few for a fit
CHUNK = 1_000  # rows scored together; fewer than in other passes, so that all cores have work
TOGETHER = 5  # of the library's chunks, estimated as one, since tables take time for each chunk
SURROGATE = "surrogate.npz"


@dataclass(frozen=True)
class FunnelResult:
    """Results of a long library, of which all rows were estimated and some were scored.

    A fast surrogate estimates what the full models would predict; the full models score.

    Attributes
    ----------
    estimated : PassResult
        All rows of the library, with the surrogate's estimates.
    scored : list of PassResult
        The rows that the models scored: first the random sample to which the surrogate was fitted,
        then the selected molecules. No row is in both.
    repeats : Repeats
        Rows that repeat the structure of an earlier row.
    deviation : dict of float
        Error of the surrogate, V, under ``p`` for oxidation potentials (E_ox) and under ``n`` for
        reduction potentials (E_red): 95 % of the surrogate's estimates are this close to the
        models' predictions.
    expected_candidates : dict of float
        For each role with a list of candidates (``p``: molecules that give off electrons, ``n``:
        molecules that take up electrons), how many candidates the library is expected to hold.
    share_listed : dict of float
        For each of these roles, the share of the library's best candidates that is expected to be
        among the scored molecules.
    """

    estimated: PassResult
    scored: list[PassResult]
    repeats: Repeats
    deviation: dict[str, float]
    expected_candidates: dict[str, float]
    share_listed: dict[str, float]


def run_funnel(
    library: AnyLibrary,
    rows: int,
    models: tuple[CachedModel, CachedModel],
    criteria: Criteria,
    parts: Parts,
    workers: Workers,
) -> FunnelResult | None:
    """Estimate all rows of a long library, and score the molecules that may be among its best.

    A fast surrogate estimates what the full models would predict; the full models score.

    Parameters
    ----------
    library : AnyLibrary
        The library to screen.
    rows : int
        Approximate number of rows of the library.
    models : tuple of CachedModel
        The model of the ionization energy (IE) and the model of the electron affinity (EA).
    criteria : Criteria
        The conditions that make a molecule a candidate; the best `criteria.settings.keep`
        candidates are listed.
    parts : Parts
        Folder of finished chunks of rows, from which an interrupted screening resumes.
    workers : Workers
        Where rows are processed: in this process, in several processes, or on a Dask cluster.

    Returns
    -------
    FunnelResult or None
        None if a random sample of the library holds too few valid molecules to fit the surrogate.
    """
    score = partial(score_chunk, models=models, criteria=criteria)
    sample = _random_sample(library, rows)
    score_sampled = partial(score_sample, models=models, criteria=criteria)
    sampled = run_pass("sample", sample, SAMPLE, score_sampled, parts.store("sample"), workers)
    surrogate = _surrogate(sampled, criteria, parts, library.cap)
    if surrogate is None:
        return None
    estimate = partial(estimate_chunk, criteria=criteria, surrogate=surrogate)
    chunks = joined(library.chunks(), TOGETHER)
    estimated = run_pass("estimate", chunks, rows, estimate, parts.store("estimate"), workers)
    repeats = confirmed_repeats(estimated, parts.store("compare"), workers, library.cap)
    keep = criteria.settings.keep
    selections = select_for_scoring(estimated, criteria, surrogate, repeats, keep)
    selected = np.unique(np.concatenate([each.rows for each in selections.values()]))
    selected = np.setdiff1d(selected, _row_numbers(sampled))
    gathered = gather_rows(estimated, selected, CHUNK, library.cap)
    scored = run_pass("score", gathered, len(selected), score, parts.store("score"), workers)
    return FunnelResult(
        estimated,
        [sampled, scored],
        repeats,
        dict(zip(ROLES, surrogate.deviation.tolist(), strict=True)),
        {role: each.expected_candidates for role, each in selections.items()},
        {role: each.share_listed for role, each in selections.items()},
    )


def _random_sample(library: AnyLibrary, rows: int) -> Iterator[Chunk]:
    """Yield chunks with about `SAMPLE` rows of a library in all, drawn at random.

    The choice depends only on a hash of the row number, so that it is the same in every run. `rows`
    is the approximate number of rows of the library.
    """
    waiting: list[tuple[int, str, str, str]] = []
    number = 0
    for chunk in library.chunks():
        uniform = hash_array(np.asarray(chunk.rows, np.uint64)) / 2.0**64
        drawn = np.flatnonzero(uniform < SAMPLE / rows)
        if not len(drawn):
            continue
        waiting += chunk.as_given().select(drawn.tolist())
        while len(waiting) >= CHUNK:
            yield _chunk(number, waiting[:CHUNK], library.cap)
            number, waiting = number + 1, waiting[CHUNK:]
    if waiting:
        yield _chunk(number, waiting, library.cap)


def _chunk(number: int, drawn: Sequence[tuple[int, str, str, str]], cap: str) -> Chunk:
    rows, ids, smiles, problems = zip(*drawn, strict=True)
    return Chunk(number, rows, ids, smiles, problems, cap=cap)


def _surrogate(sampled: PassResult, criteria: Criteria, parts: Parts, cap: str) -> Surrogate | None:
    """Fit the surrogate to the scored sample, or load it if an interrupted command has fitted it.

    The surrogate is a fast model of what the full models would predict.

    Parameters
    ----------
    sampled : PassResult
        The random sample of the library, scored by the full models.
    criteria : Criteria
        The conditions that make a molecule a candidate.
    parts : Parts
        Folder in which the surrogate is kept.
    cap : str
        End group of a polymer's repeat unit: ``H``, ``methyl``, or empty for none.

    Returns
    -------
    Surrogate or None
        None if the sample holds too few valid molecules for a fit.
    """
    file = parts.folder / SURROGATE
    if file.exists():
        return Surrogate.load(file)
    if sampled.rows < SMALLEST_SAMPLE:
        return None
    scored = pd.concat(sampled.tables())
    good = scored[scored["status"] == "ok"]
    if len(good) < SMALLEST_SAMPLE:
        return None
    stability = pd.concat(sampled.tables(kind=STABILITY_OF_SAMPLE), ignore_index=True)
    rows, ids, smiles = (good[name].tolist() for name in ("row", "id", "smiles"))
    parsed = fingerprint(rows, ids, smiles, (), cap, core_finder().have_core)
    surrogate = Surrogate.fit(parsed.counts, good, stability, parsed.has_core, criteria)
    surrogate.save(file)
    return surrogate


def _row_numbers(result: PassResult) -> np.ndarray:
    return np.concatenate([table["row"].to_numpy() for table in result.tables(["row"])])
