"""What a molecule does in a cell of each type, and what is asked of its potential there.

An n-type molecule takes up electrons, a p-type one gives them off. Which electrode that makes of it
depends on the cell: in one with a metal's negative electrode both are positive electrodes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from organode.electrochemistry.windows import from_li
from organode.errors import UsageError

if TYPE_CHECKING:
    from organode.settings import Screen

P, N = "p", "n"
ROLES = (P, N)
POSITIVE, NEGATIVE = "positive", "negative"
BOTH = "both"  # electrodes that one molecule is


@dataclass(frozen=True)
class Task:
    """What a role is in a cell.

    Attributes
    ----------
    electrode : str
        `POSITIVE`, `NEGATIVE` or `BOTH`.
    low, high : float
        Between which potentials it is of interest, V; infinite where that is open.
    partner : float
        Potential of the other electrode, V; NaN if that is the molecule's own other wave.
    """

    electrode: str
    low: float = -math.inf
    high: float = math.inf
    partner: float = math.nan


@dataclass(frozen=True)
class CellType:
    """A kind of cell.

    Attributes
    ----------
    title : str
        What a report calls it.
    tasks : mapping of str to Task
        Of each role of `ROLES` that it has a use for; V vs Li/Li+. These are choices, made so that
        what the sources describe is found; `params.yaml` has others.
    together : bool
        Whether one molecule has to do for all of them.
    solid : bool
        Whether potentials are those of an electrode in a lithium cell, not of a dissolved molecule.
    source : str
        Reviews of such cells.
    """

    title: str
    tasks: Mapping[str, Task]
    together: bool
    solid: bool
    source: str


CELLS = {
    # Catholytes of nonaqueous flow batteries stand near 0 V vs Fc/Fc+ and above, about 3.2 V vs
    # Li/Li+ (dihydrophenazines at −0.2 V), anolytes below −0.8 V; benzophenone, at −2.2 V, is the
    # lowest in use.
    "flow": CellType(
        "flow battery",
        {P: Task(POSITIVE, low=2.8, partner=1.8), N: Task(NEGATIVE, high=2.5, partner=3.8)},
        together=False,
        solid=False,
        source="Wei et al., ACS Energy Lett. 2 (2017) 2187, doi 10.1021/acsenergylett.7b00650",
    ),
    # Quinones and imides work at 2 to 3 V vs Li/Li+, p-type polymers at 3 to 4 V; carboxylates near
    # 1 V are negative electrodes, not partners of lithium.
    "metal": CellType(
        "cell with a lithium electrode",
        {P: Task(POSITIVE, low=2.8, partner=0.0), N: Task(POSITIVE, low=1.7, partner=0.0)},
        together=False,
        solid=True,
        source="Lu, Chen, Nat. Rev. Chem. 4 (2020) 127, doi 10.1038/s41570-020-0160-9",
    ),
    "symmetric": CellType(
        "symmetric cell",
        {P: Task(BOTH), N: Task(BOTH)},
        together=True,
        solid=False,
        source="Potash, McKone, Conte, Abruña, J. Electrochem. Soc. 163 (2016) A338, "
        "doi 10.1149/2.0971602jes",
    ),
}


def cell_type(settings: Screen) -> CellType:
    """Return the type of the cell that is screened for, V vs Li/Li+.

    Limits and partners that the settings state take the place of the type's own.

    Raises
    ------
    UsageError
        If nothing lies between the limits of a role, or a partner is stated where the molecule's
        own other wave is the partner.
    """
    known = CELLS[settings.cell]
    wanted = {str(role): of_role for role, of_role in settings.roles.items()}
    tasks = {}
    for role, own in known.tasks.items():
        stated = wanted[role].model_dump(exclude_none=True) if role in wanted else {}
        if "partner" in stated and own.electrode == BOTH:
            raise UsageError(
                f"screen.roles.{role}.partner: in a {known.title} a molecule is its own partner; "
                "leave it out"
            )
        task = replace(own, **stated)
        if task.low > task.high:
            raise UsageError(
                f"screen.roles.{role}: no potential is at least {task.low:g} and at most "
                f"{task.high:g} V vs Li/Li+; what is not set is that of a {known.title}: set both "
                "low and high"
            )
        tasks[role] = task
    return replace(known, tasks=tasks)


def on_reference(tasks: Mapping[str, Task], settings: Screen) -> dict[str, Task]:
    """Return tasks vs the cell's reference electrode, in its solvent.

    Raises
    ------
    UsageError
        If the reference electrode is not known.
    """
    shift = from_li(0.0, settings)
    return {
        role: Task(task.electrode, task.low + shift, task.high + shift, task.partner + shift)
        for role, task in tasks.items()
    }
