"""Whether a molecule's radical ion lives, by rules."""

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
from organode.electrochemistry.stability.sieve import look
from organode.errors import UsageError
from organode.utils.lazy import lazy

NOTHING = {
    OXIDISED: "nothing in it is known to hold the hole",
    REDUCED: "nothing in it is known to hold the electron",
}
HYDROGEN = 1
GROUP = 3


@dataclass(frozen=True)
class Hit:
    """A rule that holds for a molecule: `tier` is the one beside its cores."""

    name: str
    tier: str
    reason: str
    source: str


@dataclass(frozen=True)
class Verdict:
    """What the rules say of a molecule's oxidised or reduced form.

    Attributes
    ----------
    tier : str
        `FATAL`, `CAUTION` or `FINE`.
    hits : tuple of Hit
        The rules that hold, fatal ones first.
    core : str
        The stable core that argues for the molecule; empty if there is none.
    side : str
        `OXIDISED` or `REDUCED`.
    electrons : int
        That its cores are known to give off or take up: 2 if one does that itself, or there are
        two apart from each other, else 1.
    """

    tier: str
    hits: tuple[Hit, ...]
    core: str
    side: str
    electrons: int

    @property
    def rules(self) -> tuple[str, ...]:
        """Names of the rules that hold."""
        return tuple(hit.name for hit in self.hits)

    @property
    def reason(self) -> str:
        """What decides: the rules of the verdict's own tier, else the core or its lack."""
        deciding = [f"{hit.name}: {hit.reason}" for hit in self.hits if hit.tier == self.tier]
        if deciding:
            return " ".join(deciding)
        return self.core or NOTHING[self.side]


class Examined:
    """A molecule and what is found in it: each pattern is looked for once, on whatever side.

    Parameters
    ----------
    molecule : Chem.Mol
        Before the electron moves, sanitised, as `organode.chem.structure` gives it.

    Attributes
    ----------
    molecule : Chem.Mol
        Likewise.
    hydrogens : list of int
        On each of its atoms.
    may_have : list of bool
        Of each pattern, by its place, whether it may be found; the others need no search.
    """

    def __init__(self, molecule: Chem.Mol) -> None:
        atoms = look(molecule)
        self.molecule = self._searched = molecule
        self.hydrogens = [hydrogens for _, _, hydrogens, *_ in atoms]
        if any(number == HYDROGEN for number, *_ in atoms):
            self._searched = Chem.RemoveHs(molecule)
            atoms = look(self._searched)
        self.may_have = sieve().may_have(atoms)
        self._has: dict[int, bool] = {}

    @classmethod
    def of(cls, molecule: Chem.Mol | Examined) -> Examined:
        """Examine a molecule, unless it is."""
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
        """Return whether a pattern is found."""
        place = pattern.place
        if not self.may_have[place]:
            return False
        if place not in self._has:
            self._has[place] = bool(self._searched.HasSubstructMatch(pattern.query))
        return self._has[place]

    def atoms_of(self, pattern: Pattern) -> set[int]:
        """Return all atoms that a pattern is found at."""
        if not self.has(pattern):
            return set()
        matches = self._searched.GetSubstructMatches(pattern.query)
        return {atom for match in matches for atom in match}

    def is_twice(self, pattern: Pattern) -> bool:
        """Return whether a pattern is found at two places that share no atom.

        Patterns of fewer than `GROUP` atoms name an atom of a group, not the group: of these
        nothing is said.
        """
        if pattern.query.GetNumAtoms() < GROUP:
            return False
        matches = self._searched.GetSubstructMatches(pattern.query)
        return any(set(one).isdisjoint(other) for one, other in combinations(matches, 2))

    def has_outside(self, pattern: Pattern, atoms: set[int]) -> bool:
        """Return whether a pattern is found with its first atom outside a set of atoms."""
        if not atoms or not self.has(pattern):
            return self.has(pattern)
        # Not made unique: matches with the same atoms may begin at different ones.
        matches = self._searched.GetSubstructMatches(pattern.query, uniquify=False)
        return any(match[0] not in atoms for match in matches)


def verdict(molecule: Chem.Mol | Examined, side: str) -> Verdict:
    """Say by rules whether a molecule lives in its oxidised or reduced form.

    A rule whose site lies within a stable core does not hold: the core is known to survive what
    happens there. A molecule that breaks no rule is `FINE` only if a stable core is there.

    Parameters
    ----------
    molecule : Chem.Mol or Examined
        The molecule before the electron moves, sanitised, as `organode.chem.structure` gives it;
        an examined one costs less on its second side.
    side : str
        `OXIDISED` or `REDUCED`.

    Raises
    ------
    UsageError
        If the side is neither.
    """
    if side not in NOTHING:
        raise UsageError(f"unknown side '{side}': known are {', '.join(NOTHING)}")
    found = Examined.of(molecule)
    may_have = found.may_have  # asked here, not in a call: of most rules that is all that is done
    present = [core for place, core in _cores(side) if may_have[place] and found.has(core.pattern)]
    atoms = {atom for core in present for atom in found.atoms_of(core.pattern)}
    beside = "tier"
    if present:
        beside = "beside_mild" if any(core.mild for core in present) else "beside_harsh"
    hits = [
        Hit(rule.name, tier, rule.reason, rule.source)
        for place, rule, tier in _in_force(side, beside)
        if may_have[place]
        and found.has_outside(rule.pattern, atoms)
        and not any(map(found.has, rule.unless))
    ]
    hits.sort(key=lambda hit: hit.tier != FATAL)
    core = min(present, key=lambda core: not core.mild).name if present else ""
    twice = any(one.second or found.is_twice(one.pattern) for one in present)
    tier = hits[0].tier if hits else FINE if core else CAUTION
    return Verdict(tier, tuple(hits), core, side, 2 if twice else 1)


@cache
def _cores(side: str) -> list[tuple[int, Core]]:
    """Return the stable cores, each with its pattern's place."""
    return [(core.pattern.place, core) for core in cores(side)]


@cache
def _in_force(side: str, beside: str) -> list[tuple[int, Rule, str]]:
    """Return the rules that hold beside a core of some kind, or none: place, rule and tier."""
    found = [(rule.pattern.place, rule, str(getattr(rule, beside))) for rule in rules(side)]
    return [one for one in found if one[-1] != OFF]
