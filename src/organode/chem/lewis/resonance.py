"""Choose the preferred Lewis structure among the resonance structures of a molecule.

Charges that no bond can replace may be drawn at several places (`CN=[N+]=[N-]` and `C[N-][N+]#N`).
Double bonds in rings beside hypervalent phosphorus or sulfur may be drawn in two patterns. Two
Lewis structures of the same molecule differ by paths and cycles of bonds whose orders alternately
rise and fall by one; such a change along a path moves a charge from one end of the path to the
other end. Each structure can be reached from all others by such changes, so the preferred structure
does not depend on the input. The unpaired electron of a radical moves along such paths, too, and
can change places with the charge of an anion. The hole of a radical cation (positive charge and
unpaired electron on the same atom) moves to any other atom with a lone pair. No atom and no proton
moves: tautomers stay different molecules.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rdkit import Chem, rdBase

from organode.chem.lewis.formula import Lewis, LewisSkeleton, draw, is_sound, read, write
from organode.chem.lewis.pairing import CARBON, NITROGEN, OXYGEN, PHOSPHORUS, SULFUR

BORON = 5

# Allowed changes (of valence, of charge) of an atom at the end of a path, by (element, valence,
# charge). The atom has an octet before and after, except carbocations and boron.
STEPS: dict[tuple[int, int, int], tuple[tuple[int, int], ...]] = {
    (BORON, 3, 0): ((1, -1),),
    (BORON, 4, -1): ((-1, 1),),
    (CARBON, 4, 0): ((-1, -1), (-1, 1)),
    (CARBON, 3, -1): ((1, 1),),
    (CARBON, 3, 1): ((1, -1),),
    (NITROGEN, 1, -2): ((1, 1),),
}
for _element, _bonds in ((NITROGEN, 3), (OXYGEN, 2), (SULFUR, 2)):
    STEPS[_element, _bonds, 0] = ((-1, -1), (1, 1))
    STEPS[_element, _bonds - 1, -1] = ((1, 1),)
    STEPS[_element, _bonds + 1, 1] = ((-1, -1),)

# Costs of charges and unpaired electrons: lowest for the structure that chemists prefer to draw.
CHARGE = 10  # of any charge; what follows is added to it
NEGATIVE = {OXYGEN: 0, SULFUR: 1, BORON: 1, NITROGEN: 3, CARBON: 5}
POSITIVE = {NITROGEN: 0, PHOSPHORUS: 0, SULFUR: 1, OXYGEN: 4, CARBON: 6}
ELSEWHERE = 5
UNPAIRED = {NITROGEN: 1, SULFUR: 1, OXYGEN: 2}  # on N rather than O: verdazyls, no imidates
UNPAIRED_ELSEWHERE = 3
NITROXIDE = 2  # lower cost if the oxygen is on nitrogen
APART = 1  # a cation without an adjacent anion
OXOAMMONIUM = 30  # [N+]=O without adjacent [O-]: [O-][N+]=[N+][O-] is better than O=[N+]–N–[O-]
DIAZONIUM = 3  # N#[N+]: azides and diazo groups are drawn as =[N+]=[N-]
NITRONATE = 3  # [O-][N+][O-]: nitro groups are drawn with a double bond
KETENIMINE = 3  # C=[N-] or C=[N]: nitriles stay nitriles beside a carbanion or radical

# Far more than real molecules need: these limit the time for absurd ones.
MOST_STRUCTURES = 60
MOST_PLACES = 500
MOST_VISITS = 4  # of an atom, by the paths from one start

_Changes = tuple[tuple[int, int], ...]  # (bond, change of its order) for each bond of a path


def settle(molecule: Chem.Mol) -> Chem.Mol | None:
    """Return a molecule as its preferred Lewis structure, or None if it already has this structure.

    The preferred structure has the fewest charges, on the elements that usually bear them (lowest
    `_cost`). If several structures are equally good, the preferred structure has the most aromatic
    atoms; if several are still equal, the canonical SMILES that is first in alphabetical order. The
    result is also None if RDKit or `is_sound` rejects all structures.

    Parameters
    ----------
    molecule : Chem.Mol
        Without stereo, as from `organode.chem.molecule.flatten`, and with atoms in canonical order.
    """
    skeleton, lewis = read(molecule)
    ranked: list[tuple[int, str, int, Chem.Mol]] = []
    ring = frozenset(atom.GetIdx() for atom in molecule.GetAtoms() if atom.IsInRing())
    for structure in _patterns(molecule, skeleton, _places(skeleton, lewis, ring)):
        written = write(molecule, skeleton, structure)
        if written is not None and is_sound(written, skeleton, structure):
            aromatic = sum(atom.GetIsAromatic() for atom in written.GetAtoms())
            ranked.append((-aromatic, Chem.MolToSmiles(written), len(ranked), written))
    best = min(ranked, default=None)
    return None if best is None or best[1] == Chem.MolToSmiles(molecule) else best[3]


def _places(skeleton: LewisSkeleton, lewis: Lewis, ring: frozenset[int]) -> list[Lewis]:
    """Return a Lewis structure for each lowest-cost placement of charges and unpaired electrons.

    The cost, from `_cost`, is lowest for the structures that chemists prefer to draw. `ring`:
    indices of the atoms in rings.
    """
    least, level = _cost(skeleton, lewis, ring), [lewis]
    seen = {(lewis.charges, lewis.unpaired)}
    growing = [lewis]
    while growing and len(seen) < MOST_PLACES:
        for moved in _moves(skeleton, growing.pop(0)):
            if (moved.charges, moved.unpaired) in seen:
                continue
            seen.add((moved.charges, moved.unpaired))
            cost = _cost(skeleton, moved, ring)
            if cost < least:
                least, level, growing = cost, [], []
            if cost == least:
                level.append(moved)
                growing.append(moved)
    return level[:MOST_STRUCTURES]


def _cost(skeleton: LewisSkeleton, lewis: Lewis, ring: frozenset[int]) -> int:
    total = 0
    for atom, unpaired in enumerate(lewis.unpaired):
        if unpaired:
            element = skeleton.elements[atom]
            on_nitrogen = any(_is_amine(skeleton, o, atom) for o, _ in skeleton.bonds[atom])
            total += unpaired * UNPAIRED.get(element, UNPAIRED_ELSEWHERE)
            total -= NITROXIDE * (element == OXYGEN and on_nitrogen)
            doubly = any(lewis.orders[bond] > 1 for _, bond in skeleton.bonds[atom])
            total += KETENIMINE * (element == NITROGEN and doubly)
    for atom, charge in enumerate(lewis.charges):
        if not charge:
            continue
        element = skeleton.elements[atom]
        costs = NEGATIVE if charge < 0 else POSITIVE
        total += abs(charge) * (CHARGE + costs.get(element, ELSEWHERE))
        beside = [
            (skeleton.elements[other], lewis.orders[bond], lewis.charges[other])
            for other, bond in skeleton.bonds[atom]
        ]
        if charge > 0:
            total += APART * all(other >= 0 for _, _, other in beside)
        if element == NITROGEN and charge < 0:
            total += KETENIMINE * sum(other[:2] == (CARBON, 2) for other in beside)
            on_cation = any(other[0] == NITROGEN and other[2] > 0 for other in beside)
            total -= NEGATIVE[NITROGEN] * (on_cation and atom not in ring)  # azides, N-imides
        elif element == NITROGEN:
            anions = beside.count((OXYGEN, 1, -1))
            total += OXOAMMONIUM * (not anions and (OXYGEN, 2, 0) in beside)
            total += NITRONATE * (anions > 1)
            total += DIAZONIUM * ((NITROGEN, 3, 0) in beside)
    return total


def _is_amine(skeleton: LewisSkeleton, atom: int, oxygen: int) -> bool:
    """Return whether an atom is a nitrogen that is bound to no oxygen other than atom `oxygen`."""
    return skeleton.elements[atom] == NITROGEN and not any(
        skeleton.elements[other] == OXYGEN and other != oxygen for other, _ in skeleton.bonds[atom]
    )


def _moves(skeleton: LewisSkeleton, lewis: Lewis) -> Iterator[Lewis]:
    """Yield the Lewis structures that result if a charge or an unpaired electron is moved."""
    yield from _moved_charges(skeleton, lewis)
    for start in (atom for atom, unpaired in enumerate(lewis.unpaired) if unpaired):
        for end, last, changes in _paths(skeleton, lewis, start, 1):
            if last == -1:
                yield replace(
                    _changed(lewis, changes, lewis.charges),
                    unpaired=_passed(lewis.unpaired, start, end, 1),
                )
        for anion in (atom for atom, charge in enumerate(lewis.charges) if charge < 0):
            yield Lewis(
                lewis.orders,
                _passed(lewis.unpaired, start, anion, 1),
                _passed(lewis.charges, start, anion, 1),
            )
        if lewis.charges[start] > 0:
            for donor in _donors(skeleton, lewis):
                yield Lewis(
                    lewis.orders,
                    _passed(lewis.unpaired, start, donor, 1),
                    _passed(lewis.charges, start, donor, 1),
                )


def _donors(skeleton: LewisSkeleton, lewis: Lewis) -> Iterator[int]:
    """Yield the indices of atoms whose lone pair can fill the hole of a radical cation."""
    for atom, bonds in enumerate(skeleton.valences(lewis)):
        kind = skeleton.elements[atom], bonds, lewis.charges[atom]
        if not lewis.charges[atom] and not lewis.unpaired[atom] and (1, 1) in STEPS.get(kind, ()):
            yield atom


def _passed(values: tuple[int, ...], giver: int, taker: int, amount: int) -> tuple[int, ...]:
    passed = list(values)
    passed[giver] -= amount
    passed[taker] += amount
    return tuple(passed)


def _moved_charges(skeleton: LewisSkeleton, lewis: Lewis) -> Iterator[Lewis]:
    """Yield the Lewis structures that result if charges change along a path of bonds.

    A charge moves to the other end of the path or cancels an opposite charge there, or the oxygen
    of [N+]=O becomes charged while the charge at the other end changes by the opposite amount.
    """
    valences = skeleton.valences(lewis)

    def steps(atom: int) -> tuple[tuple[int, int], ...]:
        return STEPS.get((skeleton.elements[atom], valences[atom], lewis.charges[atom]), ())

    for start in range(len(valences)):
        if not lewis.charges[start] and not _is_oxo(skeleton, lewis, start):
            continue
        for direction, charge in steps(start):
            for end, last, changes in _paths(skeleton, lewis, start, direction):
                if (last, -charge) in steps(end):
                    charges = _passed(lewis.charges, end, start, charge)
                    yield _changed(lewis, changes, charges)


def _is_oxo(skeleton: LewisSkeleton, lewis: Lewis, atom: int) -> bool:
    """Return whether an atom is an oxygen bound to a positively charged nitrogen, as in [N+]=O."""
    return skeleton.elements[atom] == OXYGEN and any(
        skeleton.elements[other] == NITROGEN and lewis.charges[other] > 0
        for other, _ in skeleton.bonds[atom]
    )


def _paths(
    skeleton: LewisSkeleton, lewis: Lewis, start: int, direction: int
) -> Iterator[tuple[int, int, _Changes]]:
    """Yield paths from an atom on which bond orders can alternately rise and fall, shortest first.

    `direction`: change of the order of the first bond, +1 or −1. For each path, the index of the
    last atom, the change of the last bond, and (bond, change) for all bonds are yielded.
    """
    growing: list[tuple[tuple[int, ...], _Changes]] = [((start,), ())]
    visits: dict[tuple[int, int], int] = {}
    while growing:
        longer = []
        for atoms, changes in growing:
            step = -changes[-1][1] if changes else direction
            for atom, bond in skeleton.bonds[atoms[-1]]:
                key = (atom, step)
                if (
                    atom in atoms
                    or not 1 <= lewis.orders[bond] + step <= 3
                    or visits.get(key, 0) >= MOST_VISITS
                ):
                    continue
                visits[key] = visits.get(key, 0) + 1
                path = (*atoms, atom), (*changes, (bond, step))
                longer.append(path)
                yield atom, step, path[1]
        growing = longer


def _changed(lewis: Lewis, changes: _Changes, charges: tuple[int, ...]) -> Lewis:
    orders = list(lewis.orders)
    for bond, change in changes:
        orders[bond] += change
    return Lewis(tuple(orders), lewis.unpaired, charges)


def _patterns(molecule: Chem.Mol, skeleton: LewisSkeleton, given: list[Lewis]) -> list[Lewis]:
    """Return the structures `given`, and structures with other places of double bonds in rings.

    Only double bonds in rings that are not aromatic are moved, since the two Kekulé structures of
    an aromatic ring are the same for RDKit.
    """
    complete, seen = list(given), set(given)
    for structure in complete:  # the list grows during the loop
        for double, first, last in _loose(molecule, skeleton, structure):
            for end, step, changes in _paths(skeleton, structure, first, 1):
                if (end, step) != (last, 1) or changes[0][0] == double:
                    continue
                turned = _changed(structure, (*changes, (double, -1)), structure.charges)
                if turned not in seen and len(complete) < MOST_STRUCTURES:
                    seen.add(turned)
                    complete.append(turned)
    return complete


def _loose(molecule: Chem.Mol, skeleton: LewisSkeleton, lewis: Lewis) -> list[tuple[int, int, int]]:
    """Return indices (bond, first atom, second atom) of the non-aromatic double bonds in rings.

    The list is empty if RDKit cannot sanitise the Lewis structure.
    """
    drawn = draw(molecule, skeleton, lewis)
    with rdBase.BlockLogs():
        if Chem.SanitizeMol(drawn, catchErrors=True):
            return []
    return [
        (bond.GetIdx(), bond.GetBeginAtomIdx(), bond.GetEndAtomIdx())
        for bond in drawn.GetBonds()
        if bond.GetBondType() == Chem.BondType.DOUBLE and bond.IsInRing()
    ]
