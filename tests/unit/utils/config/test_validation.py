"""Pydantic's errors in plain words."""

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from organode.utils.config.validation import MAX_SHOWN, problems, shown


class Cell(BaseModel):
    model_config = ConfigDict(extra="forbid")
    volts: float = Field(0.0, ge=-4, le=10)
    kinds: Annotated[tuple[Literal["flow", "metal"], ...], Field(min_length=1)] = ("flow",)


class Root(BaseModel):
    model_config = ConfigDict(extra="forbid")
    cells: dict[str, Cell] = {}


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ({"volts": 11}, "cells.a.volts = 11 is not allowed: it must be less than or equal to 10 "
         "(allowed: ≥ -4 and ≤ 10)"),
        ({"volt": 1}, "unknown key 'cells.a.volt' (did you mean 'volts'?)"),
        ({"other": 1}, "unknown key 'cells.a.other' (known here: volts, kinds)"),
        ({"old": 1}, "unknown key 'cells.a.old': it is volts now"),
        ({"kinds": []}, "cells.a.kinds = [] is not allowed: it must hold a value"),
        ({"kinds": ["lead"]},
         "cells.a.kinds.0 = 'lead' is not allowed: it must be 'flow' or 'metal'"),
    ],
)  # fmt: skip
def test_problem_names_key_value_and_what_is_allowed(cell, message):
    with pytest.raises(ValidationError) as caught:
        Root.model_validate({"cells": {"a": cell}})
    assert problems(caught.value, Root, {"cells.a.old": "it is volts now"}) == message


def test_shown_value_is_cut_and_has_no_password():
    assert shown("mysql://user:hunter2@host") == "mysql://host"
    assert len(shown("x" * 500)) == MAX_SHOWN
