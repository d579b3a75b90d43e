"""Counts over all rows of a library of molecules, for the figures and tables of a report."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from organode.electrochemistry.cells import ROLES
from organode.screening.columns import CANDIDATE_FLAG, FIRST_WAVE
from organode.screening.criteria.potentials import MARGIN_RULES

BIN = 0.05  # V
EDGES = np.arange(-6.0, 14.0 + BIN, BIN)
COARSE_EDGES = np.arange(-6.0, 14.0 + 0.1, 0.1)
EXAMPLES = 4  # molecules of each reason for refusal that a report draws


def _no_histograms() -> dict[str, np.ndarray]:
    """Return a histogram of zeros, with the bins `EDGES` (V), for each role, ``p`` and ``n``."""
    return {role: np.zeros(len(EDGES) - 1, np.int64) for role in ROLES}


@dataclass
class LibraryCounts:
    """Counts of a library's rows, added chunk by chunk.

    A molecule is counted in two roles: ``p``, as one that gives off electrons, and ``n``, as one
    that takes up electrons. A repeat is a row with the structure of an earlier row.

    Attributes
    ----------
    rows : int
        Number of rows of the library.
    scored : int
        Number of rows whose molecule the models scored: a long library is scored only in part.
    status : Counter
        Number of rows by status. The status is ``ok``, the reason why the row has no molecule that
        can be predicted, or ``repeat of an earlier row`` for all repeats together.
    remarks : dict of Counter
        For each role, number of molecules by reason for refusal; candidates are counted under an
        empty reason.
    examples : dict of dict
        For each role and reason, the first `EXAMPLES` molecules that were refused for this reason:
        id, SMILES and potential in V.
    selected_by : dict of Counter
        For each margin rule, number of molecules by role whose potentials meet all limits by that
        rule. The rule ``interval`` uses each molecule's own error bar, the rule ``thesis`` one
        error bar for all molecules. Under ``both`` are the molecules that meet all limits by each
        of the two rules.
    library_histogram, candidate_histogram : dict of numpy.ndarray
        For each role, number of molecules and of candidates in bins (`EDGES`, V) of the potential,
        which is E_ox for ``p`` and E_red for ``n``.
    plane : numpy.ndarray
        Number of molecules in bins (`COARSE_EDGES`, V) of E_ox (first axis) and E_red (second).
    """

    rows: int = 0
    scored: int = 0
    status: Counter[str] = field(default_factory=Counter)
    remarks: dict[str, Counter[str]] = field(
        default_factory=lambda: {role: Counter() for role in ROLES}
    )
    examples: dict[str, dict[str, list[tuple[str, str, float]]]] = field(
        default_factory=lambda: {role: {} for role in ROLES}
    )
    selected_by: dict[str, Counter[str]] = field(
        default_factory=lambda: {rule: Counter() for rule in (*MARGIN_RULES, "both")}
    )
    library_histogram: dict[str, np.ndarray] = field(default_factory=_no_histograms)
    candidate_histogram: dict[str, np.ndarray] = field(default_factory=_no_histograms)
    plane: np.ndarray = field(
        default_factory=lambda: np.zeros((len(COARSE_EDGES) - 1, len(COARSE_EDGES) - 1), np.int64)
    )

    def add(self, rows: pd.DataFrame, repeated: np.ndarray) -> None:
        """Add some rows of the library to the counts.

        Parameters
        ----------
        rows : pandas.DataFrame
            n rows with status, potentials, remarks and the results of the criteria.
        repeated : numpy.ndarray
            Shape (n,), bool: whether an earlier row of the library has the same structure.
        """
        self.rows += len(rows)
        self.scored += int(rows["scored"].sum())
        self.status.update(_count_texts(rows.loc[~repeated, "status"]))
        if repeated.any():
            self.status["repeat of an earlier row"] += int(repeated.sum())
        good = rows[rows["status"] == "ok"]
        for role in ROLES:
            self._add_role(good, role)
        bins = [COARSE_EDGES, COARSE_EDGES]
        self.plane += np.histogram2d(good["E_ox"], good["E_red"], bins)[0].astype(int)

    def _add_role(self, good: pd.DataFrame, role: str) -> None:
        """Add rows with a valid molecule, `good`, to the counts of one role, ``p`` or ``n``."""
        potential = FIRST_WAVE[role]
        remarks = good[f"{role}_remark"]
        counts = _count_texts(remarks)
        self.remarks[role].update(counts)
        for reason in filter(None, counts):
            examples = self.examples[role].setdefault(reason, [])
            if len(examples) < EXAMPLES:
                new = good[remarks == reason].head(EXAMPLES - len(examples))
                examples += new[["id", "smiles", potential]].itertuples(index=False, name=None)
        self.library_histogram[role] += np.histogram(good[potential], EDGES)[0]
        candidates = good.loc[good[CANDIDATE_FLAG[role]], potential]
        self.candidate_histogram[role] += np.histogram(candidates, EDGES)[0]
        selected = {rule: good[f"by_{rule}_{role}"] for rule in MARGIN_RULES}
        selected["both"] = selected["interval"] & selected["thesis"]
        for rule, mask in selected.items():
            self.selected_by[rule][role] += int(mask.sum())

    def refused(self, role: str) -> dict[str, int]:
        """Count the refused molecules of a role by reason, the most frequent reason first."""
        return {why: count for why, count in self.remarks[role].most_common() if why}


def _count_texts(texts: pd.Series) -> dict[str, int]:
    """Return how often each text occurs in a column, the most frequent text first."""
    return {str(text): int(count) for text, count in texts.value_counts().items()}
