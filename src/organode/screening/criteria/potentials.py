"""Compare redox potentials with limits: which molecules meet them, by how much, why others fail."""

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
    """Return potentials on the computed scale: IE or EA in eV, minus the potential of Li/Li+ in V.

    Parameters
    ----------
    table : pandas.DataFrame
        n rows with the columns `IE` and `EA`, in eV.
    absolute_li : float
        Potential of Li/Li+ vs vacuum in V, such as 1.40; it is subtracted.

    Returns
    -------
    pandas.DataFrame
        n rows with the columns `E_ox_computed` (from IE) and `E_red_computed` (from EA), V vs
        Li/Li+.
    """
    columns = {
        "E_ox_computed": table["IE"] - absolute_li,
        "E_red_computed": table["EA"] - absolute_li,
    }
    return pd.DataFrame(columns)


def check_potentials(table: pd.DataFrame, criteria: Criteria) -> pd.DataFrame:
    """Compare each molecule's potentials with the limits of the roles ``p`` and ``n``.

    In the role ``p`` the molecule gives off electrons, and its oxidation potential counts; in the
    role ``n`` it takes up electrons, and its reduction potential counts.

    Parameters
    ----------
    table : pandas.DataFrame
        n predicted molecules: `E_ox` and `E_red` with `_lower` and `_upper`, V vs the cell's
        reference electrode; `IE` and `EA`, eV; `IE_in_domain` and `EA_in_domain` (whether the
        molecule is inside the model's applicability domain) if this is known.
    criteria : Criteria
        Limits, and the margin rule that decides.

    Returns
    -------
    pandas.DataFrame
        n rows. `p_remark` and `n_remark` say why the molecule is no candidate in that role, and are
        empty if it is a candidate. `by_interval_p`, `by_thesis_p`, `by_interval_n` and
        `by_thesis_n` say, for each margin rule and role, whether the potentials meet all limits by
        that rule, also if the other rule decides. (The rule ``interval`` uses each molecule's own
        error bar, the rule ``thesis`` one error bar for all molecules.)
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

    The second electron counts if the second potential, with its error bar, meets the limits for the
    first potential. If the margin rule of the 2020 thesis decides (`settings.margin` is
    ``thesis``), every molecule exchanges one electron. In a symmetric cell, where a molecule fills
    both roles, the smaller number is taken for both.

    Parameters
    ----------
    table : pandas.DataFrame
        n rows with `E_ox2` and `E_red2`, each also with `_lower` and `_upper`, V vs the cell's
        reference electrode.
    criteria : Criteria
        Limits and margin rule.

    Returns
    -------
    dict of numpy.ndarray
        For each role that the cell uses, ``p`` or ``n``: shape (n,), int8, 1 or 2.
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
    """Return how far n molecules are inside their tightest limit of the potential, by role.

    The applicability domain plays no part.

    Parameters
    ----------
    table : pandas.DataFrame
        n rows with the potentials and energies that `check_potentials` needs.
    criteria : Criteria
        Limits, and the margin rule that decides.

    Returns
    -------
    dict of numpy.ndarray
        For each role, ``p`` and ``n``, shape (n,), V: positive if all limits are met, negative by
        as much as the worst limit is missed. For a role that the cell does not use, every value is
        `UNUSED_MARGIN` (−10 V). In a symmetric cell, where a molecule fills both roles, the smaller
        margin is taken for both.
    """
    margins = {
        role: np.minimum.reduce([*by_rule[criteria.settings.margin].values()])
        for role, by_rule in _margins(table, criteria).items()
    }
    if criteria.cell.together:
        return dict.fromkeys(ROLES, np.minimum(margins[P], margins[N]))
    return {role: margins.get(role, np.full(len(table), UNUSED_MARGIN)) for role in ROLES}


def _critical_end(wave: str, role: str) -> str:
    """Return the column with the end of the error bar that is tested against the window.

    `wave` is the column of the potential, such as ``E_ox``. The upper end is tested in the role
    ``p``, the lower end in the role ``n``.
    """
    return f"{wave}_upper" if role == P else f"{wave}_lower"


def _require_both_roles(columns: dict[str, np.ndarray]) -> None:
    """Change `columns` so that a molecule that misses a limit of one role is refused in both roles.

    `columns` holds the columns that `check_potentials` returns.
    """
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
    """Return how far n molecules are inside each limit, by role, margin rule and limit.

    The values have shape (n,) and are in V, such as ``margins["p"]["interval"]["window"]``; they
    are negative where the limit is missed.
    """
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
    """Return how far n molecules are inside each limit, V; negative where the limit is missed.

    Parameters
    ----------
    volts : numpy.ndarray
        Shape (n,): potentials, V.
    critical_end : numpy.ndarray
        Shape (n,): the end of each potential's error bar that has to be inside the window, V.
    task : Task
        Range of suitable potentials, V.
    window : tuple of float
        Lower and upper end of the window, V.

    Returns
    -------
    dict of numpy.ndarray
        Shape (n,), for the keys of `REASONS`: ``low`` and ``high`` (ends of the range of suitable
        potentials), ``window`` (the potential in the window) and ``error bar`` (`critical_end` in
        the window).
    """
    low, high = window
    return {
        "low": volts - task.low if np.isfinite(task.low) else volts * 0 + NO_LIMIT,
        "high": task.high - volts if np.isfinite(task.high) else volts * 0 + NO_LIMIT,
        "window": np.minimum(volts - low, high - volts),
        "error bar": np.minimum(critical_end - low, high - critical_end),
    }
