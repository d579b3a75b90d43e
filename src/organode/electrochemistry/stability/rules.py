"""Rules on the decomposition of radical ions, and stable cores: ``rules.csv`` and ``cores.csv``.

A rule names a group that makes a radical ion decompose, with a reason and a source. The rule's tier
is ``fatal`` if the ion decomposes, ``caution`` if it may decompose. A core is a group whose radical
ion is known to be stable. In a molecule with a core, the tier of a rule depends on the core, since
the electron or hole moves to the part of the molecule where its energy is lowest:

- the tier in the column `beside_mild` applies in a molecule with a core that is reduced or oxidised
  at a mild potential (a quinone, a nitroxide), at which most other groups do not react;
- the tier in the column `beside_harsh` applies in a molecule whose core has an extreme potential
  (benzophenone near −2.2 V, thianthrene near +0.9 V vs Fc/Fc⁺): the ion of such a core also attacks
  other groups of its own molecule.

Patterns are SMARTS. They are matched to molecules without explicit hydrogens, with RDKit's
aromaticity. Where RDKit counts a ring bond as aromatic in some molecules and not in others (imides,
quinones), the pattern leaves the bond's order open.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from operator import itemgetter
from typing import Any

from rdkit import Chem

from organode.electrochemistry.stability.kinds import outline
from organode.electrochemistry.stability.sieve import Sieve
from organode.electrochemistry.stability.simplify import environments, lone_environment, simplified
from organode.utils.lazy import lazy

OXIDISED, REDUCED, BOTH = "oxidised", "reduced", "both"
FATAL, CAUTION, FINE = "fatal", "caution", "fine"
OFF = "off"  # instead of a tier: the rule does not apply beside such a core
SEPARATOR = " | "  # between SMARTS in a cell of the tables: SMARTS have no spaces
SMILES_SEPARATOR = "; "


@dataclass(frozen=True)
class Pattern:
    """A SMARTS pattern of ``rules.csv`` or ``cores.csv``.

    Attributes
    ----------
    smarts : str
        The pattern as it is in the table.
    query : Chem.Mol
        The pattern for a substructure search.
    searched : Chem.Mol
        A pattern that the same molecules have, perhaps with matches of more atoms, but faster to
        search.
    place : int
        Index of the pattern in the list of all different patterns of the two files.
    outline : Chem.Mol or None
        A simpler pattern that all molecules with `searched` have, too
        (`organode.electrochemistry.stability.kinds.outline`).
    environments : mapping of int to str
        The environments that the pattern names, by their index in what `sieve` tells.
    """

    smarts: str
    query: Chem.Mol
    searched: Chem.Mol
    place: int
    outline: Chem.Mol | None
    environments: Mapping[int, str]
    _simpler: dict[Any, Pattern] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, smarts: str, place: int, environments: Mapping[int, str]) -> Pattern:
        """Make a pattern from its SMARTS."""
        query, searched = map(Chem.MolFromSmarts, (smarts, lone_environment(smarts)))
        return cls(smarts, query, searched, place, outline(searched), environments)

    def is_in(self, molecule: Chem.Mol) -> bool:
        """Return whether a molecule has the pattern."""
        if self.outline is not None and not molecule.HasSubstructMatch(self.outline):
            return False
        return bool(molecule.HasSubstructMatch(self.searched))

    def simplified(self, may_have: bytes) -> Pattern:
        """Return the pattern for a molecule that lacks some of the environments: faster to search.

        `may_have` is the row of the molecule in what `sieve` tells, as bytes.
        """
        if not self.environments:
            return self
        key = self._of_environments(may_have)
        if key not in self._simpler:
            absent = {text for at, text in self.environments.items() if not may_have[at]}
            simpler = Pattern.of(simplified(self.smarts, absent), self.place, {})
            self._simpler[key] = simpler
        return self._simpler[key]

    @lazy
    def _of_environments(self) -> itemgetter[Any]:
        return itemgetter(*self.environments)


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
        What the group does to the ion of a molecule without a stable core, with a core at a mild
        potential, and with a core at an extreme potential. `FATAL`: the ion decomposes; `CAUTION`:
        the ion may decompose; `OFF` (only with a core): the rule does not apply.
    pattern : Pattern
        The group; its first atom is the site of the reaction.
    unless : tuple of Pattern
        The rule does not apply to molecules with any of these patterns.
    reason : str
        A sentence on why the ion decomposes.
    source : str
        Citation for the reason.
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
        Forms of the molecule in which the group is stable: `OXIDISED`, `REDUCED`.
    mild : bool
        Whether the group takes up or gives off its electron at a mild, not an extreme, potential.
    pattern : Pattern
        The group. A rule does not apply where the site of its reaction is an atom of the group.
    source : str
        Citation for the stability of the group's radical ion.
    second : str
        Citation for the group's stability with a second electron or hole; empty if no such
        stability is known.
    """

    name: str
    sides: tuple[str, ...]
    mild: bool
    pattern: Pattern
    source: str
    second: str


@cache
def rules(side: str) -> tuple[Rule, ...]:
    """Return the rules on the form `side`, `OXIDISED` or `REDUCED`, in the order of the table."""
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
    """Return the cores that are stable in the form `side`, `OXIDISED` or `REDUCED`."""
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
    """Return the filter that tells which patterns of all rules and cores a molecule may have.

    It also tells which environments that these patterns name a molecule may have, after the
    patterns.
    """
    queries = [pattern.query for pattern in _patterns().values()]
    return Sieve([*queries, *map(Chem.MolFromSmarts, _environments())])


@cache
def _patterns() -> dict[str, Pattern]:
    """Return the different patterns of ``rules.csv`` and ``cores.csv``, by their SMARTS."""
    texts = _texts()
    places = {text: len(texts) + at for at, text in enumerate(_environments())}
    return {
        text: Pattern.of(text, place, {places[each]: each for each in environments(text)})
        for place, text in enumerate(texts)
    }


@cache
def _texts() -> list[str]:
    """Return the SMARTS of the different patterns of ``rules.csv`` and ``cores.csv``."""
    texts = [row["pattern"] for name in ("rules.csv", "cores.csv") for row in read(name)]
    texts += [smarts for row in read("rules.csv") for smarts in split(row["unless"], SEPARATOR)]
    return [*dict.fromkeys(texts)]


@cache
def _environments() -> list[str]:
    """Return the SMARTS of the different environments that the patterns name."""
    return [*dict.fromkeys(each for text in _texts() for each in environments(text))]


def read(name: str) -> list[dict[str, str]]:
    """Return the rows of ``rules.csv`` or ``cores.csv``, each as a dict of text by column."""
    with (files(__package__) / name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def split(cell: str, separator: str = SMILES_SEPARATOR) -> list[str]:
    """Return the list of SMILES, or of SMARTS, in a cell of ``rules.csv`` or ``cores.csv``.

    In a cell, `separator` stands between SMILES; for SMARTS it is `SEPARATOR`.
    """
    return cell.split(separator) if cell else []


def _sides(cell: str) -> tuple[str, ...]:
    """Return the forms that a cell of the column `side` names: two if it is ``both``, else one."""
    return (OXIDISED, REDUCED) if cell == BOTH else (cell,)


def _source(row: dict[str, str]) -> str:
    """Return the citation in a row of a table, with its DOI if there is one."""
    return f"{row['citation']}, doi {row['doi']}" if row["doi"] else row["citation"]
