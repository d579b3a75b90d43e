"""Which molecules of a long library the models have to score: those that may come to be listed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from organode.electrochemistry.cells import ROLES
from organode.screen.criteria.lasting import HELD
from organode.screen.engine.chunk import BOUNDED, SURE, Aim
from organode.screen.engine.repeats import Repeats
from organode.screen.engine.surrogate import PLAUSIBLE, Surrogate
from organode.screen.engine.work import PassResult

FOUND = 0.95  # share of the list that is looked for
MOST = 8  # molecules scored for each place of the list
IN_MEMORY = 1_000_000  # of each role
FAR = 4.0  # standard deviations
TIER = 1e5  # Wh/kg, more than any molecule stores: tiers come first


@dataclass(frozen=True)
class Promise:
    """What an estimate promises of one role.

    Attributes
    ----------
    rows : numpy.ndarray
        To be scored, rising.
    expected : float
        Candidates in the whole library.
    found : float
        Share of the best `keep` of them that is expected to be among `rows`.
    """

    rows: np.ndarray
    expected: float
    found: float


def promising(
    done: PassResult, aim: Aim, estimator: Surrogate, repeats: Repeats, keep: int
) -> dict[str, Promise]:
    """Choose for each listed role what is to be scored, the most likely to be listed first.

    A molecule is listed if it is a candidate and its energy, times the probability that it lasts,
    is above that of the last one listed: the score follows that. Both are known from the estimate
    but for its error, and so is how likely they are.

    Parameters
    ----------
    done : PassResult
        Estimated rows.
    aim, estimator : Aim, Surrogate
        That they were estimated with.
    repeats : Repeats
        Among them; not worth scoring.
    keep : int
        How many candidates are listed in each role.
    """
    held = {role: _Held(keep) for role in aim.rule.listed}
    columns = ["row", "status", "molar_mass", *BOUNDED]
    columns += [f"{name}_{role}" for name in ("chance", "tier", "stable", HELD) for role in held]
    for table in done.tables(columns):
        good = (table["status"] == "ok").to_numpy() & ~repeats.among(table["row"].to_numpy())
        rows = table[good].assign(**SURE)
        for role, each in held.items():
            own = rows[f"{HELD}_{role}"].to_numpy()
            energies = aim.energies(rows, rows["molar_mass"].to_numpy(), role, own)
            # Of a molecule that does both, the errors of both potentials are in its voltage.
            spread = estimator.spread[ROLES.index(role)]
            if aim.rule.together:
                spread = np.hypot(*estimator.spread)
            stable = rows[f"stable_{role}"].to_numpy(float)
            energy = energies["energy_Wh_kg"].to_numpy() * stable
            each.add(
                rows["row"].to_numpy(),
                rows[f"chance_{role}"].to_numpy(float),
                energy - TIER * rows[f"tier_{role}"].to_numpy(),
                energies["capacity_mAh_g"].to_numpy() * stable * spread,
            )
    return {one: each.best() for one, each in held.items()}


class _Held:
    """The molecules of a library that may be among its best `keep`."""

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._expected = 0.0
        self._table = pd.DataFrame({"row": [], "chance": [], "energy": [], "spread": []})
        self._new: list[pd.DataFrame] = []
        self._n = 0

    def add(
        self, row: np.ndarray, chance: np.ndarray, energy: np.ndarray, spread: np.ndarray
    ) -> None:
        self._expected += float(chance.sum())
        table = pd.DataFrame({"row": row, "chance": chance, "energy": energy, "spread": spread})
        self._new.append(table[chance >= PLAUSIBLE])
        self._n += len(self._new[-1])
        if self._n > IN_MEMORY:
            self._gather()
            # More molecules can only raise the cut: these will never be listed.
            table = self._table
            self._table = table[table["energy"] + FAR * table["spread"] >= self._cut()]
            self._n = 0

    def _gather(self) -> None:
        some = [table for table in (self._table, *self._new) if len(table)]
        if some:
            self._table = pd.concat(some, ignore_index=True)
        self._new = []

    def _cut(self) -> float:
        """Return the energy above which `keep` candidates are expected."""
        falling = self._table.sort_values(["energy", "row"], ascending=[False, True])
        enough = np.flatnonzero(falling["chance"].cumsum() >= self._keep)
        return float(falling["energy"].iloc[enough[0]]) if len(enough) else -np.inf

    def best(self) -> Promise:
        self._gather()
        table = self._table
        if table.empty:
            return Promise(np.empty(0, np.int64), self._expected, 1.0)
        listed = table["chance"] * norm.cdf((table["energy"] - self._cut()) / table["spread"])
        table = table.assign(listed=listed).sort_values(["listed", "row"], ascending=[False, True])
        total = table["listed"].sum()
        share = (table["listed"].cumsum() / total).to_numpy()
        n = min(int(np.searchsorted(share, FOUND)) + 1, MOST * self._keep, len(table))
        rows = table["row"].to_numpy()[:n].astype(np.int64)
        return Promise(np.sort(rows), self._expected, float(share[n - 1]))
