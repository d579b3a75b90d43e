"""The model card of the model that is installed with organode (the packaged model)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FIGURES = {
    "mae": "MAE on the test set / eV",
    "covered": "labels inside their 95 % interval / %",
    "measured_mae": "MAE of potentials, families left out / V",
    "measured_covered": "potentials inside their 95 % interval / %",
}


def student_figures(metrics: Mapping[str, Any]) -> dict[str, float]:
    """Return the four numbers that the model card shows for one model, from its metrics.

    Parameters
    ----------
    metrics : mapping
        Metrics of the model, named as in ``metrics.json``: `outer` and `intervals`, of the test
        set; `measured`, of potentials. Each potential is predicted by a laboratory scale that was
        fitted without the molecule's family.

    Returns
    -------
    dict of float
        `mae`: MAE on the test set, eV. `covered`: share of the test set's labels inside their 95 %
        interval, 0 to 1. `measured_mae` and `measured_covered`: MAE in V and share for potentials.
    """
    return {
        "mae": round(metrics["outer"]["mae"], 4),
        "covered": round(metrics["intervals"]["covered"], 4),
        "measured_mae": round(metrics["measured"]["mae"], 4),
        "measured_covered": round(metrics["measured"]["covered"], 4),
    }


def student_card(content: Mapping[str, Any]) -> str:
    """Return the model card as Markdown; `content` is the content of the file ``model.json``."""
    models = content["models"]
    lines = [
        "# The packaged model",
        "",
        "A small network for each of IE and EA (a student) in place of an ensemble (its teacher), "
        "with the ensemble's error bars and laboratory scale, and the model of the stability of "
        f"ions. The students learned what the ensembles answer for {content['molecules']:,} "
        "molecules: real compounds, enumerated members of redox families, and the training "
        "molecules. No molecule of the test set is among them, and no measured one that the "
        "ensembles were not trained on.",
        "",
        "| | IE: student | its teacher | EA: student | its teacher |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, words in FIGURES.items():
        values = [
            content["figures"][target][who][name]
            for target in ("IE", "EA")
            for who in ("student", "teacher")
        ]
        shown = [f"{100 * each:.1f}" if words.endswith("%") else f"{each:.3f}" for each in values]
        lines.append(f"| {words} | {' | '.join(shown)} |")
    lines += [
        "",
        f"Made by organode {content['organode']}. Versions of the parts, the first digits of their "
        "files' SHA-256: "
        + ", ".join(f"{target} `{of['version']}`" for target, of in models.items())
        + f". SHA-256 of the training data: IE `{models['IE']['data_sha256']}`, EA "
        f"`{models['EA']['data_sha256']}`. Level of theory: {models['IE']['level_of_theory']}.",
        "",
        "Distillation: Hinton, Vinyals and Dean, doi 10.48550/arXiv.1503.02531. What the models "
        "are for, and where they fail, is in the cards of the ensembles: "
        "`organode model export FOLDER` writes them.",
        "",
    ]
    return "\n".join(lines)
