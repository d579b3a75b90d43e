"""Score a library of any length: in full if it is short, by the funnel if it is long."""

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
    """All rows of a library, scored or estimated.

    Attributes
    ----------
    passes : list of PassResult
        Rows that the models scored, with the candidates among them.
    repeats : Repeats
        Rows whose structure an earlier row has.
    funnel : FunnelResult or None
        Of a library that was too long to be scored in full.
    """

    passes: list[PassResult]
    repeats: Repeats
    funnel: FunnelResult | None = None

    @property
    def n_rows(self) -> int:
        """Rows of the library."""
        return self.passes[0].rows if self.funnel is None else self.funnel.estimated.rows

    def rows(self) -> Iterator[pd.DataFrame]:
        """Yield every row of the library, in order."""
        if self.funnel is None:
            return self.passes[0].tables()
        return replace_scored(self.funnel.estimated, self.passes)

    def candidates(self) -> Iterator[pd.DataFrame]:
        """Yield the candidates of all scored rows, in any order."""
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

    Parameters
    ----------
    library, rows, models, criteria, parts, workers
        As for `organode.screening.engine.funnel.run_funnel`.
    """
    if rows > criteria.settings.in_full:
        funnel = run_funnel(library, rows, models, criteria, parts, workers)
        if funnel is not None:
            return ScoredLibrary(funnel.scored, funnel.repeats, funnel)
    score = partial(score_chunk, models=models, criteria=criteria)
    result = run_pass("screen", library.chunks(), rows, score, parts.store("whole"), workers)
    return ScoredLibrary([result], repeats_by_key(result))


def replace_scored(estimated: PassResult, scored: list[PassResult]) -> Iterator[pd.DataFrame]:
    """Yield the estimated rows of a library, each that was also scored by its scored row."""
    tables = [table for result in scored for table in result.tables()]
    all_scored = pd.concat(tables, ignore_index=True).sort_values("row", ignore_index=True)
    for rows in estimated.tables():
        ends = rows["row"].iloc[0], rows["row"].iloc[-1] + 1
        replacing = all_scored[slice(*np.searchsorted(all_scored["row"], ends))]
        rest = rows[~isin_sorted(rows["row"].to_numpy(), replacing["row"].to_numpy())]
        both = pd.concat([rest.drop(columns=list(SURROGATE_ONLY)), replacing])
        yield both.sort_values("row", ignore_index=True)
