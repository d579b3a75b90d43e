"""Types of battery cell: which electrode a molecule forms, and which potentials suit it.

A molecule has one of two roles: an n-type molecule takes up electrons, a p-type molecule gives off
electrons. Whether a molecule forms the positive or the negative electrode also depends on the cell:
if the negative electrode is a metal, both n-type and p-type molecules form positive electrodes.
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
BOTH = "both"  # both electrodes are made of the same molecule


@dataclass(frozen=True)
class Task:
    """The electrode that molecules of one role form in a cell, and their suitable potentials.

    The role is n-type or p-type. Potentials are in V vs Li/Li+, or, if the function `on_reference`
    has converted the task, in V vs the cell's reference electrode.

    Attributes
    ----------
    electrode : str
        The electrode that the molecules form: ``positive``, ``negative`` or ``both``.
    low, high : float
        Range of suitable potentials, V; ``-inf`` or ``inf`` where there is no limit.
    partner : float
        Potential of the other electrode, V; NaN in a symmetric cell, where the other electrode is
        made of the same molecule.
    """

    electrode: str
    low: float = -math.inf
    high: float = math.inf
    partner: float = math.nan


@dataclass(frozen=True)
class CellType:
    """A type of cell.

    Attributes
    ----------
    title : str
        Name of the type in reports, such as ``flow battery``.
    tasks : mapping of str to Task
        The task of p-type (``p``) and of n-type molecules (``n``) in this cell, V vs Li/Li+. The
        ranges of suitable potentials are choices, made so that they include the materials in
        `source`; `params.yaml` can change the ranges.
    together : bool
        Whether the same molecule has to fulfil both tasks.
    solid : bool
        Whether potentials are those of a solid electrode in a lithium cell, not of a dissolved
        molecule.
    source : str
        Citation of a review of cells of this type.
    """

    title: str
    tasks: Mapping[str, Task]
    together: bool
    solid: bool
    source: str


CELLS = {
    # Catholytes of nonaqueous flow batteries have potentials near 0 V vs Fc/Fc+ and above, about
    # 3.2 V vs Li/Li+ (dihydrophenazines −0.2 V), anolytes below −0.8 V; the lowest in use is
    # benzophenone at −2.2 V.
    "flow": CellType(
        "flow battery",
        {P: Task(POSITIVE, low=2.8, partner=1.8), N: Task(NEGATIVE, high=2.5, partner=3.8)},
        together=False,
        solid=False,
        source="Wei et al., ACS Energy Lett. 2 (2017) 2187, doi 10.1021/acsenergylett.7b00650",
    ),
    # Quinones and imides work at 2 to 3 V vs Li/Li+, p-type polymers at 3 to 4 V; carboxylates near
    # 1 V are negative electrodes, not partners of a lithium electrode.
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
    """Return the type of cell that the settings choose, with potentials in V vs Li/Li+.

    For each role, ``p`` or ``n``, the settings can replace the default lower limit, upper limit and
    potential of the other electrode (`partner`).

    Raises
    ------
    UsageError
        If the lower limit of a role is above its upper limit, or if `partner` is set for a
        symmetric cell, where both electrodes are made of the same molecule.
    """
    known = CELLS[settings.cell]
    by_role = {str(role): changes for role, changes in settings.roles.items()}
    tasks = {}
    for role, default in known.tasks.items():
        changes = by_role[role].model_dump(exclude_none=True) if role in by_role else {}
        if "partner" in changes and default.electrode == BOTH:
            raise UsageError(
                f"screen.roles.{role}.partner: in a {known.title} a molecule is its own partner; "
                "leave it out"
            )
        task = replace(default, **changes)
        if task.low > task.high:
            raise UsageError(
                f"screen.roles.{role}: no potential is at least {task.low:g} and at most "
                f"{task.high:g} V vs Li/Li+; a limit that is not set has the default of a "
                f"{known.title}: set both low and high"
            )
        tasks[role] = task
    return replace(known, tasks=tasks)


def on_reference(tasks: Mapping[str, Task], settings: Screen) -> dict[str, Task]:
    """Convert the potentials of tasks from V vs Li/Li+ to V vs the cell's reference electrode.

    The difference between the two electrodes is taken in the cell's solvent.

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
