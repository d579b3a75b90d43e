"""Render the model card of a registered version, which describes data, errors and limits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from organode.errors import OrganodeError
from organode.utils.checksums import read_json

CARDS = Path(__file__).parent / "cards"


def render_card(
    template: str, content: Callable[[], dict[str, Any]], problem: str, remedy: str
) -> str:
    """Return a model card as Markdown.

    Parameters
    ----------
    template : str
        Name of the template, a file in the folder `cards`.
    content : callable
        Returns the values of the template's variables by name.
    problem, remedy : str
        Beginning and end of the message of the error: what is damaged, and what to do.

    Raises
    ------
    OrganodeError
        If a value that the template uses is missing or has the wrong type.
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
        raise OrganodeError(f"{problem} ({error}): {remedy}") from error


def read_if_present(path: Path) -> dict[str, Any] | None:
    """Return the content of a JSON file that a pipeline stage wrote; None if it does not exist.

    The files on training data do not exist in a project that holds only the trained model.
    """
    return read_json(path, "run the stage that makes it again") if path.exists() else None
