"""The numbers of a round: what was bought, how wrong predictions were, what the list became."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from organode.artifacts import TARGETS
from organode.label.engine import NOT_COMPUTED
from organode.search.paired import compare


def errors_before(labels: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return the errors of predictions for molecules that the model had not learned, by target.

    `labels` are those of a round, with the columns `IE` (the label), `IE_predicted`, `IE_lower` and
    `IE_upper` in eV, and likewise for EA. The values are `n`, `mae` and `bias` (prediction − label)
    in eV, and `covered`, the share of labels inside the interval.
    """
    found = {}
    for target in TARGETS:
        rows = labels[labels[target].notna() & labels[f"{target}_predicted"].notna()]
        if rows.empty:
            continue
        error = rows[f"{target}_predicted"] - rows[target]
        inside = rows[target].between(rows[f"{target}_lower"], rows[f"{target}_upper"])
        found[target] = {
            "n": len(rows),
            "mae": round(float(error.abs().mean()), 4),
            "bias": round(float(error.mean()), 4),
            "covered": round(float(inside.mean()), 4),
        }
    return found


def mean_errors(errors: Mapping[str, pd.Series]) -> dict[str, dict[str, float]]:
    """Return number and mean absolute error, eV, of the errors of each target."""
    return {
        target: {"n": len(error), "mae": round(float(error.abs().mean()), 4)}
        for target, error in errors.items()
    }


def bought(labels: pd.DataFrame) -> dict[str, Any]:
    """Return how many labels of a round were bought at each level, failed, and were not computed.

    `cpu_seconds` is the CPU time that was paid, failures included.
    """
    is_ok = labels["IE"].notna() | labels["EA"].notna()
    late = labels["status"] == NOT_COMPUTED
    return {
        "bought": {
            str(level): int(n) for level, n in labels[is_ok]["level"].value_counts().items()
        },
        "failed": int((~is_ok & ~late).sum()),
        "not_computed": int(late.sum()),
        "cpu_seconds": round(float(labels["seconds"].sum()), 1),
    }


def changes(
    before: pd.DataFrame | None, after: pd.DataFrame, roles: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """Return for each of the roles how many candidates are listed, and which joined and left.

    `before` and `after` are lists of candidates with the columns `role` and `smiles`; `before` is
    None if there was none.
    """
    found = {}
    for role in roles:
        now = set(after.loc[after["role"] == role, "smiles"])
        then = now if before is None else set(before.loc[before["role"] == role, "smiles"])
        found[role] = {
            "listed": len(now), "joined": sorted(now - then), "left": sorted(then - now)
        }  # fmt: skip
    return found


def certainty(inside: Mapping[str, np.ndarray], weight: Mapping[str, np.ndarray]) -> float:
    """Return the expected share of right decisions, over the molecules that may be candidates.

    `inside` and `weight` are, by role, the probability that the potential is inside the window, and
    that nothing else keeps the molecule from being a candidate.
    """
    right = np.concatenate([np.maximum(p, 1 - p) for p in inside.values()])
    total = np.concatenate([*weight.values()])
    return round(float((right * total).sum() / max(total.sum(), 1e-9)), 5)


def gains(
    start: Mapping[str, pd.Series], after: Mapping[str, pd.Series]
) -> dict[str, dict[str, float]]:
    """Return by how much absolute errors have changed from the start to the retrained model, eV.

    `start` and `after` are the errors of the same molecules, by target. The values are
    `difference`, the mean change, and `low` and `high`, the bounds of its 95 % interval.
    """
    found = {}
    for target, error in after.items():
        change = compare(error.abs().to_numpy(), start[target].abs().to_numpy())
        numbers = {"difference": change.difference, "low": change.lower, "high": change.upper}
        found[target] = {name: round(number, 4) for name, number in numbers.items()}
    return found


def is_better(gain: Mapping[str, Mapping[str, float]]) -> bool:
    """Return whether a retrained model is better than the start on the labelled molecules.

    `gain` is as from `gains`. The errors of one target have to be significantly smaller, and those
    of no target significantly larger.
    """
    changed = gain.values()
    return any(each["high"] < 0 for each in changed) and not any(
        each["low"] > 0 for each in changed
    )
