"""Turn Pydantic's validation errors into one line that names key, value and what is allowed."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from organode.errors import without_password

MAX_SHOWN = 60  # characters of a value that a message shows


def problems(error: ValidationError, model: type[BaseModel], replaced: Mapping[str, str]) -> str:
    """Return all problems that a validation found, separated by semicolons.

    Parameters
    ----------
    error : pydantic.ValidationError
        The error that the validation raised.
    model : type
        Class of the settings that were validated.
    replaced : mapping of str to str
        For each key of earlier versions, such as ``screen.electrons``, advice for the user.
    """
    details = [dict(detail) for detail in error.errors()]
    return "; ".join(
        _problem(detail, model, replaced)
        for detail in details
        if not _is_consequence(detail, details)
    )


def shown(text: str) -> str:
    """Return a text without passwords, cut to a length that fits in a message."""
    text = without_password(text)  # before the cut, which could make an address unrecognizable
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 3] + "..."


def _is_consequence(detail: dict[str, Any], details: Sequence[dict[str, Any]]) -> bool:
    """Tell whether a list counts as too short only because it holds invalid values.

    `details` reports these values too.
    """
    place = detail["loc"]
    inside = any(other["loc"][: len(place)] == place != other["loc"] for other in details)
    return bool(detail["type"] == "too_short" and inside)


def _problem(detail: dict[str, Any], model: type[BaseModel], replaced: Mapping[str, str]) -> str:
    """Return one problem from `ValidationError.errors()` as a part of the message."""
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
    """Return a number's whole allowed range as text such as `` (allowed: ≥ 1 and ≤ 8)``, or "".

    Pydantic's own message has only the bound that the value violates.
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
    """Return the class of the section at a path of keys such as ``["screen", "filter"]``.

    A section may also be an entry of a mapping, such as ``["screen", "solvents", "DMC"]``.
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
