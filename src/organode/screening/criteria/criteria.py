"""The criteria by which a screening selects candidates, in one object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from organode.electrochemistry import Window, computed_window, window
from organode.electrochemistry.cells import ROLES, CellType, N, P, Task, cell_type, on_reference
from organode.electrochemistry.stability.chance import Stability
from organode.screening.criteria.filters import check_filter
from organode.settings import Screen

# Settings that decide how many molecules are scored or listed, not which are candidates.
NOT_CRITERIA = {"library", "in_full", "keep", "top"}


@dataclass(frozen=True)
class Criteria:
    """The conditions that a molecule has to meet to be a candidate.

    Two rules compare potentials with their limits. By default a potential on the laboratory scale
    (as a voltammogram would show it) has to meet them with its own error bar. The rule of the 2020
    thesis that the project began with uses the computed scale (IE or EA minus the potential of
    Li/Li+ vs vacuum) and one error bar for all molecules; it decides only if `settings.margin` is
    ``thesis``. Reports count what each rule would select.

    Attributes
    ----------
    settings : Screen
        Margin rule, level of the error bars, accepted stability tiers and filters, among others.
    cell : CellType
        Type of the cell; the potentials of `cell.tasks` are in V vs Li/Li+.
    window : Window
        Limits of solvent and current collectors, V vs the cell's reference electrode.
    tasks : mapping of str to Task
        For each role that the cell uses (``p``, ``n``), the electrode that the molecule is, and the
        range of suitable potentials, V vs the cell's reference electrode.
    computed_window : tuple of float
        Lower and upper end of the window by the thesis's rule, V vs Li/Li+ on the computed scale.
    thesis_margins : mapping of str to float
        For each role, the thesis's error bar in V: MAE + `evaluate.margin_sd` times the standard
        deviation of the absolute out-of-fold errors. Empty before the models are loaded.
    stability : Stability or None
        Model of the probability that a radical ion is stable; None if there is none, or before the
        models are loaded.
    """

    settings: Screen
    cell: CellType
    window: Window
    tasks: Mapping[str, Task]
    computed_window: tuple[float, float]
    thesis_margins: Mapping[str, float] = field(default_factory=dict)
    stability: Stability | None = None

    @classmethod
    def from_settings(cls, settings: Screen) -> Criteria:
        """Make the criteria from the settings alone; what the models add is still empty.

        Raises
        ------
        UsageError
            If a solvent, current collector, reference electrode, element or group is unknown, if
            the window or the range of a role is empty, or if a partner potential is set in a
            symmetric cell.
        """
        cell, limits = cell_type(settings), window(settings)
        check_filter(settings.filter)
        tasks = on_reference(cell.tasks, settings)
        return cls(settings, cell, limits, tasks, computed_window(settings))

    @property
    def window_ends(self) -> tuple[float, float]:
        """Lower and upper end of the window, V vs the cell's reference electrode."""
        return self.window.low.volts, self.window.high.volts

    @property
    def listed_roles(self) -> tuple[str, ...]:
        """Roles with their own list of candidates, of ``p`` and ``n``.

        In a symmetric cell, where each molecule fills both roles, the only list is that of ``p``.
        """
        if self.cell.together:
            return (P,)
        return tuple(role for role in ROLES if role in self.tasks)

    def filled_roles(self, role: str) -> tuple[str, ...]:
        """Return the roles of a molecule on the list of `role`: both roles in a symmetric cell."""
        return ROLES if self.cell.together else (role,)

    def label(self, role: str) -> str:
        """Return the name of a role's list of candidates: ``p``, ``n``, or ``np`` for both."""
        return N + P if self.cell.together else role

    def identity(self) -> tuple[Any, ...]:
        """Return a value that is equal for two criteria only if they select the same molecules."""
        settings = self.settings.model_dump(mode="json", exclude=NOT_CRITERIA)
        return settings, dict(self.thesis_margins), self.stability
