"""Score a library by the models: all rows of a short one, the most promising rows of a long one."""

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
    """Results for all rows of a library, scored by the models or estimated by a fast surrogate.

    Attributes
    ----------
    passes : list of PassResult
        The rows that the models scored, as tables ``rows`` and ``candidates``.
    repeats : Repeats
        Rows that repeat the structure of an earlier row.
    funnel : FunnelResult or None
        For a long library, the surrogate's estimates of all rows; None if the models scored every
        row.
    """

    passes: list[PassResult]
    repeats: Repeats
    funnel: FunnelResult | None = None

    @property
    def n_rows(self) -> int:
        """Number of rows of the library."""
        return self.passes[0].rows if self.funnel is None else self.funnel.estimated.rows

    def rows(self) -> Iterator[pd.DataFrame]:
        """Yield tables of all rows of the library in order, several chunks of rows in one table."""
        if self.funnel is None:
            return self.passes[0].tables()
        return replace_scored(self.funnel.estimated, self.passes)

    def candidates(self) -> Iterator[pd.DataFrame]:
        """Yield tables of all candidates among the scored rows, in no particular order."""
        return (table for each in self.passes for table in each.tables(kind="candidates"))


def score_library(
    library: AnyLibrary,
    rows: int,
    models: tuple[CachedModel, CachedModel],
    criteria: Criteria,
    parts: Parts,
    workers: Workers,
) -> ScoredLibrary:
    """Score all rows of a short library, and the most promising rows of a long library.

    A library is long if it has more than `criteria.settings.in_full` rows. Then a fast surrogate
    estimates all rows, and the models score only the most promising ones. A long library with too
    few valid molecules to fit the surrogate is scored in full, too.

    Parameters
    ----------
    library : AnyLibrary
        The library to screen.
    rows : int
        Approximate number of rows of the library.
    models : tuple of CachedModel
        The model of the ionization energy (IE) and the model of the electron affinity (EA).
    criteria : Criteria
        The conditions that make a molecule a candidate.
    parts : Parts
        Folder of finished chunks of rows, from which an interrupted screening resumes.
    workers : Workers
        Where rows are processed: in this process, in several processes, or on a Dask cluster.
    """
    if rows > criteria.settings.in_full:
        funnel = run_funnel(library, rows, models, criteria, parts, workers)
        if funnel is not None:
            return ScoredLibrary(funnel.scored, funnel.repeats, funnel)
    score = partial(score_chunk, models=models, criteria=criteria)
    result = run_pass("screen", library.chunks(), rows, score, parts.store("whole"), workers)
    return ScoredLibrary([result], repeats_by_key(result))


def replace_scored(estimated: PassResult, scored: list[PassResult]) -> Iterator[pd.DataFrame]:
    """Yield all rows of a library in order: as the models scored them, or else as estimated.

    Parameters
    ----------
    estimated : PassResult
        All rows, with the estimates of a fast surrogate of the models.
    scored : list of PassResult
        The rows that the models scored; they replace the estimated rows of the same number.
    """
    tables = [table for result in scored for table in result.tables()]
    all_scored = pd.concat(tables, ignore_index=True).sort_values("row", ignore_index=True)
    for rows in estimated.tables():
        ends = rows["row"].iloc[0], rows["row"].iloc[-1] + 1
        replacing = all_scored[slice(*np.searchsorted(all_scored["row"], ends))]
        rest = rows[~isin_sorted(rows["row"].to_numpy(), replacing["row"].to_numpy())]
        both = pd.concat([rest.drop(columns=list(SURROGATE_ONLY)), replacing])
        yield both.sort_values("row", ignore_index=True)
