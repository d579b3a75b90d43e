"""The largest common substructure (core) of two molecules, and the groups on this core."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from rdkit import Chem
from rdkit.Chem import rdFMCS

from organode.chem.molecule import flat_smiles

TIMEOUT = 5  # s, of the search for the largest common substructure
SMALLEST = 0.5  # least size of a core: share of the heavy atoms of the smaller molecule
MATCHES = 200  # largest number of matches of the core that are tried in a symmetric molecule


@dataclass(frozen=True)
class Group:
    """A substituent: connected atoms outside a core, bound to the core by exactly one single bond.

    Attributes
    ----------
    atoms : tuple of int
        Indices of the group's atoms in the molecule.
    site : int
        Index in the molecule of the core's atom that has the group.
    smiles : str
        SMILES of the group, with ``*`` for the core's atom that has the group, such as ``*OC``.
    """

    atoms: tuple[int, ...]
    site: int
    smiles: str


@dataclass(frozen=True)
class Substituted:
    """A molecule, divided into a core and groups (substituents) on the core.

    Attributes
    ----------
    molecule : Chem.Mol
        The whole molecule.
    groups : tuple of Group
        Groups on the core; H can replace each group. All other atoms count as core, even if they
        are outside the substructure that was given as core: fused rings, parts bound by a double
        bond, parts with an unpaired electron.
    """

    molecule: Chem.Mol
    groups: tuple[Group, ...]

    def without(self, removed: Collection[int]) -> str:
        """Return the canonical SMILES of the molecule with H in place of some groups.

        `removed`: indices of these groups in `groups`.
        """
        edited = Chem.RWMol(self.molecule)
        for number in removed:
            hydrogen = edited.AddAtom(Chem.Atom(1))
            edited.AddBond(self.groups[number].site, hydrogen, Chem.BondType.SINGLE)
        edited.BeginBatchEdit()
        for number in removed:
            for atom in self.groups[number].atoms:
                edited.RemoveAtom(atom)
        edited.CommitBatchEdit()
        Chem.SanitizeMol(edited)
        return flat_smiles(Chem.RemoveHs(edited))


@dataclass(frozen=True)
class Common:
    """Two molecules, each divided into their common core and groups on this core.

    Attributes
    ----------
    one, other : Substituted
        The first and the second molecule.
    whole : bool
        Whether the search for the core was completed; if not, there may be a larger common core.
    """

    one: Substituted
    other: Substituted
    whole: bool


def common_core(one: Chem.Mol, other: Chem.Mol) -> Common | None:
    """Divide two molecules into their largest common substructure (core) and groups on the core.

    Atoms in rings match only atoms in rings, and only whole rings match. Matching bonds have the
    same order; matching atoms have the same element and charge.

    Returns
    -------
    Common or None
        None if the largest common substructure has fewer than half as many atoms as the smaller
        molecule has heavy atoms.

    Examples
    --------
    >>> anisole, toluene = (Chem.MolFromSmiles(text) for text in ("COc1ccccc1", "Cc1ccccc1"))
    >>> common = common_core(anisole, toluene)
    >>> [group.smiles for group in (*common.one.groups, *common.other.groups)]
    ['*OC', '*C']
    >>> common.one.without([0])
    'c1ccccc1'
    """
    result = rdFMCS.FindMCS([one, other], _rules())
    smaller = min(one.GetNumHeavyAtoms(), other.GetNumHeavyAtoms())
    if result.numAtoms < SMALLEST * smaller:
        return None
    core = result.queryMol
    return Common(_split(one, core), _split(other, core), whole=not result.canceled)


def _rules() -> rdFMCS.MCSParameters:
    rules = rdFMCS.MCSParameters()
    rules.Timeout = TIMEOUT  # type: ignore[assignment]
    rules.BondTyper = rdFMCS.BondCompare.CompareOrderExact
    rules.AtomCompareParameters.MatchFormalCharge = True
    for parameters in (rules.AtomCompareParameters, rules.BondCompareParameters):
        parameters.RingMatchesRingOnly = parameters.CompleteRingsOnly = True
    return rules


def _split(molecule: Chem.Mol, core: Chem.Mol) -> Substituted:
    """Divide a molecule into a core and groups on this core.

    `core` is a substructure query. If it matches the molecule in several places, the match that
    leaves the most atoms in groups is used.
    """
    matches = molecule.GetSubstructMatches(core, maxMatches=MATCHES)
    splits = [split_at(molecule, match) for match in matches]
    best = max(splits, key=lambda groups: sum(len(group.atoms) for group in groups))
    return Substituted(molecule, best)


def split_at(molecule: Chem.Mol, core: tuple[int, ...]) -> tuple[Group, ...]:
    """Return the groups on a core: parts that are bound to the core by exactly one single bond.

    `core`: indices of the core's atoms in the molecule. Parts with an unpaired electron are not
    groups.
    """
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
    """Return the atoms outside the core that are connected to `start`, and their bonds to the core.

    `start`: index of an atom outside the core, which is included in the result; `core`: indices of
    the core's atoms.
    """
    part, bonds, queue = {start}, [], [start]
    while queue:
        atom = molecule.GetAtomWithIdx(queue.pop())
        for bond in atom.GetBonds():
            neighbour = bond.GetOtherAtomIdx(atom.GetIdx())
            if neighbour in core:
                bonds.append(bond)
            elif neighbour not in part:
                part.add(neighbour)
                queue.append(neighbour)
    return part, bonds


def _smiles(molecule: Chem.Mol, part: set[int], site: int) -> str:
    """Return the SMILES of a group, with ``*`` for the atom `site` to which the group is bound.

    `part`: indices of the group's atoms.
    """
    edited = Chem.RWMol(molecule)
    star = Chem.Atom(0)
    star.SetNoImplicit(True)
    edited.ReplaceAtom(site, star)
    return str(Chem.MolFragmentToSmiles(edited, [*part, site]))
