"""Which molecules are candidates, and why the others are not.

Candidates are chosen on the laboratory scale: potentials as a voltammogram shows them, against
limits as they were measured. The thesis's rule, on the computed scale, stands beside it and can be
asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from organode.electrochemistry import Window
from organode.electrochemistry.cells import ROLES, N, P, Task

TARGETS = {P: "IE", N: "EA"}
POTENTIALS = {P: "E_ox", N: "E_red"}
SECOND = {P: "E_ox2", N: "E_red2"}
Margin = Literal["interval", "thesis"]
# Why a molecule is no candidate; also the order in which it is said.
TOO_LOW = "of no interest: potential too low"
TOO_HIGH = "of no interest: potential too high"
BEYOND = "outside the window"
UNSURE = "error bar reaches out of the window"
OUT_OF_DOMAIN = "outside the model's domain"
NO_USE = "of no use in this cell"
OTHER = "as {}-type: {}"  # in a cell where one molecule does both


@dataclass(frozen=True)
class ThesisRule:
    """The thesis's rule: one error bar for all molecules, on the computed scale, V vs Li/Li+.

    Attributes
    ----------
    absolute_li : float
        Absolute potential of Li/Li+ in V, which is taken off IE and EA.
    low, high : float
        Ends of the window.
    tasks : mapping of str to Task
        Of each role that the cell has a use for.
    margins : mapping of str to float
        Of each role, the error bar of its potential in V: MAE + `evaluate.margin_sd` SD of the
        out-of-fold errors.
    """

    absolute_li: float
    low: float
    high: float
    tasks: Mapping[str, Task]
    margins: Mapping[str, float]


@dataclass(frozen=True)
class Rule:
    """What a candidate has to satisfy, on the laboratory scale.

    Attributes
    ----------
    window : Window
        Of solvent and collectors; its reference electrode and solvent are those of all potentials.
    tasks : mapping of str to Task
        Of each role that the cell has a use for, V vs that reference.
    together : bool
        Whether one molecule has to do for all of them.
    solid : bool
        Whether potentials are those of an electrode in a lithium cell.
    margin : {'interval', 'thesis'}
        Which rule decides: this one, whose error bar is each molecule's own interval, or `thesis`.
    level : float
        Of the intervals.
    in_domain : bool
        Only molecules inside the models' domain.
    thesis : ThesisRule
        What the report compares with.
    """

    window: Window
    tasks: Mapping[str, Task]
    together: bool
    solid: bool
    margin: Margin
    level: float
    in_domain: bool
    thesis: ThesisRule

    @property
    def listed(self) -> tuple[str, ...]:
        """Roles that candidates are listed by: one where a molecule has to do for all."""
        return (P,) if self.together else tuple(role for role in ROLES if role in self.tasks)

    def named(self, role: str) -> str:
        """Return what tables and counts call a listed role: both where a molecule does both."""
        return N + P if self.together else role


def computed(table: pd.DataFrame, rule: ThesisRule) -> pd.DataFrame:
    """Return potentials on the computed scale, V vs Li/Li+, one electron each.

    Parameters
    ----------
    table : pandas.DataFrame
        `IE` and `EA`, in eV.
    rule : ThesisRule
        Holds the absolute potential.

    Returns
    -------
    pandas.DataFrame
        `E_ox_computed` and `E_red_computed`, rows as in `table`.
    """
    return pd.DataFrame({
        "E_ox_computed": table["IE"] - rule.absolute_li,
        "E_red_computed": table["EA"] - rule.absolute_li,
    })  # fmt: skip


def decide(table: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Say of each molecule and role whether it is a candidate, and if not, why.

    Parameters
    ----------
    table : pandas.DataFrame
        `E_ox` and `E_red` with `_lower` and `_upper`, V vs the rule's reference; `IE` and `EA`, eV;
        `IE_in_domain` and `EA_in_domain` if they are known; n rows that were predicted.
    rule : Rule
        Margins and limits.

    Returns
    -------
    pandas.DataFrame
        n rows: `p_remark` and `n_remark`, empty for a candidate; `by_interval_…` and
        `by_thesis_…`, what either rule selects where nothing else is asked for.
    """
    room = _room(table, rule)
    decided: dict[str, np.ndarray] = {}
    for role in ROLES:
        if role not in rule.tasks:
            decided[f"{role}_remark"] = np.full(len(table), NO_USE, object)
            for margin in ("interval", "thesis"):
                decided[f"by_{margin}_{role}"] = np.zeros(len(table), bool)
            continue
        mine = room[role][rule.margin]
        reasons = [(mine[limit] < 0, words) for limit, words in WORDS.items()]
        if rule.in_domain and f"{TARGETS[role]}_in_domain" in table:
            outside = ~table[f"{TARGETS[role]}_in_domain"].to_numpy(bool)
            reasons.append((outside, OUT_OF_DOMAIN))
        decided[f"{role}_remark"] = np.select(
            [mask for mask, _ in reasons], [reason for _, reason in reasons], ""
        ).astype(object)
        for margin, limits in room[role].items():
            held = [volts >= 0 for volts in limits.values()]
            decided[f"by_{margin}_{role}"] = np.logical_and.reduce(held)
    if rule.together:
        _join(decided)
    return pd.DataFrame(decided, index=table.index)


def electrons(table: pd.DataFrame, rule: Rule) -> dict[str, np.ndarray]:
    """Say how many electrons each molecule exchanges in each role of the cell.

    The second one counts if all that is asked of the first wave's potential and its error bar holds
    of the second wave, too. By the thesis's rule there is one.

    Parameters
    ----------
    table : pandas.DataFrame
        `E_ox2` and `E_red2` with `_lower` and `_upper`, V vs the rule's reference; n rows.
    rule : Rule
        Margins and limits.

    Returns
    -------
    dict of numpy.ndarray
        Of each role of `rule.tasks`, shape (n,), int8: 1 or 2.
    """
    ends = rule.window.low.volts, rule.window.high.volts
    found = {}
    for role, task in rule.tasks.items():
        volts, bar = (table[name].to_numpy() for name in (SECOND[role], _bar(SECOND[role], role)))
        room = np.minimum.reduce([*_limits(volts, bar, task, ends).values()])
        counts = (room >= 0) & (rule.margin == "interval")  # NaN, which no wave has, is not
        found[role] = np.where(counts, 2, 1).astype(np.int8)
    if rule.together:
        return dict.fromkeys(found, np.minimum(found[P], found[N]))
    return found


def _bar(potential: str, role: str) -> str:
    """Return the end of an interval that is the nearer to the limit in a role."""
    return f"{potential}_upper" if role == P else f"{potential}_lower"


def _join(decided: dict[str, np.ndarray]) -> None:
    """Let a molecule be a candidate in either role only if it is one in both."""
    remarks = {role: decided[f"{role}_remark"] for role in ROLES}
    for role, other in (ROLES, ROLES[::-1]):
        of_other = [OTHER.format(other, why) if why else "" for why in remarks[other]]
        decided[f"{role}_remark"] = np.where(remarks[role] == "", of_other, remarks[role])
    for margin in ("interval", "thesis"):
        both = decided[f"by_{margin}_{P}"] & decided[f"by_{margin}_{N}"]
        for role in ROLES:
            decided[f"by_{margin}_{role}"] = both


def slack(table: pd.DataFrame, rule: Rule) -> dict[str, np.ndarray]:
    """Return how far inside all limits each molecule is in each role, V, shape (n,).

    A negative one says by how much the limit that is missed most is missed; `UNUSED`, that the
    cell has no use for the role. The domain is no limit of this kind. `table` is what `decide`
    takes.
    """
    room = {
        role: np.minimum.reduce([*found[rule.margin].values()])
        for role, found in _room(table, rule).items()
    }
    if rule.together:
        least = np.minimum(room[P], room[N])
        return dict.fromkeys(ROLES, least)
    return {role: room.get(role, np.full(len(table), UNUSED)) for role in ROLES}


# V; slack of a role that the cell has no use for: finite, since an estimate is fitted to it.
UNUSED = -10.0
WORDS = {"low": TOO_LOW, "high": TOO_HIGH, "inside": BEYOND, "error bar": UNSURE}


def _room(table: pd.DataFrame, rule: Rule) -> dict[str, dict[str, dict[str, np.ndarray]]]:
    """Return, by role, margin and limit, how far on the right side of it molecules are, V."""
    thesis = rule.thesis
    of_thesis = computed(table, thesis)
    ends = rule.window.low.volts, rule.window.high.volts
    found = {}
    for role, task in rule.tasks.items():
        name, margin = POTENTIALS[role], thesis.margins[role]
        old = of_thesis[f"{name}_computed"].to_numpy()
        bar = table[_bar(name, role)].to_numpy()
        found[role] = {
            "interval": _limits(table[name].to_numpy(), bar, task, ends),
            "thesis": _limits(
                old, old + {P: margin, N: -margin}[role], thesis.tasks[role],
                (thesis.low, thesis.high),
            ),
        }  # fmt: skip
    return found


def _limits(
    volts: np.ndarray, bar: np.ndarray, task: Task, window: tuple[float, float]
) -> dict[str, np.ndarray]:
    """Return the room to each limit: of interest, the window, and the error bar's critical end."""
    low, high = window
    return {
        "low": volts - task.low if np.isfinite(task.low) else volts * 0 + FAR,
        "high": task.high - volts if np.isfinite(task.high) else volts * 0 + FAR,
        "inside": np.minimum(volts - low, high - volts),
        "error bar": np.minimum(bar - low, high - bar),
    }


FAR = 100.0  # V; room to a limit that there is not
