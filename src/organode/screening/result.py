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
        What makes a molecule a candidate; with all settings.
    models : sequence of Loaded
        For IE and EA.
    stability : Loaded or None
        The model of stable ions, if there is one.
    counts : LibraryCounts
        Of all rows.
    candidates : mapping of str to pandas.DataFrame
        Of each listed role, ranked.
    own_columns : sequence of str
        Those of their columns that come from the library's files.
    measured : mapping of str to MeasuredMolecules
        Of each role, molecules whose potential was measured.
    pairs : pandas.DataFrame or None
        Cells of two candidates, where the cell has one for each electrode.
    verified : pandas.DataFrame or None
        Candidates that were computed by quantum chemistry.
    funnel : FunnelResult or None
        Of a library that was too long to be scored in full.
    warnings : sequence of str
        Shown at the top of the report.
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
