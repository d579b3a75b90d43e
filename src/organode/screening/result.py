"""The result of a screening, from which its report, tables and summary are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from organode.compare.explanation import Explanation
from organode.electrochemistry.stability.chance import Stability
from organode.screening.criteria.criteria import Criteria
from organode.screening.criteria.measured import MeasuredMolecules
from organode.screening.engine.funnel import FunnelResult
from organode.screening.shortlist.counts import LibraryCounts
from organode.tracking.registry.versions import Loaded


@dataclass(frozen=True)
class ScreenResult:
    """The result of a finished screening of a library of molecules.

    Attributes
    ----------
    library : str
        Name of the library.
    criteria : Criteria
        The conditions that make a molecule a candidate; `criteria.settings` holds all settings of
        the screening.
    models : sequence of Loaded
        The models that predicted the ionization energy (IE) and the electron affinity (EA), each
        with its version in the model registry.
    stability : Loaded or None
        The model that predicts how likely it is that a molecule's radical ion is stable; None if
        the screening used no such model.
    counts : LibraryCounts
        Counts over all rows of the library.
    candidates : mapping of str to pandas.DataFrame
        Tables of ranked candidates by role: ``p`` for molecules that give off electrons, ``n`` for
        molecules that take up electrons. In a symmetric cell, where each molecule fills both roles,
        ``p`` is the only key.
    own_columns : sequence of str
        Names of the columns in the tables of `candidates` that come from the library's files.
    measured : mapping of str to MeasuredMolecules
        For each role, molecules whose redox potential was measured; the report compares candidates
        with these molecules.
    explanations : mapping of str to mapping of str to Explanation
        By role, and by the column `smiles` of the candidates that the report draws: what the core
        and each group of the molecule add to the potential at which it works in this role.
    pairs : pandas.DataFrame or None
        The best cells of one p-type and one n-type candidate; None unless, in this type of cell,
        p-type molecules are the positive and n-type molecules the negative electrode.
    verified : pandas.DataFrame or None
        Candidates whose IE and EA were computed by quantum chemistry; None if the user did not ask
        for this.
    funnel : FunnelResult or None
        For a long library, of which the models scored only a part: the estimates of all rows and
        the scored rows. None if the models scored every row.
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
    explanations: Mapping[str, Mapping[str, Explanation]]
    pairs: pd.DataFrame | None = None
    verified: pd.DataFrame | None = None
    funnel: FunnelResult | None = None
    warnings: Sequence[str] = ()
