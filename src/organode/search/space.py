"""Draw network settings from the search space, and choose the settings that are tried first."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import optuna

from organode.models.network.network import NetworkSettings
from organode.settings import Search

LAYERS = ((1024, 512, 256), (512, 256, 128), (1024, 512), (1024, 256))


def _thesis(radius: int, n_bits: int, widths: tuple[int, ...]) -> NetworkSettings:
    return NetworkSettings(
        radius,
        n_bits,
        counts=False,
        orbitals=False,
        widths=widths,
        dropout=0.1,
        l2=3e-3,
        loss="mse",
        joint=False,
        learning_rate=3e-3,
        batch_size=30_000,
        protocol="thesis",
    )


# The 25 settings of the 2020 thesis that the project began with, in the order of the thesis.
_THESIS_GRID = product((1024, 2048), (1, 2, 3), LAYERS)
THESIS = [
    *(_thesis(radius, n_bits, widths) for n_bits, radius, widths in _THESIS_GRID),
    _thesis(1, 1024, (512, 256)),
]
THESIS_BEST = {"IE": THESIS[2], "EA": THESIS[24]}
# Settings that worked well for all tables of labels so far.
STRONG = NetworkSettings(
    1,
    0,
    counts=True,
    orbitals=True,
    widths=(1024, 1024),
    dropout=0.03,
    l2=1e-8,
    loss="huber",
    joint=False,
    learning_rate=5.5e-4,
    batch_size=64,
)
FIXED = 0  # position of `STRONG` in `first_trials`
CHOICES = ("n_bits", "counts", "orbitals", "loss", "joint", "batch_size")
LOGARITHMIC = ("l2", "learning_rate")


def suggest(trial: optuna.Trial, space: Search) -> NetworkSettings:
    """Draw the network settings of a trial from a search space, as set in `params.yaml`."""
    layers = trial.suggest_int("n_layers", *space.n_layers)
    return NetworkSettings(
        radius=trial.suggest_int("radius", *space.radius),
        widths=tuple(
            trial.suggest_categorical(f"width_{layer}", space.widths)
            for layer in range(1, layers + 1)
        ),
        dropout=trial.suggest_float("dropout", *space.dropout),
        **{name: trial.suggest_categorical(name, getattr(space, name)) for name in CHOICES},
        **{
            name: trial.suggest_float(name, *getattr(space, name), log=True) for name in LOGARITHMIC
        },
    )


def first_trials(target: str, space: Search) -> list[dict[str, Any]]:
    """Return the parameters of the two trials to run first, as name to value for each trial.

    The first trial has the fixed settings `STRONG`, which have worked well for all tables of
    labels: later trials are pruned early if they are far from these. The second trial has the best
    settings for the target (``IE`` or ``EA``) in the 2020 thesis that the project began with.
    Values outside the search space, such as the batch size of the thesis (all molecules), are
    replaced by the nearest value in the search space.
    """
    return [_parameters(_inside(settings, space)) for settings in (STRONG, THESIS_BEST[target])]


def _inside(settings: NetworkSettings, space: Search) -> NetworkSettings:
    """Return the settings, with values outside the search space replaced by the nearest in it."""

    def clip(name: str) -> Any:
        low, high = getattr(space, name)
        return min(max(getattr(settings, name), low), high)

    def nearest(name: str) -> Any:
        choices, value = getattr(space, name), getattr(settings, name)
        if value in choices:
            return value
        numbers = [choice for choice in choices if isinstance(choice, int) and choice]
        if not numbers or not value:  # 0, not folded, is nearest to the largest length
            return max(choices)
        return min(numbers, key=lambda number: abs(number - value))

    low, high = space.n_layers
    depth = min(max(len(settings.widths), low), high)
    widths = (settings.widths + settings.widths[-1:] * depth)[:depth]
    return replace(
        settings,
        widths=tuple(min(space.widths, key=lambda w: abs(w - width)) for width in widths),
        protocol="organode",
        **{name: clip(name) for name in ("radius", "dropout", *LOGARITHMIC)},
        **{name: nearest(name) for name in CHOICES},
    )


def _parameters(settings: NetworkSettings) -> dict[str, Any]:
    """Return settings as Optuna's parameters: name, as `suggest` calls the parameter, to value."""
    content = settings.as_dict()
    names = ("radius", "dropout", *CHOICES, *LOGARITHMIC)
    return {name: content[name] for name in names} | {
        "n_layers": len(settings.widths),
        **{f"width_{layer}": width for layer, width in enumerate(settings.widths, start=1)},
    }
