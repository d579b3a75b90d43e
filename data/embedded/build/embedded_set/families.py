"""Enumerate members of families of organic electrode materials.

A member of a family is one of its cores (`embedded_set.cores`) with none to three of its sites
substituted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from rdkit import Chem, rdBase

from embedded_set.cores import (
    FAMILIES,
    ON_NITROGEN,
    ON_SP2_CARBON,
    ON_SP3_CARBON,
    SHUTTLES,
    SPECIES,
)
from organode.chem import MoleculeError, standardise
from organode.chem.molecule import CLOSED_SHELL, check_composition, flat_smiles, kind

CORES: dict[str, list[str]] = FAMILIES | SPECIES | SHUTTLES


def small_members(cores: Sequence[str]) -> Iterator[str]:
    """Yield the bare cores of a family, then every core with one substituent.

    Parameters
    ----------
    cores : sequence of str
        The cores of the family, as in `embedded_set.cores`.

    Yields
    ------
    str
        Distinct flat canonical SMILES, in a fixed order.
    """
    seen: set[str] = set()
    for count in (0, 1):
        for core in map(Chem.MolFromSmiles, cores):
            sites = _sites(core) if count else {0: ("",)}
            for site, groups in sites.items():
                for group in groups:
                    smiles = _substitute(core, {site: group} if site else {})
                    if smiles is not None and smiles not in seen:
                        seen.add(smiles)
                        yield smiles


def draw_members(cores: Sequence[str], random: Random) -> Iterator[str]:
    """Draw members with two or three substituents, endlessly and with repeats.

    Parameters
    ----------
    cores : sequence of str
        The cores of the family, as in `embedded_set.cores`.
    random : random.Random
        Chooses core, sites and groups; its seed fixes the sequence.

    Yields
    ------
    str
        Flat canonical SMILES.
    """
    molecules = [Chem.MolFromSmiles(core) for core in cores]
    while True:
        core = random.choice(molecules)
        sites = _sites(core)
        chosen = random.sample(sorted(sites), min(random.choice((2, 2, 3)), len(sites)))
        smiles = _substitute(core, {site: random.choice(sites[site]) for site in chosen})
        if smiles is not None:
            yield smiles


def _sites(core: Chem.Mol) -> dict[int, Sequence[str]]:
    """Return the groups for each site of a core: those that are stable there."""
    sites: dict[int, Sequence[str]] = {}
    for atom in core.GetAtoms():
        if atom.GetAtomMapNum():
            groups: Sequence[str]
            if atom.GetAtomicNum() == 7:
                groups = ON_NITROGEN
            elif atom.GetHybridization() == Chem.HybridizationType.SP3:
                groups = ON_SP3_CARBON
            else:
                groups = ON_SP2_CARBON
            sites[atom.GetAtomMapNum()] = groups
    return sites


def _substitute(core: Chem.Mol, groups: dict[int, str]) -> str | None:
    """Return the core with each group on its site; None where the valence does not allow it."""
    molecule = Chem.RWMol(core)
    for atom in molecule.GetAtoms():
        site = atom.GetAtomMapNum()
        atom.SetAtomMapNum(0)
        if site:  # the site's hydrogens become implicit, so that a new bond replaces one
            atom.SetNoImplicit(False)
            atom.SetNumExplicitHs(0 if site in groups or not atom.GetIsAromatic() else 1)
            if atom.GetAtomicNum() == 6:
                atom.SetNumExplicitHs(0)
        atom.SetIntProp("site", site)
    for site, group in groups.items():
        index = next(a.GetIdx() for a in molecule.GetAtoms() if a.GetIntProp("site") == site)
        offset = molecule.GetNumAtoms()
        fragment = Chem.MolFromSmiles(group)
        for atom in fragment.GetAtoms():
            atom.SetIntProp("site", 0)
        molecule.InsertMol(fragment)
        molecule.AddBond(index, offset, Chem.BondType.SINGLE)
    with rdBase.BlockLogs():
        try:
            member = molecule.GetMol()
            Chem.SanitizeMol(member)
            member = Chem.MolFromSmiles(Chem.MolToSmiles(member))
            check_composition(member)
            if kind(member) != kind(core):
                return None
            # Cores with closed shells are drawn in their usual form; the positions of charges and
            # unpaired electrons depend on the substituents.
            if kind(core) != CLOSED_SHELL:
                member = standardise(member).molecule
            return flat_smiles(member)
        except (ValueError, MoleculeError):
            return None
