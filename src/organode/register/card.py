"""The model card of a registered version: what it is good for, and how that is known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from organode.checksums import read_json
from organode.curate import SUMMARY
from organode.electrochemistry.scale import POTENTIALS
from organode.errors import OrganodeError
from organode.evaluate import metrics_path
from organode.fetch import PROVENANCE
from organode.model import Model

if TYPE_CHECKING:
    from jinja2 import Template

QUANTITIES = {
    "IE": "Ionization energy, E(one electron less) − E(species)",
    "EA": "Electron affinity, E(species) − E(one electron more)",
}
ROWS = {
    "outer": "outer: seen by no search and no training",
    "out_of_fold": "out of fold: each row by the network that had not seen it",
    "whole_set": "whole set, training rows included (as the thesis of 2020 reported)",
}


def model_card(model: Model, metrics: dict[str, Any], training: dict[str, Any]) -> str:
    """Return the card as Markdown.

    Parameters
    ----------
    model : Model
        What is registered.
    metrics : dict
        What `metrics.json` holds.
    training : dict
        Parameters of the training: `epochs`, `n_folds`, `split`, `seed`.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, UndefinedError

    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        trim_blocks=True,
        undefined=StrictUndefined,
        autoescape=False,  # Markdown
    )
    try:
        return _rendered(templates.get_template("card.md.j2"), model, metrics, training)
    except (UndefinedError, KeyError, TypeError, ValueError) as error:
        raise OrganodeError(
            f"{PROVENANCE}, {SUMMARY} or {metrics_path(model.target)} is damaged ({error}): run "
            f"`organode fetch`, `organode curate` and `organode evaluate {model.target}` again"
        ) from error


def _rendered(
    template: Template, model: Model, metrics: dict[str, Any], training: dict[str, Any]
) -> str:
    return template.render(
        model=model,
        quantity=QUANTITIES[model.target],
        potential=POTENTIALS[model.target],
        settings=model.ensemble.settings,
        domain=model.uncertainty.domain,
        training=training,
        rows=[(name, metrics[part]) for part, name in ROWS.items()],
        source=_read(PROVENANCE),
        curation=_read(SUMMARY),
        **{name: metrics[name] for name in ("scrambled", "intervals", "decision", "measured")},
    )


def _read(path: Path) -> dict[str, Any] | None:
    """Return a stage's description of its data, or None in a store that has the model alone."""
    return read_json(path, "run the stage that makes it again") if path.exists() else None
