"""The criteria by which a screening selects candidates from a library, in one object."""

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

    There are two rules (margin rules) to compare a potential with its limits. By the rule
    ``interval``, the default, a potential on the laboratory scale (as a voltammogram would show it)
    has to meet the limits with its own error bar. By the rule ``thesis``, that of the 2020 thesis
    with which the project began, the computed scale is used (IE or EA minus the potential of Li/Li+
    vs vacuum), and one error bar for all molecules. The setting `settings.margin` says which rule
    decides; reports count what each rule would select.

    Attributes
    ----------
    settings : Screen
        Settings: margin rule, level of the error bars, accepted stability tiers and filters, among
        others.
    cell : CellType
        Type of the cell; the potentials of `cell.tasks` are in V vs Li/Li+.
    window : Window
        Stability window: the limits of solvent and current collectors, V vs the cell's reference
        electrode.
    tasks : mapping of str to Task
        For each role that the cell uses, ``p`` (molecules that give off electrons) and ``n``
        (molecules that take up electrons): which electrode the molecules are, and the range of
        suitable potentials, V vs the cell's reference electrode.
    computed_window : tuple of float
        Lower and upper end of the window by the rule ``thesis``, V vs Li/Li+ on the computed scale.
    thesis_margins : mapping of str to float
        For each role, the error bar of the rule ``thesis`` in V: mean absolute error plus
        `evaluate.margin_sd` (a setting) times the standard deviation of the absolute errors, both
        out of fold. Empty before the models are loaded.
    stability : Stability or None
        Model of the probability that a radical ion is stable; None if no such model is used, or
        before the models are loaded.
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
        """Make the criteria from the settings alone.

        `thesis_margins` is empty and `stability` is None, since both come from the loaded models.

        Raises
        ------
        UsageError
            If a solvent, current collector, reference electrode, element or chemical group in the
            settings is unknown; if the window, or the range of potentials of a role, is empty; or
            if the potential of a partner electrode is set in a symmetric cell.
        """
        cell, limits = cell_type(settings), window(settings)
        check_filter(settings.filter)
        tasks = on_reference(cell.tasks, settings)
        return cls(settings, cell, limits, tasks, computed_window(settings))

    @property
    def window_ends(self) -> tuple[float, float]:
        """Lower and upper end of the stability window, V vs the cell's reference electrode."""
        return self.window.low.volts, self.window.high.volts

    @property
    def listed_roles(self) -> tuple[str, ...]:
        """Roles that have a list of candidates, of ``p`` and ``n``.

        In a symmetric cell each molecule fills both roles, so that the only list is under ``p``.
        """
        if self.cell.together:
            return (P,)
        return tuple(role for role in ROLES if role in self.tasks)

    def filled_roles(self, role: str) -> tuple[str, ...]:
        """Return the roles that a molecule fills if it is on the list of candidates of `role`.

        In a symmetric cell these are ``p`` and ``n``, in any other cell only `role`.
        """
        return ROLES if self.cell.together else (role,)

    def label(self, role: str) -> str:
        """Return the name of a list of candidates: `role`, or ``np`` in a symmetric cell."""
        return N + P if self.cell.together else role

    def identity(self) -> tuple[Any, ...]:
        """Return a value that is equal for two criteria only if they select the same molecules.

        The value holds `thesis_margins`, `stability`, and the settings that decide which molecules
        are candidates.
        """
        settings = self.settings.model_dump(mode="json", exclude=NOT_CRITERIA)
        return settings, dict(self.thesis_margins), self.stability
