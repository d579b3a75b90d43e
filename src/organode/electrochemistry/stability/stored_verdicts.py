"""Verdicts of the rules as short texts, of which the same ones are stored once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache

import numpy as np

from organode.electrochemistry.stability.rules import Rule, rules
from organode.electrochemistry.stability.verdict import Hit, Verdict


def pack(verdicts: Sequence[Verdict]) -> tuple[np.ndarray, np.ndarray]:
    """Return the different verdicts as texts, shape (u,), and which of them each one is, (n,).

    Rules are named, and their reasons and sources left out; all verdicts are on the same side.
    """
    numbers: dict[str, int] = {}
    which = [numbers.setdefault(_text(each), len(numbers)) for each in verdicts]
    return np.array([*numbers], np.str_), np.array(which, np.uint32)


def unpack(texts: np.ndarray, which: np.ndarray, side: str) -> list[Verdict]:
    """Return the verdicts that `pack` packed, which were on the form `side`.

    Raises
    ------
    KeyError
        If the rules that are in force do not have one of the names.
    """
    different = [_verdict(text, side) for text in texts.tolist()]
    return [different[number] for number in which.tolist()]


def _text(each: Verdict) -> str:
    hits = [[hit.name, hit.tier] for hit in each.hits]
    return json.dumps([each.tier, each.core, each.electrons, hits], ensure_ascii=False)


def _verdict(text: str, side: str) -> Verdict:
    tier, core, electrons, hits = json.loads(text)
    named = _named(side)
    of_rules = (
        Hit(name, of_rule, named[name].reason, named[name].source) for name, of_rule in hits
    )
    return Verdict(tier, tuple(of_rules), core, side, electrons)


@cache
def _named(side: str) -> dict[str, Rule]:
    return {rule.name: rule for rule in rules(side)}
