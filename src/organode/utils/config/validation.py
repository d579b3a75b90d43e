"""Turn Pydantic's validation errors into one line that names key, value and allowed values."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from organode.errors import without_password

MAX_SHOWN = 60  # characters of a value that a message shows


def problems(error: ValidationError, model: type[BaseModel], replaced: Mapping[str, str]) -> str:
    """Return one text with all problems that a validation found, separated by semicolons.

    Parameters
    ----------
    error : pydantic.ValidationError
        The error that the validation raised.
    model : type
        Class of the settings that were validated.
    replaced : mapping of str to str
        Keys that only earlier versions had, such as ``screen.electrons``, and for each key a text
        that tells the user what to write instead.
    """
    details = [dict(detail) for detail in error.errors()]
    return "; ".join(
        _problem(detail, model, replaced)
        for detail in details
        if not _is_consequence(detail, details)
    )


def shown(text: str) -> str:
    """Return a text without passwords, cut to `MAX_SHOWN` (60) characters for a message."""
    text = without_password(text)  # before the cut, which could make an address unrecognizable
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 3] + "..."


def _is_consequence(detail: dict[str, Any], details: Sequence[dict[str, Any]]) -> bool:
    """Return whether a list counts as too short only because invalid values are not counted.

    `details` are all problems, as in `ValidationError.errors()`, and `detail` is the problem of the
    list. The invalid values in the list have entries of their own in `details`.
    """
    place = detail["loc"]
    inside = any(other["loc"][: len(place)] == place != other["loc"] for other in details)
    return bool(detail["type"] == "too_short" and inside)


def _problem(detail: dict[str, Any], model: type[BaseModel], replaced: Mapping[str, str]) -> str:
    """Return the text for one problem, an entry of `ValidationError.errors()`."""
    place = [part for part in detail["loc"] if isinstance(part, str)]
    key = ".".join(map(str, detail["loc"]))
    value = shown(repr(detail["input"]))
    if detail["type"] == "extra_forbidden":
        return _unknown_key(key, place, model, replaced)
    if detail["type"] == "too_short":
        return f"{key} = {value} is not allowed: it must hold a value"
    if place[-1:] == ["[key]"]:
        demand = str(detail["msg"]).replace("Input should be", "it must be", 1)
        return f"unknown key '{key.removesuffix('.[key]')}': {demand}"
    message = str(detail["msg"]).removeprefix("Value error, ")
    if detail["type"] == "value_error" and not place:
        return message
    demand = message.replace("Input should be", "it must be", 1)
    return f"{key} = {value} is not allowed: {demand}{_allowed_range(place, model)}"


def _unknown_key(
    key: str, place: Sequence[str], model: type[BaseModel], replaced: Mapping[str, str]
) -> str:
    if key in replaced:
        return f"unknown key '{key}': {replaced[key]}"
    known = list(_section(place[:-1], model).model_fields)
    close = difflib.get_close_matches(place[-1], known, 1)
    hint = f"did you mean '{close[0]}'?" if close else f"known here: {', '.join(known)}"
    return f"unknown key '{key}' ({hint})"


def _allowed_range(place: Sequence[str], model: type[BaseModel]) -> str:
    """Return the allowed range of a setting as text such as `` (allowed: ≥ 1 and ≤ 8)``.

    The text is empty if the setting has no range. `place` is the path of keys to the setting.
    Pydantic's own message names only the bound that the value violates, not the whole range.
    """
    field = _section(place[:-1], model).model_fields.get(place[-1]) if place else None
    bounds = {
        name: getattr(constraint, name)
        for constraint in (field.metadata if field else ())
        for name in ("ge", "gt", "le", "lt")
        if hasattr(constraint, name)
    }
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    limits = " and ".join(f"{signs[name]} {value:,}" for name, value in bounds.items())
    return f" (allowed: {limits})" if limits else ""


def _section(place: Sequence[str], model: type[BaseModel]) -> type[BaseModel]:
    """Return the class of the settings section at a path of keys such as ``["screen", "filter"]``.

    The path may also lead to an entry of a mapping of sections, such as the solvent ``DMC`` at
    ``["screen", "solvents", "DMC"]``. `model` is the class of the settings as a whole.
    """
    section = model
    names = iter(place)
    for name in names:
        annotation: Any = section.model_fields[name].annotation
        if get_origin(annotation) is dict:
            annotation = get_args(annotation)[1]
            next(names, None)
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            break
        section = annotation
    return section
