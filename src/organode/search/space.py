"""What the search may try, and what it tries first."""

from __future__ import annotations

from typing import Any

import optuna

from organode.network import NetworkSettings
from organode.settings import Search

# The settings that the 2020 thesis found best of its 25: bits of radius 1 folded to 1,024,
# dropout 0.1, L2 0.003. Batches and learning rate are this project's, not the thesis's.
THESIS = {
    "IE": NetworkSettings(1, 1024, False, (1024, 512), 0.1, 3e-3),
    "EA": NetworkSettings(1, 1024, False, (512, 256), 0.1, 3e-3),
}
# Counts of a long radius-1 fingerprint with hardly any L2: what has worked well since.
STRONG = NetworkSettings(1, 4096, True, (1024, 512), 0.1, 1e-6)


def suggest(trial: optuna.Trial, space: Search) -> NetworkSettings:
    """Draw one setting from the space of `params.yaml`."""
    layers = trial.suggest_int("n_layers", *space.n_layers)
    return NetworkSettings(
        radius=trial.suggest_int("radius", *space.radius),
        n_bits=trial.suggest_categorical("n_bits", space.n_bits),
        counts=trial.suggest_categorical("counts", [True, False]),
        widths=tuple(
            trial.suggest_categorical(f"width_{layer}", space.widths)
            for layer in range(1, layers + 1)
        ),
        dropout=trial.suggest_float("dropout", *space.dropout),
        l2=trial.suggest_float("l2", *space.l2, log=True),
    )


def first_trials(target: str, space: Search) -> list[dict[str, Any]]:
    """Return the settings to try first, as far as they lie within the space."""
    return [
        _parameters(settings)
        for settings in (THESIS[target], STRONG)
        if space.radius[0] <= settings.radius <= space.radius[1]
        and settings.n_bits in space.n_bits
        and set(settings.widths) <= set(space.widths)
        and space.n_layers[0] <= len(settings.widths) <= space.n_layers[1]
        and space.dropout[0] <= settings.dropout <= space.dropout[1]
        and space.l2[0] <= settings.l2 <= space.l2[1]
    ]


def _parameters(settings: NetworkSettings) -> dict[str, Any]:
    content = settings.as_dict()
    widths = content.pop("widths")
    content = {key: content[key] for key in ("radius", "n_bits", "counts", "dropout", "l2")}
    return content | {
        "n_layers": len(widths),
        **{f"width_{layer}": width for layer, width in enumerate(widths, start=1)},
    }
