"""Stability of a molecule's radical ion by rules."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations

from rdkit import Chem
from rdkit.Chem.rdMolDescriptors import CalcMolFormula

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
from organode.electrochemistry.stability.sieve import atom_tuples
from organode.errors import UsageError
from organode.utils.lazy import lazy

NO_CORE = {
    OXIDISED: "nothing in it is known to hold the hole",
    REDUCED: "nothing in it is known to hold the electron",
}
HYDROGEN = 1
GROUP = 3  # atoms; a smaller pattern is only a part of a group


@dataclass(frozen=True)
class Hit:
    """A rule that applies to a molecule, and its tier given the cores of the molecule."""

    name: str
    tier: str
    reason: str
    source: str


@dataclass(frozen=True)
class Verdict:
    """Stability of the oxidised or reduced form of a molecule by the rules.

    Attributes
    ----------
    tier : str
        `FATAL`, `CAUTION` or `FINE`.
    hits : tuple of Hit
        The rules that apply, fatal ones first.
    core : str
        The stable core of the molecule; empty if there is none.
    side : str
        `OXIDISED` or `REDUCED`.
    electrons : int
        Electrons that its cores are known to give off or take up: 2 if a core is stable with two,
        or if two cores share no atom, else 1.
    """

    tier: str
    hits: tuple[Hit, ...]
    core: str
    side: str
    electrons: int

    @property
    def rules(self) -> tuple[str, ...]:
        """Names of the rules that apply."""
        return tuple(hit.name for hit in self.hits)

    @property
    def reason(self) -> str:
        """The rules that decide the tier, else the core, else that there is none."""
        deciding = [f"{hit.name}: {hit.reason}" for hit in self.hits if hit.tier == self.tier]
        if deciding:
            return " ".join(deciding)
        return self.core or NO_CORE[self.side]


class Examined:
    """A molecule and the patterns that it has: each is searched once, for both sides.

    Parameters
    ----------
    molecule : Chem.Mol
        Before oxidation or reduction, sanitised, as from `organode.chem.structure`.

    Attributes
    ----------
    molecule : Chem.Mol
        The same.
    hydrogens : list of int
        Number of hydrogens on each atom.
    may_have : list of bool
        For each pattern, by its place, whether a search may find it.
    """

    def __init__(self, molecule: Chem.Mol) -> None:
        atoms = atom_tuples(molecule)
        self.molecule = self._searched = molecule
        self.hydrogens = [hydrogens for _, _, hydrogens, *_ in atoms]
        if any(number == HYDROGEN for number, *_ in atoms):
            self._searched = Chem.RemoveHs(molecule)
            atoms = atom_tuples(self._searched)
        self.may_have = sieve().may_have(atoms)
        self._has: dict[int, bool] = {}

    @classmethod
    def of(cls, molecule: Chem.Mol | Examined) -> Examined:
        """Examine a molecule, unless that is done already."""
        return molecule if isinstance(molecule, Examined) else cls(molecule)

    @lazy
    def formula(self) -> str:
        """Return the molecular formula."""
        return str(CalcMolFormula(self.molecule))

    @lazy
    def smiles(self) -> str:
        """Return the canonical SMILES."""
        return str(Chem.MolToSmiles(self.molecule))

    def has(self, pattern: Pattern) -> bool:
        """Return whether the molecule has a pattern."""
        place = pattern.place
        if not self.may_have[place]:
            return False
        if place not in self._has:
            self._has[place] = bool(self._searched.HasSubstructMatch(pattern.query))
        return self._has[place]

    def atoms_of(self, pattern: Pattern) -> set[int]:
        """Return all atoms in the matches of a pattern."""
        if not self.has(pattern):
            return set()
        matches = self._searched.GetSubstructMatches(pattern.query)
        return {atom for match in matches for atom in match}

    def is_twice(self, pattern: Pattern) -> bool:
        """Return whether a pattern has two matches that share no atom.

        False for patterns of fewer than `GROUP` atoms: they match an atom, not a whole group.
        """
        if pattern.query.GetNumAtoms() < GROUP:
            return False
        matches = self._searched.GetSubstructMatches(pattern.query)
        return any(set(first).isdisjoint(second) for first, second in combinations(matches, 2))

    def has_outside(self, pattern: Pattern, atoms: set[int]) -> bool:
        """Return whether a pattern has a match whose first atom is outside a set of atoms."""
        if not atoms or not self.has(pattern):
            return self.has(pattern)
        # Not made unique: matches with the same atoms may start at different atoms.
        matches = self._searched.GetSubstructMatches(pattern.query, uniquify=False)
        return any(match[0] not in atoms for match in matches)


def verdict(molecule: Chem.Mol | Examined, side: str) -> Verdict:
    """Return the stability of the oxidised or reduced form of a molecule by the rules.

    A rule whose site is within a stable core does not apply: the core is known to be stable there.
    A molecule to which no rule applies is `FINE` only if it has a stable core.

    Parameters
    ----------
    molecule : Chem.Mol or Examined
        The molecule before oxidation or reduction, sanitised, as from `organode.chem.structure`.
        For both sides of a molecule, passing the same `Examined` is faster.
    side : str
        `OXIDISED` or `REDUCED`.

    Raises
    ------
    UsageError
        If the side is neither.
    """
    if side not in NO_CORE:
        raise UsageError(f"unknown side '{side}': known are {', '.join(NO_CORE)}")
    examined = Examined.of(molecule)
    may_have = examined.may_have  # not behind a call: for most rules nothing else is looked up
    present = [
        core for place, core in _cores(side) if may_have[place] and examined.has(core.pattern)
    ]
    atoms = {atom for core in present for atom in examined.atoms_of(core.pattern)}
    beside = "tier"
    if present:
        beside = "beside_mild" if any(core.mild for core in present) else "beside_harsh"
    hits = [
        Hit(rule.name, tier, rule.reason, rule.source)
        for place, rule, tier in _in_force(side, beside)
        if may_have[place]
        and examined.has_outside(rule.pattern, atoms)
        and not any(map(examined.has, rule.unless))
    ]
    hits.sort(key=lambda hit: hit.tier != FATAL)
    name = min(present, key=lambda core: not core.mild).name if present else ""
    twice = any(core.second or examined.is_twice(core.pattern) for core in present)
    tier = hits[0].tier if hits else FINE if name else CAUTION
    return Verdict(tier, tuple(hits), name, side, 2 if twice else 1)


@cache
def _cores(side: str) -> list[tuple[int, Core]]:
    """Return the stable cores, each with the place of its pattern."""
    return [(core.pattern.place, core) for core in cores(side)]


@cache
def _in_force(side: str, beside: str) -> list[tuple[int, Rule, str]]:
    """Return place, rule and tier of the rules that apply; `beside`: the tier's attribute."""
    tiers = [(rule.pattern.place, rule, str(getattr(rule, beside))) for rule in rules(side)]
    return [in_force for in_force in tiers if in_force[-1] != OFF]
