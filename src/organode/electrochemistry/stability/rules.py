"""Rules on the decomposition of radical ions, and stable cores: ``rules.csv`` and ``cores.csv``.

A rule names a group that makes a radical ion decompose, with a reason and a source. A core is a
group whose radical ion is known to be stable. In a molecule with both, the tier of the rule depends
on the core, since the electron or hole is where its energy is lowest:

- `beside_mild` applies beside a core that is reduced or oxidised at a mild potential (a quinone, a
  nitroxide), where most other groups do not take part;
- `beside_harsh` applies beside a core whose potential is extreme (benzophenone near −2.2 V,
  thianthrene near +0.9 V vs Fc/Fc⁺), whose ion also attacks other groups of its own molecule.

Patterns are SMARTS. They are matched to molecules without explicit hydrogens, with RDKit's
aromaticity. Patterns leave ring bonds open that RDKit counts as aromatic in some molecules and not
in others (imides, quinones).
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
OFF = "off"  # beside a core: the rule does not apply
SEPARATOR = " | "  # between patterns: SMARTS have no spaces
SMILES_SEPARATOR = "; "


@dataclass(frozen=True)
class Pattern:
    """A SMARTS of the tables; `place` is its index among all patterns, as in `sieve`."""

    query: Chem.Mol
    place: int


@dataclass(frozen=True)
class Rule:
    """A group that makes a radical ion decompose.

    Attributes
    ----------
    name : str
        Name of the group.
    sides : tuple of str
        Forms of the molecule that decompose: `OXIDISED`, `REDUCED`.
    tier, beside_mild, beside_harsh : str
        `FATAL`, `CAUTION` or, beside a core, `OFF`: without a stable core, with a core at a mild
        potential, with a core at an extreme potential.
    pattern : Pattern
        The group; its first atom is the site of the reaction.
    unless : tuple of Pattern
        The rule does not apply to molecules with any of these.
    reason : str
        A sentence.
    source : str
        Citation.
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
    """A group whose radical ion is known to be stable.

    Attributes
    ----------
    name : str
        Name of the group.
    sides : tuple of str
        Stable forms: `OXIDISED`, `REDUCED`.
    mild : bool
        Whether it takes up or gives off its electron at a mild potential.
    pattern : Pattern
        The group: rules do not apply at its atoms.
    source : str
        Citation.
    second : str
        Citation for its stability with a second electron or hole; empty if that is not known.
    """

    name: str
    sides: tuple[str, ...]
    mild: bool
    pattern: Pattern
    source: str
    second: str


@cache
def rules(side: str) -> tuple[Rule, ...]:
    """Return the rules for a side, in the order of the table."""
    patterns = _patterns()
    every = (
        Rule(
            name=row["name"],
            sides=_sides(row["side"]),
            tier=row["tier"],
            beside_mild=row["beside_mild"],
            beside_harsh=row["beside_harsh"],
            pattern=patterns[row["pattern"]],
            unless=tuple(patterns[smarts] for smarts in split(row["unless"], SEPARATOR)),
            reason=row["reason"],
            source=_source(row),
        )
        for row in read("rules.csv")
    )
    return tuple(rule for rule in every if side in rule.sides)


@cache
def cores(side: str) -> tuple[Core, ...]:
    """Return the stable cores for a side, in the order of the table."""
    every = (
        Core(
            name=row["name"],
            sides=_sides(row["side"]),
            mild=row["mild"] == "yes",
            pattern=_patterns()[row["pattern"]],
            source=_source(row),
            second=row["second"],
        )
        for row in read("cores.csv")
    )
    return tuple(core for core in every if side in core.sides)


@cache
def sieve() -> Sieve:
    """Return the sieve of the patterns of both tables."""
    return Sieve([pattern.query for pattern in _patterns().values()])


@cache
def _patterns() -> dict[str, Pattern]:
    """Return each pattern of both tables by its SMARTS; several rules may share a pattern."""
    texts = [row["pattern"] for name in ("rules.csv", "cores.csv") for row in read(name)]
    texts += [smarts for row in read("rules.csv") for smarts in split(row["unless"], SEPARATOR)]
    return {
        text: Pattern(Chem.MolFromSmarts(text), place)
        for place, text in enumerate(dict.fromkeys(texts))
    }


def read(name: str) -> list[dict[str, str]]:
    """Return the rows of ``rules.csv`` or ``cores.csv``."""
    with (files(__package__) / name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def split(cell: str, separator: str = SMILES_SEPARATOR) -> list[str]:
    """Return the items in a cell of these tables."""
    return cell.split(separator) if cell else []


def _sides(cell: str) -> tuple[str, ...]:
    return (OXIDISED, REDUCED) if cell == BOTH else (cell,)


def _source(row: dict[str, str]) -> str:
    return f"{row['citation']}, doi {row['doi']}" if row["doi"] else row["citation"]
