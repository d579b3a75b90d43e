"""Whether a molecule's radical ion lives, by rules."""

from __future__ import annotations

from dataclasses import dataclass

from rdkit import Chem

from organode.electrochemistry.stability.rules import (
    CAUTION,
    FATAL,
    FINE,
    OFF,
    OXIDISED,
    REDUCED,
    Core,
    cores,
    rules,
)
from organode.errors import UsageError

NOTHING = {
    OXIDISED: "nothing in it is known to hold the hole",
    REDUCED: "nothing in it is known to hold the electron",
}
HYDROGEN = 1


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
    """

    tier: str
    hits: tuple[Hit, ...]
    core: str
    side: str

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


def verdict(molecule: Chem.Mol, side: str) -> Verdict:
    """Say by rules whether a molecule lives in its oxidised or reduced form.

    A rule whose site lies within a stable core does not hold: the core is known to survive what
    happens there. A molecule that breaks no rule is `FINE` only if a stable core is there.

    Parameters
    ----------
    molecule : Chem.Mol
        The molecule before the electron moves, sanitised, as `organode.chem.structure` gives it.
    side : str
        `OXIDISED` or `REDUCED`.

    Raises
    ------
    UsageError
        If the side is neither.
    """
    if side not in NOTHING:
        raise UsageError(f"unknown side '{side}': known are {', '.join(NOTHING)}")
    elements = {atom.GetAtomicNum() for atom in molecule.GetAtoms()}
    if HYDROGEN in elements:
        molecule = Chem.RemoveHs(molecule)
    present, atoms = _cores(molecule, elements, side)
    hits = []
    for rule in rules(side):
        if not (rule.needs <= elements and _holds_outside(molecule, rule.pattern, atoms)):
            continue
        tier = rule.tier
        if present:
            tier = rule.beside_mild if any(core.mild for core in present) else rule.beside_harsh
        if tier == OFF or any(molecule.HasSubstructMatch(core) for core in rule.unless):
            continue
        hits.append(Hit(rule.name, tier, rule.reason, rule.source))
    hits.sort(key=lambda hit: hit.tier != FATAL)
    core = min(present, key=lambda core: not core.mild).name if present else ""
    if hits:
        return Verdict(hits[0].tier, tuple(hits), core, side)
    return Verdict(FINE if core else CAUTION, (), core, side)


def _cores(molecule: Chem.Mol, elements: set[int], side: str) -> tuple[list[Core], set[int]]:
    """Return the stable cores that a molecule has, and their atoms."""
    present: list[Core] = []
    atoms: set[int] = set()
    for core in cores(side):
        if not core.needs <= elements:
            continue
        matches = molecule.GetSubstructMatches(core.pattern)
        if matches:
            present.append(core)
            atoms.update(atom for match in matches for atom in match)
    return present, atoms


def _holds_outside(molecule: Chem.Mol, pattern: Chem.Mol, atoms: set[int]) -> bool:
    """Return whether a pattern is found with its first atom outside a set of atoms."""
    if not atoms:
        return bool(molecule.HasSubstructMatch(pattern))
    # Not made unique: matches with the same atoms may begin at different ones.
    matches = molecule.GetSubstructMatches(pattern, uniquify=False)
    return any(match[0] not in atoms for match in matches)
