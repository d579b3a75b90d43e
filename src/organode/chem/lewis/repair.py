"""Repair of Lewis structures that come from wrong bond perception.

In most tables of computed molecules, a program has perceived the bonds from the distances between
atoms. Where the program gave a bond too low an order, the atoms of the bond have unpaired electrons
that the real molecule does not have. Pairing these electrons gives the right structure: no atom
moves, no hydrogen changes place, the net charge stays. (An exception: hydrogen that a program added
to phosphorus is removed, see `_without_false_hydrogens`.)
"""

from __future__ import annotations

from dataclasses import replace

from rdkit import Chem

from organode.chem.lewis.formula import Lewis, LewisSkeleton, is_sound, read, write
from organode.chem.lewis.pairing import NITROGEN, OXYGEN, PHOSPHORUS, SULFUR, Path, Reach, pairings
from organode.chem.molecule import MoleculeError, flat_smiles, parse_smiles

NEIGHBOURS = "neighbouring radicals joined by a multiple bond"
CONJUGATED = "radicals paired along a conjugated path"
TRIVALENT_SULFUR = "sulfur with three bonds paired along a conjugated path"
HYPERVALENT_END = "double bond to hypervalent sulfur or phosphorus"
HYPERVALENT = "two double bonds to hypervalent sulfur or phosphorus"
NITRO = "nitro group"
N_OXIDE = "N-oxide, nitrone or nitrile oxide"
DIAZO = "diazo, azide or mesoionic charges"
YLIDE = "carbene, silylene or isocyanide written with charges"
ZWITTERION = "zwitterion"
AROMATIC = "ring made aromatic"
NO_HYDROGEN = "false hydrogen removed from phosphorus"
CHARGES = "charges joined to a bond"
USUAL = "charges and double bonds drawn at their usual places"
ONE_ELECTRON = "radical kept: one unpaired electron"
NITROXIDES = "radical kept: nitroxides"
KEPT = (ONE_ELECTRON, NITROXIDES)  # their unpaired electrons are real

CUMULATED = Chem.MolFromSmarts("[#6,#7]=@[#16X2v4]=@[#6,#7]")

_Candidate = tuple[Chem.Mol, tuple[Path, ...]]


def pair_radicals(molecule: Chem.Mol) -> tuple[Chem.Mol, tuple[str, ...]]:
    """Return the molecule with its unpaired electrons paired as far as possible.

    Parameters
    ----------
    molecule : Chem.Mol
        Without stereo, as from `organode.chem.molecule.flatten`, and with atoms in canonical order,
        so that the choice between equivalent structures does not depend on how the input was drawn.

    Returns
    -------
    (Chem.Mol, tuple of str)
        A closed-shell molecule or a true radical (one unpaired electron, or only nitroxides), and
        the names of the applied rules, such as ``nitro group``.

    Raises
    ------
    MoleculeError
        If unpaired electrons are left and the molecule is not a true radical, or if pairing gives
        only structures that RDKit or `is_sound` rejects.
    """
    skeleton, lewis = read(molecule)
    skeleton, lewis, removed = _without_false_hydrogens(skeleton, lewis)
    ends = pairings(skeleton, lewis, Reach.FAR_CHARGES)
    kept = _kept_as_radical(skeleton, ends[0][0])
    if any(ends[0][0].unpaired) and not kept:
        raise MoleculeError("unpaired electrons that no rule can pair")
    best = _best(molecule, skeleton, ends)
    if best is None:
        raise MoleculeError("unpaired electrons whose pairing gives no sensible structure")
    repaired, paths = best
    rules = [*removed, *dict.fromkeys(_name(skeleton, path) for path in paths)]
    if _aromatic_atoms(repaired) > _aromatic_atoms(molecule):
        rules.append(AROMATIC)
    return repaired, (*rules, *kept)


def lower_sulfur(molecule: Chem.Mol) -> tuple[Chem.Mol, tuple[str, ...]]:
    """Redraw each ring sulfur that has two double bonds as a sulfur with two single bonds.

    `c1ccc2c(c1)N=S=N2` becomes `C1=CC2=NSN=C2C=C1`, as most programs draw this molecule.

    Parameters
    ----------
    molecule : Chem.Mol
        Closed-shell, without stereo and with atoms in canonical order.

    Returns
    -------
    (Chem.Mol, tuple of str)
        The molecule, and the names of the applied rules: () if the molecule was not changed.
    """
    rules: tuple[str, ...] = ()
    while match := molecule.GetSubstructMatch(CUMULATED):
        opened = Chem.RWMol(molecule)
        Chem.Kekulize(opened, clearAromaticFlags=True)
        for end in (match[0], match[2]):
            opened.GetBondBetweenAtoms(match[1], end).SetBondType(Chem.BondType.SINGLE)
            atom = opened.GetAtomWithIdx(end)
            atom.SetNumExplicitHs(molecule.GetAtomWithIdx(end).GetTotalNumHs())
            atom.SetNoImplicit(True)
            atom.SetNumRadicalElectrons(1)
        try:
            paired, _ = pair_radicals(parse_smiles(flat_smiles(opened.GetMol())))
        except (MoleculeError, Chem.MolSanitizeException):
            break
        if paired.HasSubstructMatch(CUMULATED) or any(
            atom.GetNumRadicalElectrons() or atom.GetFormalCharge() for atom in paired.GetAtoms()
        ):
            break
        molecule, rules = paired, (USUAL,)
    return molecule, rules


def join_charges(molecule: Chem.Mol) -> tuple[Chem.Mol, tuple[str, ...]]:
    """Replace pairs of opposite charges by multiple bonds, where such bonds are possible.

    `C[S+](C)[O-]` becomes `CS(C)=O` and `C[n+]1ccc([O-])cc1` becomes `Cn1ccc(=O)cc1`. Charges
    that every Lewis structure of the molecule has are kept: nitro groups, N-oxides, diazo groups,
    betaines.

    Parameters
    ----------
    molecule : Chem.Mol
        Closed-shell, without stereo and with atoms in canonical order.

    Returns
    -------
    (Chem.Mol, tuple of str)
        The molecule, and the names of the applied rules: () if the molecule was not changed.
    """
    skeleton, lewis = read(molecule)
    # Opposite charges join along the same paths as two unpaired electrons.
    skeleton = replace(skeleton, ions=lewis.charges)
    none = (0,) * len(lewis.charges)
    uncharged = Lewis(lewis.orders, tuple(map(abs, lewis.charges)), none)
    ends = [
        (_recharged(structure, lewis.charges), paths)
        for structure, paths in pairings(skeleton, uncharged, Reach.HYPERVALENT_END)
        if paths
    ]
    best = _best(molecule, skeleton, ends)
    # RDKit writes perchlorates and the like with charges even if they are drawn with double bonds.
    if best is None or Chem.MolToSmiles(best[0]) == Chem.MolToSmiles(molecule):
        return molecule, ()
    return best[0], (CHARGES,)


def _recharged(structure: Lewis, before: tuple[int, ...]) -> Lewis:
    """Return a Lewis structure whose unpaired electrons are turned back into charges.

    `before`: the charge of each atom before `join_charges` replaced charges by unpaired electrons;
    the new charge of an atom has the sign of its old charge.
    """
    charges = tuple(
        left if charge > 0 else -left
        for left, charge in zip(structure.unpaired, before, strict=True)
    )
    return Lewis(structure.orders, (0,) * len(charges), charges)


def _without_false_hydrogens(
    skeleton: LewisSkeleton, lewis: Lewis
) -> tuple[LewisSkeleton, Lewis, list[str]]:
    """Remove the hydrogen on phosphorus that a program added to `[P]([S])(O)(O)O`.

    Such a hydrogen is on phosphorus of valence five beside an atom with an unpaired electron, where
    the hydrogen takes the place of a double bond between phosphorus and this atom. The phosphorus
    gets an unpaired electron instead; when this electron is paired, the molecule becomes a
    thiophosphate or ylide. The returned list has the name of the rule, or is empty if no hydrogen
    was removed.
    """
    hydrogens, unpaired = list(skeleton.hydrogens), list(lewis.unpaired)
    for atom, valence in enumerate(skeleton.valences(lewis)):
        if (
            skeleton.elements[atom] == PHOSPHORUS
            and (valence, hydrogens[atom]) == (5, 1)
            and any(lewis.unpaired[neighbour] for neighbour, _ in skeleton.bonds[atom])
        ):
            hydrogens[atom], unpaired[atom] = 0, 1
    if tuple(hydrogens) == skeleton.hydrogens:
        return skeleton, lewis, []
    return (
        replace(skeleton, hydrogens=tuple(hydrogens)),
        replace(lewis, unpaired=tuple(unpaired)),
        [NO_HYDROGEN],
    )


def _kept_as_radical(skeleton: LewisSkeleton, lewis: Lewis) -> tuple[str, ...]:
    """Return the rule by which a Lewis structure is that of a true radical, as a tuple, or ().

    The tuple has the name of the rule: `ONE_ELECTRON` if there is only one unpaired electron,
    `NITROXIDES` if all unpaired electrons are on nitroxides. In all other cases it is empty.
    """
    centres = [atom for atom, unpaired in enumerate(lewis.unpaired) if unpaired]
    if sum(lewis.unpaired) == 1:
        return (ONE_ELECTRON,)
    valences = skeleton.valences(lewis)
    nitroxides = all(
        skeleton.elements[atom] == OXYGEN
        and [
            (skeleton.elements[other], valences[other], skeleton.hydrogens[other])
            for other, _ in skeleton.bonds[atom]
        ]
        == [(NITROGEN, 3, 0)]
        for atom in centres
    )
    return (NITROXIDES,) if centres and nitroxides else ()


def _best(
    molecule: Chem.Mol, skeleton: LewisSkeleton, ends: list[tuple[Lewis, tuple[Path, ...]]]
) -> _Candidate | None:
    """Return the best Lewis structure in `ends` as a molecule, with its paths, or None.

    The best structure has the fewest negative atoms; if several have equally few, the fewest
    negative atoms other than oxygen; then the most aromatic atoms; then the SMILES that is first in
    alphabetical order. None is returned if RDKit or `is_sound` rejects all structures.
    """
    candidates: list[tuple[tuple[int, int, int, str], int, _Candidate]] = []
    for index, (structure, paths) in enumerate(ends):
        written = write(molecule, skeleton, structure)
        if written is None or not is_sound(written, skeleton, structure):
            continue
        negative = [atom for atom in written.GetAtoms() if atom.GetFormalCharge() < 0]
        rank = (
            len(negative),
            sum(atom.GetAtomicNum() != OXYGEN for atom in negative),
            -_aromatic_atoms(written),
            Chem.MolToSmiles(written),
        )
        candidates.append((rank, index, (written, paths)))
    return min(candidates)[2] if candidates else None


def _aromatic_atoms(molecule: Chem.Mol) -> int:
    return sum(atom.GetIsAromatic() for atom in molecule.GetAtoms())


def _name(skeleton: LewisSkeleton, path: Path) -> str:
    """Return the name of the rule that pairs electrons along a path, such as ``nitro group``."""
    first, last = skeleton.elements[path.atoms[0]], skeleton.elements[path.atoms[-1]]
    if path.reach == Reach.NEAR_CHARGES:
        if first == last == OXYGEN and len(path.atoms) == 3:
            return NITRO
        return {OXYGEN: N_OXIDE, SULFUR: N_OXIDE, NITROGEN: DIAZO}.get(first, YLIDE)
    falls_at_end = -1 in (path.changes[0][1], path.changes[-1][1])
    if path.reach == Reach.CONJUGATED and not falls_at_end:
        return NEIGHBOURS if len(path.changes) == 1 else CONJUGATED
    return {
        Reach.CONJUGATED: TRIVALENT_SULFUR,
        Reach.HYPERVALENT_END: HYPERVALENT_END,
        Reach.HYPERVALENT: HYPERVALENT,
    }.get(path.reach, ZWITTERION)
