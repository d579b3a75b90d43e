"""Decide by rules whether the radical ion of a molecule is stable.

``rules.csv`` lists groups that make a radical ion decompose, ``cores.csv`` groups whose radical
ions are known to be stable, such as quinones and viologens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, compress
from operator import itemgetter
from typing import Generic, TypeVar

from rdkit import Chem

from organode.chem.graph import Graphs
from organode.chem.in_cell import has_anion, in_cell
from organode.electrochemistry.stability.rules import (
    CAUTION,
    FATAL,
    FINE,
    OFF,
    OXIDISED,
    REDUCED,
    Core,
    Pattern,
    Rule,
    cores,
    rules,
    sieve,
)
from organode.errors import UsageError

T = TypeVar("T")
NO_CORE = {
    OXIDISED: "nothing in it is known to hold the hole",
    REDUCED: "nothing in it is known to hold the electron",
}
HYDROGEN = 1
GROUP = 3  # atoms; a smaller pattern is only a part of a group


@dataclass(frozen=True)
class Hit:
    """A rule that applies to a molecule.

    Attributes
    ----------
    name : str
        Name of the group that makes the ion decompose.
    tier : str
        ``fatal`` (the ion decomposes) or ``caution`` (the ion may decompose), given the stable
        cores of the molecule.
    reason, source : str
        A sentence on why the ion decomposes, and a citation for this reason.
    """

    name: str
    tier: str
    reason: str
    source: str


@dataclass(frozen=True)
class Verdict:
    """Stability of the oxidised or reduced form of a molecule, as the rules predict it.

    Attributes
    ----------
    tier : str
        `FATAL` (a rule says that the ion decomposes), `CAUTION` (a rule says that the ion may
        decompose, or nothing in the molecule is known to make it stable) or `FINE` (the molecule
        has a stable core, and no rule applies).
    hits : tuple of Hit
        The rules that apply, fatal rules first.
    core : str
        Name of a stable core, a group in the molecule whose radical ion is known to be stable; a
        core at a mild potential is preferred. Empty if there is no core.
    side : str
        `OXIDISED` or `REDUCED`.
    electrons : int
        Number of electrons that the molecule can probably give off or take up: 2 if a core is known
        to be stable after two electrons, or if the molecule has the same core twice without shared
        atoms, else 1.
    """

    tier: str
    hits: tuple[Hit, ...]
    core: str
    side: str
    electrons: int

    @property
    def rules(self) -> tuple[str, ...]:
        """Names of the rules that apply, fatal rules first."""
        return tuple(hit.name for hit in self.hits)

    @property
    def reason(self) -> str:
        """Names and reasons of the rules that decide the tier.

        If no rule applies, the name of the stable core. If there is no core either, a sentence that
        says so.
        """
        deciding = [f"{hit.name}: {hit.reason}" for hit in self.hits if hit.tier == self.tier]
        if deciding:
            return " ".join(deciding)
        return self.core or NO_CORE[self.side]


class Examined:
    """A molecule with the results of substructure searches for patterns of rules and cores.

    Each pattern is searched at most once, even if both the oxidised and the reduced form of the
    molecule are assessed.

    Parameters
    ----------
    molecule : Chem.Mol
        The molecule before oxidation or reduction, sanitised, as from `organode.chem.structure`,
        without explicit hydrogens.
    may_have : bytes
        For each pattern, in the order of `Pattern.place`, and each environment, whether the
        molecule may have it by its atoms and bonds alone
        (`organode.electrochemistry.stability.rules.sieve`): 1 or 0.
    """

    def __init__(self, molecule: Chem.Mol, may_have: bytes) -> None:
        self._searched = molecule
        self.may_have = may_have
        self._has: dict[int, bool] = {}

    @classmethod
    def of(cls, molecule: Chem.Mol | Examined) -> Examined:
        """Return `molecule` itself if it is an `Examined` already, else a new `Examined` of it."""
        if isinstance(molecule, Examined):
            return molecule
        return cls.each(Graphs.of([molecule]))[0]

    @classmethod
    def each(cls, graphs: Graphs) -> list[Examined]:
        """Return an `Examined` for each of n molecules, whose explicit hydrogens are removed.

        In place of an acid that was read from its metal salt, its anion is examined.
        """
        with_hydrogens = {*graphs.molecule[graphs.of_atoms("number") == HYDROGEN].tolist()}
        if with_hydrogens or any(map(has_anion, graphs.molecules)):
            graphs = Graphs.of([
                Chem.RemoveHs(in_cell(molecule)) if place in with_hydrogens else in_cell(molecule)
                for place, molecule in enumerate(graphs.molecules)
            ])  # fmt: skip
        may_have = sieve().may_have(graphs)
        return [
            cls(molecule, row.tobytes())
            for molecule, row in zip(graphs.molecules, may_have, strict=True)
        ]

    def has(self, pattern: Pattern) -> bool:
        """Return whether the molecule has a pattern; the result of the search is kept."""
        place = pattern.place
        if not self.may_have[place]:
            return False
        has = self._has.get(place)
        if has is None:
            if pattern.environments:
                pattern = pattern.simplified(self.may_have)
            has = self._has[place] = pattern.is_in(self._searched)
        return has

    def _matches(self, pattern: Pattern, *, uniquify: bool = True) -> tuple[tuple[int, ...], ...]:
        """Return the indices of the atoms of each match of a pattern; see RDKit for `uniquify`."""
        query = pattern.simplified(self.may_have).query
        matches: tuple[tuple[int, ...], ...]
        matches = self._searched.GetSubstructMatches(query, uniquify=uniquify)
        return matches

    def atoms_of(self, pattern: Pattern) -> set[int]:
        """Return the indices of all atoms of the molecule that are part of a match of a pattern."""
        if not self.has(pattern):
            return set()
        return {atom for match in self._matches(pattern) for atom in match}

    def is_twice(self, pattern: Pattern) -> bool:
        """Return whether a pattern has two matches that share no atom.

        The result is False for a pattern of fewer than 3 atoms, which is only a part of a group.
        """
        if pattern.query.GetNumAtoms() < GROUP:
            return False
        matches = self._matches(pattern)
        return any(set(first).isdisjoint(second) for first, second in combinations(matches, 2))

    def has_outside(self, pattern: Pattern, atoms: set[int]) -> bool:
        """Return whether a pattern has a match whose first atom is not in `atoms` (indices)."""
        found = self.has(pattern)
        if not atoms or not found:
            return found
        # Not made unique: matches with the same atoms may start at different atoms.
        matches = self._matches(pattern, uniquify=False)
        return any(match[0] not in atoms for match in matches)


def verdict(molecule: Chem.Mol | Examined, side: str) -> Verdict:
    """Decide by rules whether the oxidised or reduced form of a molecule is stable.

    A stable core is a group whose radical ion is known to be stable. A rule does not apply where
    the site of the rule's reaction is an atom of a stable core. A molecule to which no rule applies
    is `FINE` if it has a stable core, else `CAUTION`.

    Parameters
    ----------
    molecule : Chem.Mol or Examined
        The molecule before oxidation or reduction, sanitised, as from `organode.chem.structure`.
        If both forms of a molecule are assessed, passing the same `Examined` is faster.
    side : str
        The form: `OXIDISED` or `REDUCED`.

    Raises
    ------
    UsageError
        If `side` is neither `OXIDISED` nor `REDUCED`.
    """
    if side not in NO_CORE:
        raise UsageError(f"unknown side '{side}': known are {', '.join(NO_CORE)}")
    examined = Examined.of(molecule)
    may_have = examined.may_have  # read without a call, since it alone rules out most patterns
    present = [core for core in _cores(side).of(may_have) if examined.has(core.pattern)]
    atoms = {atom for core in present for atom in examined.atoms_of(core.pattern)}
    beside = "tier"
    if present:
        beside = "beside_mild" if any(core.mild for core in present) else "beside_harsh"
    hits = [
        hit
        for rule, unless, hit in _in_force(side, beside).of(may_have)
        if examined.has_outside(rule.pattern, atoms)
        and not any(map(examined.has, unless.of(may_have)))
    ]
    name = min(present, key=lambda core: not core.mild).name if present else ""
    twice = any(core.second or examined.is_twice(core.pattern) for core in present)
    tier = hits[0].tier if hits else FINE if name else CAUTION
    return Verdict(tier, tuple(hits), name, side, 2 if twice else 1)


class Possible(Generic[T]):
    """Rules or cores, of which those are found fast whose pattern a molecule may have.

    Parameters
    ----------
    each : sequence of (Pattern, T)
        The pattern of each rule or core, and what is to be found.
    """

    def __init__(self, each: Sequence[tuple[Pattern, T]]) -> None:
        self._found = [found for _, found in each]
        places = [pattern.place for pattern, _ in each]
        self._may_have = itemgetter(*places, 0, 0)  # with fewer than two it would return no tuple

    def of(self, may_have: bytes) -> Iterator[T]:
        """Return those that a molecule may have; `may_have` is that of `Examined`."""
        return compress(self._found, self._may_have(may_have))


@cache
def _cores(side: str) -> Possible[Core]:
    """Return the cores that are stable in the form `side`."""
    return Possible([(core.pattern, core) for core in cores(side)])


@cache
def _in_force(side: str, beside: str) -> Possible[tuple[Rule, Possible[Pattern], Hit]]:
    """Return the rules that apply to the form `side`, each with what is said of a molecule.

    With each rule come the patterns of which none may be in the molecule. Fatal rules come first. A
    rule whose tier is `OFF` is left out. `beside` is the attribute of `Rule` that holds the tier:
    ``tier`` for molecules without a stable core, ``beside_mild`` or ``beside_harsh`` for others.
    """
    tiers = [(rule, str(getattr(rule, beside))) for rule in rules(side)]
    tiers.sort(key=lambda of_rule: of_rule[1] != FATAL)
    return Possible(
        [
            (
                rule.pattern,
                (
                    rule,
                    Possible([(pattern, pattern) for pattern in rule.unless]),
                    Hit(rule.name, tier, rule.reason, rule.source),
                ),
            )
            for rule, tier in tiers
            if tier != OFF
        ]
    )
