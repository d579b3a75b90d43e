"""A screening in numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from organode.electrochemistry import Window, convention
from organode.electrochemistry.cells import Task
from organode.electrochemistry.stability.chance import Stability
from organode.screen.criteria.decide import POTENTIALS, Rule
from organode.screen.criteria.measured import cells, coverage, shifts
from organode.screen.engine.funnel import Funnelled
from organode.screen.shortlist.merge import Merged, refused
from organode.settings import Screen
from organode.tracking.registry.versions import Loaded


def _conversion(window: Window) -> dict[str, Any]:
    found = window.conversion
    return {
        "volts_vs_Fc": found.volts,
        "uncertainty_V": round(found.uncertainty, 3),
        "taken_from": found.taken_from,
        "source": found.source,
        "evidence": found.evidence,
    }


def _task(task: Task) -> dict[str, Any]:
    """Return a role's electrode, and volts; None where a limit is open."""
    volts = {name: getattr(task, name) for name in ("low", "high", "partner")}
    known = {
        name: round(value, 3) if math.isfinite(value) else None for name, value in volts.items()
    }
    return {"electrode": task.electrode, **known}


def _estimate(found: Funnelled | None, rule: Rule) -> dict[str, Any] | None:
    if found is None:
        return None
    named = rule.named
    return {
        "deviation_V": {POTENTIALS[one]: round(volts, 3) for one, volts in found.deviation.items()},
        "candidates_expected": {named(one): round(n) for one, n in found.expected.items()},
        "share_listed": {named(one): round(share, 3) for one, share in found.found.items()},
    }


def summarise(
    name: str,
    merged: Merged,
    rule: Rule,
    models: Sequence[Loaded],
    stability: Loaded[Stability] | None,
    settings: Screen,
    warnings: Sequence[str],
) -> dict[str, Any]:
    """Return what `summary.json` holds.

    Parameters
    ----------
    name : str
        Of the library.
    merged : Merged
        What came out.
    rule : Rule
        How it was decided.
    models : sequence of Loaded
        That predicted.
    stability : Loaded or None
        That said which ions last.
    settings : Screen
        All settings; the report can be made again from these.
    warnings : sequence of str
        What the report has to say first.
    """
    thesis, predicting = rule.thesis, [one.model for one in models]
    listed = {rule.named(role): role for role in rule.listed}
    return {
        "library": name,
        "rows": merged.rows,
        "scored": merged.scored,
        "estimate": _estimate(merged.estimate, rule),
        "warnings": list(warnings),
        "status": dict(merged.status.most_common()),
        "candidates": {name: merged.remarks[role][""] for name, role in listed.items()},
        "listed": {name: len(merged.candidates[role]) for name, role in listed.items()},
        "refused": {name: refused(merged, role) for name, role in listed.items()},
        "selected_by_margin": {
            margin: {name: merged.by_margin[margin][role] for name, role in listed.items()}
            for margin in merged.by_margin
        },
        "window_V": [round(end.volts, 3) for end in (rule.window.low, rule.window.high)],
        "reference": rule.window.reference,
        "solvent": rule.window.solvent,
        "cell": settings.cell,
        "tasks": {role: _task(task) for role, task in rule.tasks.items()},
        "conversion": _conversion(rule.window),
        "solvent_shift_V": shifts(predicting, rule.window.solvent),
        "in_cells": cells(predicting) if rule.solid else None,
        "measured": coverage(predicting, rule.level),
        "computed_window_V_vs_Li": [thesis.low, thesis.high],
        "absolute_li_V": thesis.absolute_li,
        "convention": convention(thesis.absolute_li),
        "thesis_margin_V": {POTENTIALS[role]: volts for role, volts in thesis.margins.items()},
        "settings": settings.model_dump(mode="json"),
        "models": [
            {
                "name": one.name,
                "version": one.version,
                "aliases": list(one.aliases),
                "data_sha256": one.data_sha256,
            }
            for one in [each.registered for each in (*models, stability) if each is not None]
        ],
    }
