"""Tables of rules and of stable cores; ``rules.csv`` and ``cores.csv`` hold the chemistry.

A rule names a group that ends the life of a radical ion, with a reason and a source. A core is a
group whose radical ion is known to last. Where a molecule has both, what the rule says depends on
the core, since the electron or hole sits where it is cheapest:

- `beside_mild` holds beside a core that is reduced or oxidised at a mild potential (a quinone, a
  nitroxide), where most other groups are spectators;
- `beside_harsh` holds beside a core whose potential is extreme (benzophenone near −2.2 V,
  thianthrene near +0.9 V vs Fc/Fc⁺), whose ion also attacks its own molecule.

Patterns are SMARTS. They are matched to molecules without explicit hydrogens, with RDKit's
aromaticity; bonds of rings that RDKit counts as aromatic in one molecule and not in another
(imides, quinones) are left open.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from rdkit import Chem

from organode.electrochemistry.stability.sieve import Sieve

OXIDISED, REDUCED, BOTH = "oxidised", "reduced", "both"
FATAL, CAUTION, FINE = "fatal", "caution", "fine"
OFF = "off"  # beside a core: the rule does not hold
SEPARATOR = " | "  # between patterns: a SMARTS has no spaces
SMILES_SEPARATOR = "; "


@dataclass(frozen=True)
class Pattern:
    """A SMARTS of the tables; `place` is its number among all of them, as `sieve` counts them."""

    query: Chem.Mol
    place: int


@dataclass(frozen=True)
class Rule:
    """A group that ends the life of a radical ion.

    Attributes
    ----------
    name : str
        What is found in the molecule.
    sides : tuple of str
        Forms of the molecule that do not live: `OXIDISED`, `REDUCED`.
    tier, beside_mild, beside_harsh : str
        `FATAL`, `CAUTION` or, beside a core, `OFF`: without a stable core, with one at a mild
        potential, with one at an extreme potential.
    pattern : Pattern
        The group; its first atom is the site of the reaction.
    unless : tuple of Pattern
        The rule does not hold for molecules that have any of these.
    reason : str
        One sentence.
    source : str
        Who says so.
    """

    name: str
    sides: tuple[str, ...]
    tier: str
    beside_mild: str
    beside_harsh: str
    pattern: Pattern
    unless: tuple[Pattern, ...]
    reason: str
    source: str


@dataclass(frozen=True)
class Core:
    """A group whose radical ion is known to last.

    Attributes
    ----------
    name : str
        Of the group.
    sides : tuple of str
        Forms that last: `OXIDISED`, `REDUCED`.
    mild : bool
        Whether it takes up or gives off its electron at a mild potential.
    pattern : Pattern
        The group: what happens at its atoms is what it is known to survive.
    source : str
        Who says so.
    second : str
        Who says that it lasts with a second electron or hole; empty of one that is not known to.
    """

    name: str
    sides: tuple[str, ...]
    mild: bool
    pattern: Pattern
    source: str
    second: str


@cache
def rules(side: str) -> tuple[Rule, ...]:
    """Return the rules on one side, in the order of the table."""
    place = _places()
    found = (
        Rule(
            row["name"], _sides(row["side"]), row["tier"], row["beside_mild"], row["beside_harsh"],
            place[row["pattern"]], tuple(place[one] for one in split(row["unless"], SEPARATOR)),
            row["reason"], _source(row),
        )
        for row in read("rules.csv")
    )  # fmt: skip
    return tuple(rule for rule in found if side in rule.sides)


@cache
def cores(side: str) -> tuple[Core, ...]:
    """Return the stable cores on one side, in the order of the table."""
    found = (
        Core(
            row["name"], _sides(row["side"]), row["mild"] == "yes", _places()[row["pattern"]],
            _source(row), row["second"],
        )
        for row in read("cores.csv")
    )  # fmt: skip
    return tuple(core for core in found if side in core.sides)


@cache
def sieve() -> Sieve:
    """Return what tells which patterns of both tables a molecule may have."""
    return Sieve([pattern.query for pattern in _places().values()])


@cache
def _places() -> dict[str, Pattern]:
    """Return each pattern of both tables by its SMARTS; several rules may ask for one."""
    texts = [row["pattern"] for name in ("rules.csv", "cores.csv") for row in read(name)]
    texts += [one for row in read("rules.csv") for one in split(row["unless"], SEPARATOR)]
    return {
        text: Pattern(Chem.MolFromSmarts(text), place)
        for place, text in enumerate(dict.fromkeys(texts))
    }


def read(name: str) -> list[dict[str, str]]:
    """Return the rows of ``rules.csv`` or ``cores.csv``."""
    with (files(__package__) / name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def split(cell: str, separator: str = SMILES_SEPARATOR) -> list[str]:
    """Return what a cell of these tables lists."""
    return cell.split(separator) if cell else []


def _sides(cell: str) -> tuple[str, ...]:
    return (OXIDISED, REDUCED) if cell == BOTH else (cell,)


def _source(row: dict[str, str]) -> str:
    return f"{row['citation']}, doi {row['doi']}" if row["doi"] else row["citation"]
