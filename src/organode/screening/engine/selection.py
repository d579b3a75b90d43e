"""Select the molecules of a long library that are worth scoring with the full models."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr

from organode.electrochemistry.cells import ROLES
from organode.electrochemistry.stability import FATAL
from organode.screening.columns import BOUNDED, OF_ROLE, STABLE_ELECTRONS
from organode.screening.criteria.assessment import energies_in_role
from organode.screening.criteria.criteria import Criteria
from organode.screening.criteria.stability import TIER_ORDER
from organode.screening.engine.estimation import CERTAIN, PLAUSIBLE
from organode.screening.engine.passes import PassResult
from organode.screening.engine.repeats import Repeats
from organode.screening.engine.surrogate import Surrogate

SHARE_WANTED = 0.95  # share of the best molecules that the selection is expected to contain
SELECTED_PER_PLACE = 10  # at most so many molecules are scored per candidate to be listed,
ALWAYS_AFFORDABLE = 5_000  # but these in any case: scoring them takes seconds
IN_MEMORY = 1_000_000  # molecules added for a role before hopeless ones are dropped
FAR = 4.0  # standard deviations below the cut: such molecules are dropped
LEAST_SPREAD = 1e-3  # Wh/kg
TIER_PENALTY = 1e5  # Wh/kg, more than any molecule stores: a better tier always comes first


@dataclass(frozen=True)
class Selection:
    """The molecules of a library that were selected, for one role, to be scored by the full models.

    Attributes
    ----------
    rows : numpy.ndarray
        Row numbers of the selected molecules in the library, sorted ascending.
    expected_candidates : float
        Expected number of candidates in the whole library.
    share_listed : float
        Share of the molecules on the list of best candidates that is expected to be among `rows`.
    """

    rows: np.ndarray
    expected_candidates: float
    share_listed: float


def select_for_scoring(
    estimated: PassResult, criteria: Criteria, surrogate: Surrogate, repeats: Repeats, keep: int
) -> dict[str, Selection]:
    """Select the molecules that are most likely to be on a list of the best candidates.

    Each list belongs to a role and holds the best `keep` candidates: first by stability tier, then
    by score, which is about the specific energy times the probability that the ion is stable. The
    surrogate, a fast model, estimates with a known error whether a molecule is a candidate, and the
    molecule's energy. From these estimates follows the probability that the molecule is listed.

    Parameters
    ----------
    estimated : PassResult
        All rows of the library, with the surrogate's estimates.
    criteria : Criteria
        The conditions that make a molecule a candidate, used for these estimates.
    surrogate : Surrogate
        The model that made these estimates.
    repeats : Repeats
        Rows that repeat the structure of an earlier row; these rows are left out.
    keep : int
        How many candidates are listed in each role.

    Returns
    -------
    dict of Selection
        The molecules to be scored, for each role with a list: ``p`` (molecules that give off
        electrons), ``n`` (molecules that take up electrons), or only ``p`` in a symmetric cell.
    """
    best = {role: _BestMolecules(keep) for role in criteria.listed_roles}
    columns = ["row", "status", "molar_mass", *BOUNDED]
    columns += [f"{name}_{role}" for name in OF_ROLE for role in best]
    for table in estimated.tables(columns):
        good = (table["status"] == "ok").to_numpy() & ~repeats.contains(table["row"].to_numpy())
        rows = table[good].assign(**CERTAIN)
        mass = rows["molar_mass"].to_numpy()
        for role, molecules in best.items():
            electrons = rows[f"{STABLE_ELECTRONS}_{role}"].to_numpy()
            energies = energies_in_role(criteria, rows, mass, role, electrons)
            # If a molecule is both electrodes, its voltage has the errors of both potentials.
            spread = surrogate.spread[ROLES.index(role)]
            if criteria.cell.together:
                spread = np.hypot(*surrogate.spread)
            stable = rows[f"stable_{role}"].to_numpy(float)
            energy = energies["energy_Wh_kg"].to_numpy()
            in_doubt = ~rows[f"judged_{role}"].to_numpy()
            of_stability = surrogate.stability_spread[ROLES.index(role)] * in_doubt
            spread_of_energy = np.hypot(
                energies["capacity_mAh_g"].to_numpy() * stable * spread, energy * of_stability
            )
            spread_of_energy = np.maximum(spread_of_energy, LEAST_SPREAD)
            chance, fatal = (rows[f"{name}_{role}"].to_numpy(float) for name in ("chance", "fatal"))
            tiers = (rows[f"tier_{role}"].to_numpy(), 1 - fatal), (TIER_ORDER[FATAL], fatal)
            score, row = energy * stable, rows["row"].to_numpy()
            for tier, probability in tiers:
                some = (chance >= PLAUSIBLE) & (probability > 0)
                ranked = (row, chance * probability, score - TIER_PENALTY * tier, spread_of_energy)
                molecules.add(*(each[some] for each in ranked))
            molecules.expected += float(chance.sum())
    return {role: molecules.select() for role, molecules in best.items()}


class _BestMolecules:
    """Collector of the molecules that may be among a library's best `keep`, in bounded memory."""

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self.expected = 0.0
        self._table = pd.DataFrame({"row": [], "chance": [], "energy": [], "spread": []})
        self._new: list[pd.DataFrame] = []
        self._n_new = 0

    def add(
        self, row: np.ndarray, chance: np.ndarray, energy: np.ndarray, spread: np.ndarray
    ) -> None:
        """Add n molecules; one whose tier is in doubt is added for each tier that it may have.

        Parameters
        ----------
        row : numpy.ndarray
            Shape (n,): row numbers in the library.
        chance : numpy.ndarray
            Shape (n,): probability that each molecule is a candidate.
        energy, spread : numpy.ndarray
            Shape (n,), Wh/kg: expected value and standard deviation of the energy by which
            candidates are ranked. `TIER_PENALTY` has been subtracted from `energy` for each
            stability tier below the best.
        """
        table = pd.DataFrame({"row": row, "chance": chance, "energy": energy, "spread": spread})
        self._new.append(table)
        self._n_new += len(self._new[-1])
        if self._n_new > IN_MEMORY:
            self._merge_new()
            # More molecules can only raise the cut: those far below it will never be listed.
            table = self._table
            self._table = table[table["energy"] + FAR * table["spread"] >= self._cut()]
            self._n_new = 0

    def _merge_new(self) -> None:
        """Append the molecules that were added since the last merge to the common table."""
        tables = [table for table in (self._table, *self._new) if len(table)]
        if tables:
            self._table = pd.concat(tables, ignore_index=True)
        self._new = []

    def _cut(self) -> float:
        """Return the energy above which `keep` candidates are expected, Wh/kg.

        The value is −inf if fewer than `keep` candidates are expected in all.
        """
        descending = self._table.sort_values(["energy", "row"], ascending=[False, True])
        enough = np.flatnonzero(descending["chance"].cumsum() >= self._keep)
        return float(descending["energy"].iloc[enough[0]]) if len(enough) else -np.inf

    def select(self) -> Selection:
        """Select the molecules that are most likely to be among the best `keep` candidates.

        As many are selected as are expected to include the share `SHARE_WANTED` (95 %) of the best
        candidates, but at most `SELECTED_PER_PLACE` (10) times `keep` or `ALWAYS_AFFORDABLE`
        (5,000), whichever is more.
        """
        self._merge_new()
        table = self._table
        if table.empty:
            return Selection(np.empty(0, np.int64), self.expected, 1.0)
        listed = table["chance"] * ndtr((table["energy"] - self._cut()) / table["spread"])
        table = table.assign(listed=listed).sort_values(["listed", "row"], ascending=[False, True])
        total = table["listed"].sum()
        share = (table["listed"].cumsum() / total).to_numpy()
        most = max(SELECTED_PER_PLACE * self._keep, ALWAYS_AFFORDABLE)
        n = min(int(np.searchsorted(share, SHARE_WANTED)) + 1, most, len(table))
        rows = table["row"].to_numpy()[:n].astype(np.int64)
        return Selection(np.unique(rows), self.expected, float(share[n - 1]))
