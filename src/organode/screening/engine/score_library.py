"""Score a library by the models: in full if it is short, its most promising rows if it is long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from organode.library.engine import Workers
from organode.library.protocols import AnyLibrary
from organode.screening.columns import SURROGATE_ONLY
from organode.screening.criteria.criteria import Criteria
from organode.screening.engine.answer_cache import CachedModel
from organode.screening.engine.funnel import FunnelResult, run_funnel
from organode.screening.engine.parts import Parts
from organode.screening.engine.passes import PassResult, run_pass
from organode.screening.engine.repeats import Repeats, isin_sorted, repeats_by_key
from organode.screening.engine.scoring import score_chunk


@dataclass(frozen=True)
class ScoredLibrary:
    """All rows of a library, scored by the models or estimated by the surrogate.

    Attributes
    ----------
    passes : list of PassResult
        The passes in which the models scored rows; they hold the tables ``rows`` and
        ``candidates``.
    repeats : Repeats
        Rows whose structure an earlier row has.
    funnel : FunnelResult or None
        How a long library was estimated and scored in part; None if every row was scored.
    """

    passes: list[PassResult]
    repeats: Repeats
    funnel: FunnelResult | None = None

    @property
    def n_rows(self) -> int:
        """Number of rows of the library."""
        return self.passes[0].rows if self.funnel is None else self.funnel.estimated.rows

    def rows(self) -> Iterator[pd.DataFrame]:
        """Yield all rows of the library in order, several chunks in one table."""
        if self.funnel is None:
            return self.passes[0].tables()
        return replace_scored(self.funnel.estimated, self.passes)

    def candidates(self) -> Iterator[pd.DataFrame]:
        """Yield tables of the candidates among all scored rows, in any order."""
        return (table for each in self.passes for table in each.tables(kind="candidates"))


def score_library(
    library: AnyLibrary,
    rows: int,
    models: tuple[CachedModel, CachedModel],
    criteria: Criteria,
    parts: Parts,
    workers: Workers,
) -> ScoredLibrary:
    """Score a library in full up to `settings.in_full` rows, and a longer one by the funnel.

    The funnel estimates all rows by a fast surrogate, and only the most promising are scored by the
    models. A library with too few valid molecules to fit the surrogate is scored in full too.

    Parameters
    ----------
    library : AnyLibrary
        What to screen.
    rows : int
        About how many rows it has.
    models : tuple of CachedModel
        The model of IE and the model of EA.
    criteria : Criteria
        What makes a molecule a candidate.
    parts : Parts
        Folder of finished chunks, from which an interrupted screening resumes.
    workers : Workers
        Where chunks are processed: here, in several processes, or on a Dask cluster.
    """
    if rows > criteria.settings.in_full:
        funnel = run_funnel(library, rows, models, criteria, parts, workers)
        if funnel is not None:
            return ScoredLibrary(funnel.scored, funnel.repeats, funnel)
    score = partial(score_chunk, models=models, criteria=criteria)
    result = run_pass("screen", library.chunks(), rows, score, parts.store("whole"), workers)
    return ScoredLibrary([result], repeats_by_key(result))


def replace_scored(estimated: PassResult, scored: list[PassResult]) -> Iterator[pd.DataFrame]:
    """Yield all rows of a library in order: each as scored if it was scored, else as estimated."""
    tables = [table for result in scored for table in result.tables()]
    all_scored = pd.concat(tables, ignore_index=True).sort_values("row", ignore_index=True)
    for rows in estimated.tables():
        ends = rows["row"].iloc[0], rows["row"].iloc[-1] + 1
        replacing = all_scored[slice(*np.searchsorted(all_scored["row"], ends))]
        rest = rows[~isin_sorted(rows["row"].to_numpy(), replacing["row"].to_numpy())]
        both = pd.concat([rest.drop(columns=list(SURROGATE_ONLY)), replacing])
        yield both.sort_values("row", ignore_index=True)
