"""The model card of a registered version: what it is good for, and how that is known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from organode.errors import OrganodeError
from organode.utils.checksums import read_json

CARDS = Path(__file__).parent / "cards"


def render(template: str, content: Callable[[], dict[str, Any]], what: str, remedy: str) -> str:
    """Return a card as Markdown.

    Parameters
    ----------
    template : str
        Name of the file in `cards`.
    content : callable
        Returns what the template names.
    what, remedy : str
        For the error where something is lacking in what was measured.

    Raises
    ------
    OrganodeError
        If something is.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, UndefinedError

    templates = Environment(
        loader=FileSystemLoader(CARDS),
        trim_blocks=True,
        undefined=StrictUndefined,
        autoescape=False,  # Markdown
    )
    try:
        return templates.get_template(template).render(**content())
    except (UndefinedError, KeyError, TypeError, ValueError) as error:
        raise OrganodeError(f"{what} ({error}): {remedy}") from error


def read_if_there(path: Path) -> dict[str, Any] | None:
    """Return a stage's description of its data, or None in a store that has the model alone."""
    return read_json(path, "run the stage that makes it again") if path.exists() else None
