"""Compare potentials with limits: which molecules meet them, by what margin, why others fail."""

from __future__ import annotations

import numpy as np
import pandas as pd

from organode.electrochemistry.cells import ROLES, N, P, Task
from organode.screening.columns import FIRST_WAVE, SECOND_WAVE, TARGET
from organode.screening.criteria.criteria import Criteria

MARGIN_RULES = ("interval", "thesis")
OUT_OF_DOMAIN = "outside the model's domain"
NOT_USED = "of no use in this cell"
OTHER_ROLE = "as {}-type: {}"  # in a cell where one molecule fills both roles
# The remark on a molecule that misses a limit. If it misses several, the first one here is taken.
REASONS = {
    "low": "of no interest: potential too low",
    "high": "of no interest: potential too high",
    "window": "outside the window",
    "error bar": "error bar reaches out of the window",
}
# V; the margin of a role that the cell does not use. Finite, since the surrogate is fitted to it.
UNUSED_MARGIN = -10.0
NO_LIMIT = 100.0  # V; margin to a limit that is not set


def computed_potentials(table: pd.DataFrame, absolute_li: float) -> pd.DataFrame:
    """Return potentials on the computed scale: IE or EA in eV, less the potential of Li/Li+ in V.

    Parameters
    ----------
    table : pandas.DataFrame
        `IE` and `EA`, in eV.
    absolute_li : float
        Potential of Li/Li+ vs vacuum in V, such as 1.40; it is subtracted.

    Returns
    -------
    pandas.DataFrame
        Columns `E_ox_computed` (from IE) and `E_red_computed` (from EA), V vs Li/Li+; rows as in
        `table`.
    """
    columns = {
        "E_ox_computed": table["IE"] - absolute_li,
        "E_red_computed": table["EA"] - absolute_li,
    }
    return pd.DataFrame(columns)


def check_potentials(table: pd.DataFrame, criteria: Criteria) -> pd.DataFrame:
    """Compare each molecule's potentials with the limits of both roles.

    Parameters
    ----------
    table : pandas.DataFrame
        n predicted molecules: `E_ox` and `E_red` with `_lower` and `_upper`, V vs the cell's
        reference electrode; `IE` and `EA`, eV; `IE_in_domain` and `EA_in_domain` (whether the
        molecule is inside the model's applicability domain) if they are known.
    criteria : Criteria
        Limits, and the margin rule that decides.

    Returns
    -------
    pandas.DataFrame
        n rows: `p_remark` and `n_remark`, why the molecule is no candidate in that role, empty if
        it is; `by_interval_p`, `by_thesis_p`, `by_interval_n` and `by_thesis_n`, whether its
        potentials meet all limits by that margin rule, whichever decides.
    """
    margins = _margins(table, criteria)
    columns: dict[str, np.ndarray] = {}
    for role in ROLES:
        if role not in criteria.tasks:
            columns[f"{role}_remark"] = np.full(len(table), NOT_USED, object)
            for rule in MARGIN_RULES:
                columns[f"by_{rule}_{role}"] = np.zeros(len(table), bool)
            continue
        deciding = margins[role][criteria.settings.margin]
        reasons = [(deciding[limit] < 0, reason) for limit, reason in REASONS.items()]
        if criteria.settings.in_domain and f"{TARGET[role]}_in_domain" in table:
            outside = ~table[f"{TARGET[role]}_in_domain"].to_numpy(bool)
            reasons.append((outside, OUT_OF_DOMAIN))
        columns[f"{role}_remark"] = np.select(
            [mask for mask, _ in reasons], [reason for _, reason in reasons], ""
        ).astype(object)
        for rule, limits in margins[role].items():
            met = [volts >= 0 for volts in limits.values()]
            columns[f"by_{rule}_{role}"] = np.logical_and.reduce(met)
    if criteria.cell.together:
        _require_both_roles(columns)
    return pd.DataFrame(columns, index=table.index)


def count_electrons(table: pd.DataFrame, criteria: Criteria) -> dict[str, np.ndarray]:
    """Count the electrons that each molecule exchanges in each role of the cell.

    The second electron counts if its potential, with its error bar, meets the limits of the first.
    If the rule of the 2020 thesis decides (`settings.margin` is ``thesis``), all exchange one.

    Parameters
    ----------
    table : pandas.DataFrame
        `E_ox2` and `E_red2` with `_lower` and `_upper`, V vs the cell's reference electrode; n
        rows.
    criteria : Criteria
        Limits and margin rule.

    Returns
    -------
    dict of numpy.ndarray
        For each role that the cell uses, shape (n,), int8: 1 or 2.
    """
    counts = {}
    for role, task in criteria.tasks.items():
        wave = SECOND_WAVE[role]
        volts, critical_end = (table[name].to_numpy() for name in (wave, _critical_end(wave, role)))
        limits = _limit_margins(volts, critical_end, task, criteria.window_ends)
        margin = np.minimum.reduce([*limits.values()])
        # A molecule without a second potential has NaN here, which compares as False.
        second = (margin >= 0) & (criteria.settings.margin == "interval")
        counts[role] = np.where(second, 2, 1).astype(np.int8)
    if criteria.cell.together:
        return dict.fromkeys(counts, np.minimum(counts[P], counts[N]))
    return counts


def limit_margin(table: pd.DataFrame, criteria: Criteria) -> dict[str, np.ndarray]:
    """Return, for each role, the margin of n molecules to their tightest limit, V, shape (n,).

    It is positive inside all limits; a negative margin says by how much the worst limit is missed.
    Where the cell does not use a role, it is `UNUSED_MARGIN`. The applicability domain plays no
    part. `table` has n rows with the columns that `check_potentials` needs.
    """
    margins = {
        role: np.minimum.reduce([*by_rule[criteria.settings.margin].values()])
        for role, by_rule in _margins(table, criteria).items()
    }
    if criteria.cell.together:
        return dict.fromkeys(ROLES, np.minimum(margins[P], margins[N]))
    return {role: margins.get(role, np.full(len(table), UNUSED_MARGIN)) for role in ROLES}


def _critical_end(wave: str, role: str) -> str:
    """Return the column of the error bar's end that may leave the window: upper for ``p``."""
    return f"{wave}_upper" if role == P else f"{wave}_lower"


def _require_both_roles(columns: dict[str, np.ndarray]) -> None:
    """Change `columns` so that a molecule that misses the limits of one role is refused in both."""
    remarks = {role: columns[f"{role}_remark"] for role in ROLES}
    for role, other in (ROLES, ROLES[::-1]):
        of_other = [OTHER_ROLE.format(other, why) if why else "" for why in remarks[other]]
        columns[f"{role}_remark"] = np.where(remarks[role] == "", of_other, remarks[role])
    for rule in MARGIN_RULES:
        both = columns[f"by_{rule}_{P}"] & columns[f"by_{rule}_{N}"]
        for role in ROLES:
            columns[f"by_{rule}_{role}"] = both


def _margins(
    table: pd.DataFrame, criteria: Criteria
) -> dict[str, dict[str, dict[str, np.ndarray]]]:
    """Return margins in V, shape (n,), such as ``margins["p"]["interval"]["window"]``."""
    computed = computed_potentials(table, criteria.settings.absolute_li)
    margins = {}
    for role, task in criteria.tasks.items():
        wave, thesis_margin = FIRST_WAVE[role], criteria.thesis_margins[role]
        volts = computed[f"{wave}_computed"].to_numpy()
        thesis_end = volts + {P: thesis_margin, N: -thesis_margin}[role]
        margins[role] = {
            "interval": _limit_margins(
                table[wave].to_numpy(),
                table[_critical_end(wave, role)].to_numpy(),
                task,
                criteria.window_ends,
            ),
            "thesis": _limit_margins(
                volts, thesis_end, criteria.cell.tasks[role], criteria.computed_window
            ),
        }
    return margins


def _limit_margins(
    volts: np.ndarray, critical_end: np.ndarray, task: Task, window: tuple[float, float]
) -> dict[str, np.ndarray]:
    """Return the margin of n molecules to each limit of `REASONS`, V; negative if it is missed."""
    low, high = window
    return {
        "low": volts - task.low if np.isfinite(task.low) else volts * 0 + NO_LIMIT,
        "high": task.high - volts if np.isfinite(task.high) else volts * 0 + NO_LIMIT,
        "window": np.minimum(volts - low, high - volts),
        "error bar": np.minimum(critical_end - low, high - critical_end),
    }
