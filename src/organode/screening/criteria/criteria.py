"""The criteria of a screening, in one object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from organode.electrochemistry import Window, computed_window, window
from organode.electrochemistry.cells import ROLES, CellType, N, P, Task, cell_type, on_reference
from organode.electrochemistry.stability.chance import Stability
from organode.screening.criteria.filters import check_filter
from organode.settings import Screen

# Settings that decide how many molecules are looked at or listed, not which are candidates.
NOT_CRITERIA = {"library", "in_full", "keep", "top"}


@dataclass(frozen=True)
class Criteria:
    """The conditions that a molecule has to meet to be a candidate.

    Candidates are chosen on the laboratory scale, each with its own error bar. The thesis's rule,
    on the computed scale with one error bar for all molecules, is reported beside it, and decides
    if the settings ask for it.

    Attributes
    ----------
    settings : Screen
        Margin rule, level of the error bars, domain, tiers and filters.
    cell : CellType
        Type of the cell; its tasks are in V vs Li/Li+.
    window : Window
        Limits of solvent and current collectors, V vs the cell's reference electrode.
    tasks : mapping of str to Task
        Of each role that the cell uses, V vs the same electrode.
    computed_window : tuple of float
        Ends of the thesis's window, V vs Li/Li+ on the computed scale.
    thesis_margins : mapping of str to float
        Of each role, the thesis's error bar in V: MAE + `evaluate.margin_sd` SD of the out-of-fold
        errors. Empty before the models are loaded.
    stability : Stability or None
        Predicts how likely ions are to last, if there is such a model.
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
        """Return the criteria that need no model.

        Raises
        ------
        UsageError
            If solvent, collector, reference electrode, an element or a group is unknown, or what
            is asked of a role is impossible.
        """
        cell, limits = cell_type(settings), window(settings)
        check_filter(settings.filter)
        tasks = on_reference(cell.tasks, settings)
        return cls(settings, cell, limits, tasks, computed_window(settings))

    @property
    def window_ends(self) -> tuple[float, float]:
        """Lower and upper end of the window, V."""
        return self.window.low.volts, self.window.high.volts

    @property
    def listed_roles(self) -> tuple[str, ...]:
        """Roles that candidates are listed by: a single one where a molecule fills both."""
        if self.cell.together:
            return (P,)
        return tuple(role for role in ROLES if role in self.tasks)

    def filled_roles(self, role: str) -> tuple[str, ...]:
        """Return the roles that a molecule listed under `role` fills in the cell."""
        return ROLES if self.cell.together else (role,)

    def label(self, role: str) -> str:
        """Return the name of a listed role in tables and counts: ``np`` if it stands for both."""
        return N + P if self.cell.together else role

    def identity(self) -> tuple[Any, ...]:
        """Return a value that is equal only for criteria that decide alike."""
        settings = self.settings.model_dump(mode="json", exclude=NOT_CRITERIA)
        return settings, dict(self.thesis_margins), self.stability
