"""Select the molecules of a long library that are worth scoring with the full models."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from organode.electrochemistry.cells import ROLES
from organode.screening.columns import BOUNDED, STABLE_ELECTRONS
from organode.screening.criteria.assessment import energies_in_role
from organode.screening.criteria.criteria import Criteria
from organode.screening.engine.estimation import CERTAIN, PLAUSIBLE
from organode.screening.engine.passes import PassResult
from organode.screening.engine.repeats import Repeats
from organode.screening.engine.surrogate import Surrogate

SHARE_WANTED = 0.95  # of the best molecules, expected among the selected
SELECTED_PER_PLACE = 8  # at most so many molecules are scored for each place of the list
IN_MEMORY = 1_000_000  # molecules of each role
FAR = 4.0  # standard deviations
TIER_PENALTY = 1e5  # Wh/kg, more than any molecule stores: a better tier always comes first


@dataclass(frozen=True)
class Selection:
    """Molecules selected for one role.

    Attributes
    ----------
    rows : numpy.ndarray
        To be scored, sorted ascending.
    expected_candidates : float
        In the whole library.
    share_listed : float
        Share of the best candidates that is expected to be among `rows`.
    """

    rows: np.ndarray
    expected_candidates: float
    share_listed: float


def select_for_scoring(
    estimated: PassResult, criteria: Criteria, surrogate: Surrogate, repeats: Repeats, keep: int
) -> dict[str, Selection]:
    """Select, for each listed role, the molecules that are most likely to be listed.

    A molecule is listed if it is a candidate, and its energy times the probability that its ion
    lasts is above that of the last molecule on the list: the score is about that. The surrogate
    estimates both, with a known error, and so the probability of being listed.

    Parameters
    ----------
    estimated : PassResult
        Estimated rows.
    criteria, surrogate : Criteria, Surrogate
        With which they were estimated.
    repeats : Repeats
        Rows that are left out.
    keep : int
        How many candidates are listed in each role.
    """
    best = {role: _BestMolecules(keep) for role in criteria.listed_roles}
    columns = ["row", "status", "molar_mass", *BOUNDED]
    columns += [
        f"{name}_{role}" for name in ("chance", "tier", "stable", STABLE_ELECTRONS) for role in best
    ]
    for table in estimated.tables(columns):
        good = (table["status"] == "ok").to_numpy() & ~repeats.contains(table["row"].to_numpy())
        rows = table[good].assign(**CERTAIN)
        mass = rows["molar_mass"].to_numpy()
        for role, molecules in best.items():
            electrons = rows[f"{STABLE_ELECTRONS}_{role}"].to_numpy()
            energies = energies_in_role(criteria, rows, mass, role, electrons)
            # The voltage of a molecule in both roles has the errors of both potentials.
            spread = surrogate.spread[ROLES.index(role)]
            if criteria.cell.together:
                spread = np.hypot(*surrogate.spread)
            stable = rows[f"stable_{role}"].to_numpy(float)
            energy = energies["energy_Wh_kg"].to_numpy() * stable
            molecules.add(
                rows["row"].to_numpy(),
                rows[f"chance_{role}"].to_numpy(float),
                energy - TIER_PENALTY * rows[f"tier_{role}"].to_numpy(),
                energies["capacity_mAh_g"].to_numpy() * stable * spread,
            )
    return {role: molecules.select() for role, molecules in best.items()}


class _BestMolecules:
    """The molecules of a library that may be among its best `keep`, in bounded memory."""

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._expected = 0.0
        self._table = pd.DataFrame({"row": [], "chance": [], "energy": [], "spread": []})
        self._new: list[pd.DataFrame] = []
        self._n_new = 0

    def add(
        self, row: np.ndarray, chance: np.ndarray, energy: np.ndarray, spread: np.ndarray
    ) -> None:
        """Add molecules: chance to be a candidate, energy and its standard deviation in Wh/kg."""
        self._expected += float(chance.sum())
        table = pd.DataFrame({"row": row, "chance": chance, "energy": energy, "spread": spread})
        self._new.append(table[chance >= PLAUSIBLE])
        self._n_new += len(self._new[-1])
        if self._n_new > IN_MEMORY:
            self._merge_new()
            # More molecules can only raise the cut: those far below it will never be listed.
            table = self._table
            self._table = table[table["energy"] + FAR * table["spread"] >= self._cut()]
            self._n_new = 0

    def _merge_new(self) -> None:
        tables = [table for table in (self._table, *self._new) if len(table)]
        if tables:
            self._table = pd.concat(tables, ignore_index=True)
        self._new = []

    def _cut(self) -> float:
        """Return the energy above which `keep` candidates are expected."""
        descending = self._table.sort_values(["energy", "row"], ascending=[False, True])
        enough = np.flatnonzero(descending["chance"].cumsum() >= self._keep)
        return float(descending["energy"].iloc[enough[0]]) if len(enough) else -np.inf

    def select(self) -> Selection:
        self._merge_new()
        table = self._table
        if table.empty:
            return Selection(np.empty(0, np.int64), self._expected, 1.0)
        listed = table["chance"] * norm.cdf((table["energy"] - self._cut()) / table["spread"])
        table = table.assign(listed=listed).sort_values(["listed", "row"], ascending=[False, True])
        total = table["listed"].sum()
        share = (table["listed"].cumsum() / total).to_numpy()
        most = SELECTED_PER_PLACE * self._keep
        n = min(int(np.searchsorted(share, SHARE_WANTED)) + 1, most, len(table))
        rows = table["row"].to_numpy()[:n].astype(np.int64)
        return Selection(np.sort(rows), self._expected, float(share[n - 1]))
