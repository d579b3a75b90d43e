"""What two molecules have in common, and the groups on it, each of which H may replace."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from rdkit import Chem
from rdkit.Chem import rdFMCS

from organode.chem.molecule import flat_smiles

TIMEOUT = 5  # s, of the search for the largest common substructure
SMALLEST = 0.5  # of the smaller molecule's heavy atoms: less in common is no common core
MATCHES = 200  # places of a core in a symmetric molecule that are looked at


@dataclass(frozen=True)
class Group:
    """Atoms outside the core that one single bond holds.

    Attributes
    ----------
    atoms : tuple of int
        Their numbers in the molecule.
    site : int
        The atom of the core that they are on.
    smiles : str
        With ``*`` for that atom, such as ``*OC``.
    """

    atoms: tuple[int, ...]
    site: int
    smiles: str


@dataclass(frozen=True)
class Substituted:
    """A molecule as a core with groups.

    Attributes
    ----------
    molecule : Chem.Mol
    groups : tuple of Group
        What is on the core. All other atoms count as core: a fused ring, what a double bond holds,
        what has an unpaired electron.
    """

    molecule: Chem.Mol
    groups: tuple[Group, ...]

    def without(self, removed: Collection[int]) -> str:
        """Return the canonical SMILES with H in place of some groups, given by their numbers."""
        drawn = Chem.RWMol(self.molecule)
        for number in removed:
            hydrogen = drawn.AddAtom(Chem.Atom(1))
            drawn.AddBond(self.groups[number].site, hydrogen, Chem.BondType.SINGLE)
        gone = [atom for number in removed for atom in self.groups[number].atoms]
        drawn.BeginBatchEdit()
        for atom in gone:
            drawn.RemoveAtom(atom)
        drawn.CommitBatchEdit()
        Chem.SanitizeMol(drawn)
        return flat_smiles(Chem.RemoveHs(drawn))


@dataclass(frozen=True)
class Common:
    """Two molecules on their common core.

    Attributes
    ----------
    one, other : Substituted
    whole : bool
        Whether the search for the core came to an end; else there may be a larger one.
    """

    one: Substituted
    other: Substituted
    whole: bool


def common_core(one: Chem.Mol, other: Chem.Mol) -> Common | None:
    """Split two molecules into their largest common substructure and the groups on it.

    Rings match rings only, and whole; bonds match in order, atoms in element and charge.

    Returns
    -------
    Common or None
        None if they have less in common than `SMALLEST` of the smaller one.

    Examples
    --------
    >>> anisole, toluene = (Chem.MolFromSmiles(text) for text in ("COc1ccccc1", "Cc1ccccc1"))
    >>> found = common_core(anisole, toluene)
    >>> [group.smiles for group in (*found.one.groups, *found.other.groups)]
    ['*OC', '*C']
    >>> found.one.without([0])
    'c1ccccc1'
    """
    found = rdFMCS.FindMCS([one, other], _rules())
    smaller = min(one.GetNumHeavyAtoms(), other.GetNumHeavyAtoms())
    if found.numAtoms < SMALLEST * smaller:
        return None
    core = found.queryMol
    return Common(_split(one, core), _split(other, core), whole=not found.canceled)


def _rules() -> rdFMCS.MCSParameters:
    rules = rdFMCS.MCSParameters()
    rules.Timeout = TIMEOUT  # type: ignore[assignment]
    rules.BondTyper = rdFMCS.BondCompare.CompareOrderExact
    rules.AtomCompareParameters.MatchFormalCharge = True
    for compared in (rules.AtomCompareParameters, rules.BondCompareParameters):
        compared.RingMatchesRingOnly = compared.CompleteRingsOnly = True
    return rules


def _split(molecule: Chem.Mol, core: Chem.Mol) -> Substituted:
    """Place the core where the fewest atoms are left that are on no group."""
    places = molecule.GetSubstructMatches(core, maxMatches=MATCHES)
    ways = [_groups(molecule, place) for place in places]
    return Substituted(molecule, max(ways, key=lambda way: sum(len(group.atoms) for group in way)))


def _groups(molecule: Chem.Mol, core: tuple[int, ...]) -> tuple[Group, ...]:
    inside = set(core)
    left, groups = set(range(molecule.GetNumAtoms())) - inside, []
    while left:
        part, bonds = _part(molecule, min(left), inside)
        left -= part
        if any(molecule.GetAtomWithIdx(atom).GetNumRadicalElectrons() for atom in part):
            continue
        if len(bonds) == 1 and bonds[0].GetBondType() == Chem.BondType.SINGLE:
            ends = (bonds[0].GetBeginAtomIdx(), bonds[0].GetEndAtomIdx())
            site = next(atom for atom in ends if atom in inside)
            groups.append(Group(tuple(sorted(part)), site, _smiles(molecule, part, site)))
    return tuple(groups)


def _part(molecule: Chem.Mol, start: int, core: set[int]) -> tuple[set[int], list[Chem.Bond]]:
    """Return the atoms outside the core that hang together, and their bonds to it."""
    part, bonds, ahead = {start}, [], [start]
    while ahead:
        atom = molecule.GetAtomWithIdx(ahead.pop())
        for bond in atom.GetBonds():
            next_one = bond.GetOtherAtomIdx(atom.GetIdx())
            if next_one in core:
                bonds.append(bond)
            elif next_one not in part:
                part.add(next_one)
                ahead.append(next_one)
    return part, bonds


def _smiles(molecule: Chem.Mol, part: set[int], site: int) -> str:
    """Return the SMILES of a group, with ``*`` for the atom that it is on."""
    drawn = Chem.RWMol(molecule)
    star = Chem.Atom(0)
    star.SetNoImplicit(True)
    drawn.ReplaceAtom(site, star)
    return str(Chem.MolFragmentToSmiles(drawn, [*part, site]))
