"""The result of a screening: what report, tables and summary are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from organode.electrochemistry.stability.chance import Stability
from organode.screening.criteria.criteria import Criteria
from organode.screening.criteria.measured import MeasuredMolecules
from organode.screening.engine.funnel import FunnelResult
from organode.screening.shortlist.counts import LibraryCounts
from organode.tracking.registry.versions import Loaded


@dataclass(frozen=True)
class ScreenResult:
    """A finished screening.

    Attributes
    ----------
    library : str
        Name of the library.
    criteria : Criteria
        What makes a molecule a candidate; `criteria.settings` holds all settings.
    models : sequence of Loaded
        The models that predicted IE and EA, each with its version in the registry.
    stability : Loaded or None
        The model that predicts how likely radical ions are stable; None if there is none.
    counts : LibraryCounts
        Counts over all rows of the library.
    candidates : mapping of str to pandas.DataFrame
        The ranked candidates of each role with its own list (`Criteria.listed_roles`): ``p`` for
        molecules that give off electrons, ``n`` for molecules that take them up.
    own_columns : sequence of str
        Names of the columns of `candidates` that come from the library's files.
    measured : mapping of str to MeasuredMolecules
        For each role, molecules whose potential was measured, to compare candidates with.
    pairs : pandas.DataFrame or None
        The best cells of two candidates; None unless, in this type of cell, p-type molecules are
        the positive and n-type molecules the negative electrode.
    verified : pandas.DataFrame or None
        Candidates whose IE and EA were computed by quantum chemistry; None if not asked for.
    funnel : FunnelResult or None
        How a long library was estimated as a whole and scored in part; None if the models scored
        every row.
    warnings : sequence of str
        Texts shown at the top of the report.
    """

    library: str
    criteria: Criteria
    models: Sequence[Loaded]
    stability: Loaded[Stability] | None
    counts: LibraryCounts
    candidates: Mapping[str, pd.DataFrame]
    own_columns: Sequence[str]
    measured: Mapping[str, MeasuredMolecules]
    pairs: pd.DataFrame | None = None
    verified: pd.DataFrame | None = None
    funnel: FunnelResult | None = None
    warnings: Sequence[str] = ()
