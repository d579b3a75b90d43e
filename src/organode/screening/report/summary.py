"""Make the summary of a screening in numbers, the content of the file `summary.json`."""

from __future__ import annotations

import math
from typing import Any

from organode.electrochemistry import Window, convention
from organode.electrochemistry.cells import Task
from organode.screening.columns import FIRST_WAVE
from organode.screening.criteria.criteria import Criteria
from organode.screening.criteria.measured import cell_shifts, coverage, shifts
from organode.screening.engine.funnel import FunnelResult
from organode.screening.result import ScreenResult
from organode.tracking.registry.versions import Registered


def summarise(result: ScreenResult) -> dict[str, Any]:
    """Return the content of the file `summary.json`: results and settings of a screening.

    All settings are included, so that the screening can be repeated.
    """
    criteria, counts = result.criteria, result.counts
    settings, limits = criteria.settings, criteria.window
    models = [loaded.model for loaded in result.models]
    listed = {criteria.label(role): role for role in criteria.listed_roles}
    return {
        "library": result.library,
        "rows": counts.rows,
        "scored": counts.scored,
        "estimate": _estimate(result.funnel, criteria),
        "warnings": list(result.warnings),
        "status": dict(counts.status.most_common()),
        "candidates": {label: counts.remarks[role][""] for label, role in listed.items()},
        "listed": {label: len(result.candidates[role]) for label, role in listed.items()},
        "refused": {label: counts.refused(role) for label, role in listed.items()},
        "selected_by_margin": {
            rule: {label: selected[role] for label, role in listed.items()}
            for rule, selected in counts.selected_by.items()
        },
        "window_V": [round(volts, 3) for volts in criteria.window_ends],
        "reference": limits.reference,
        "solvent": limits.solvent,
        "cell": settings.cell,
        "tasks": {role: _task(task) for role, task in criteria.tasks.items()},
        "conversion": _conversion(limits),
        "solvent_shift_V": shifts(models, limits.solvent),
        "in_cells": cell_shifts(models) if criteria.cell.solid else None,
        "measured": coverage(models, settings.level),
        "computed_window_V_vs_Li": list(criteria.computed_window),
        "absolute_li_V": settings.absolute_li,
        "convention": convention(settings.absolute_li),
        "thesis_margin_V": {
            FIRST_WAVE[role]: volts for role, volts in criteria.thesis_margins.items()
        },
        "settings": settings.model_dump(mode="json"),
        "models": [
            _version(loaded.registered)
            for loaded in (*result.models, result.stability)
            if loaded is not None
        ],
    }


def _estimate(funnel: FunnelResult | None, criteria: Criteria) -> dict[str, Any] | None:
    """Return what the surrogate estimated for the whole library, and the surrogate's error.

    The surrogate is a fast approximation of the models, used for long libraries. The result is None
    if `funnel` is None, because the models scored every row.

    Returns
    -------
    dict or None
        `deviation_V`: error of the estimated potentials, V; `candidates_expected`: expected number
        of candidates in the library; `share_listed`: share of the best candidates that is expected
        to have been scored by the models. Each is a dictionary by potential or list of candidates.
    """
    if funnel is None:
        return None
    label = criteria.label
    return {
        "deviation_V": {
            FIRST_WAVE[role]: round(volts, 3) for role, volts in funnel.deviation.items()
        },
        "candidates_expected": {
            label(role): round(n) for role, n in funnel.expected_candidates.items()
        },
        "share_listed": {
            label(role): round(share, 3) for role, share in funnel.share_listed.items()
        },
    }


def _task(task: Task) -> dict[str, Any]:
    """Return which electrode the molecules of a role are, with their limits and partner, V.

    The limits `low` and `high` are those of the molecules' potential, and `partner` is the
    potential of the other electrode of the cell; each is None where it is not set.
    """
    volts = {name: getattr(task, name) for name in ("low", "high", "partner")}
    rounded = {
        name: round(value, 3) if math.isfinite(value) else None for name, value in volts.items()
    }
    return {"electrode": task.electrode, **rounded}


def _conversion(window: Window) -> dict[str, Any]:
    """Return the conversion from Fc/Fc+ to the cell's reference electrode, with its sources."""
    conversion = window.conversion
    return {
        "volts_vs_Fc": conversion.volts,
        "uncertainty_V": round(conversion.uncertainty, 3),
        "taken_from": conversion.taken_from,
        "source": conversion.source,
        "evidence": conversion.evidence,
    }


def _version(registered: Registered) -> dict[str, Any]:
    """Return the name, version, aliases and data checksum of a model in the model registry."""
    return {
        "name": registered.name,
        "version": registered.version,
        "aliases": list(registered.aliases),
        "data_sha256": registered.data_sha256,
    }
