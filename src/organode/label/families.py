"""Families of organic electrode materials: cores, sites and substituents to put there.

A core is a SMILES in which the substitutable atoms carry atom map numbers; a molecule of the
family is the core with none to three of its sites substituted. The cores are the redox-active
motifs that reviews of the field list (Lu and Chen, Nat. Rev. Chem. 4, 2020, 127,
doi 10.1038/s41570-020-0160-9; Poizot et al., Chem. Rev. 120, 2020, 6490,
doi 10.1021/acs.chemrev.9b00482) together with electrolyte solvents and additives.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from rdkit import Chem, rdBase

from organode.chem import MoleculeError, check_organic, flat_smiles

ON_SP2_CARBON = (
    "C", "CC", "C(C)(C)C", "C(F)(F)F", "O", "OC", "OCC", "OCCOC", "N", "N(C)C", "NC(C)=O",
    "F", "Cl", "Br", "C#N", "[N+](=O)[O-]", "C(=O)O", "C(=O)OC", "C(C)=O", "C=O",
    "S(C)(=O)=O", "SC", "S(=O)(=O)O", "c1ccccc1", "C=C", "C(N)=O", "OC(F)(F)F", "CO",
)  # fmt: skip
ON_SP3_CARBON = ("C", "CC", "C(C)C", "C(F)(F)F", "F", "C#N", "c1ccccc1", "C=C", "COC", "CCOC")
ON_NITROGEN = ("C", "CC", "C(C)C", "CCCC", "c1ccccc1", "CCOC", "CC(F)(F)F", "CC#N", "CC(=O)OC")

FAMILIES: dict[str, list[str]] = {
    "benzoquinone": [
        "O=C1[CH:1]=[CH:2]C(=O)[CH:3]=[CH:4]1",
        "O=C1C(=O)[CH:1]=[CH:2][CH:3]=[CH:4]1",
    ],
    "fused quinone": [
        "O=C1[CH:1]=[CH:2]C(=O)c2[cH:3][cH:4][cH:5][cH:6]c21",
        "O=C1c2[cH:1][cH:2][cH:3][cH:4]c2C(=O)c2[cH:5][cH:6][cH:7][cH:8]c21",
        "O=C1C(=O)c2[cH:1][cH:2][cH:3][cH:4]c2-c2[cH:5][cH:6][cH:7][cH:8]c21",
        "O=C1C(=O)[CH:1]=[CH:2]c2[cH:3][cH:4][cH:5][cH:6]c21",
        "O=C1c2[cH:1][cH:2]sc2C(=O)c2s[cH:3][cH:4]c21",
        "O=C1c2n[cH:1][cH:2][cH:3]c2C(=O)c2[cH:4][cH:5][cH:6][cH:7]c21",
    ],
    "hydroquinone": [
        "Oc1[cH:1][cH:2]c(O)[cH:3][cH:4]1",
        "Oc1c(O)[cH:1][cH:2][cH:3][cH:4]1",
        "Oc1[cH:1][cH:2]c(O)c2[cH:3][cH:4][cH:5][cH:6]c12",
    ],
    "imide": [
        "O=C1[NH:1]C(=O)[CH:2]=[CH:3]1",
        "O=C1[NH:1]C(=O)[CH2:2][CH2:3]1",
        "O=C1[NH:1]C(=O)c2[cH:2][cH:3][cH:4][cH:5]c21",
        "O=C1[NH:1]C(=O)c2[cH:2][cH:3][cH:4]c3[cH:5][cH:6][cH:7]c1c23",
        "O=C1[NH:1]C(=O)c2[cH:2]c3C(=O)[NH:3]C(=O)c3[cH:4]c21",
        "O=C1[NH:1]C(=O)c2[cH:3][cH:4]c3C(=O)[NH:2]C(=O)c4[cH:5][cH:6]c1c2c34",
    ],
    "phenazine": [
        "c1[cH:1][cH:2][cH:3]c2nc3[cH:4][cH:5][cH:6][cH:7]c3nc12",
        "CN1c2[cH:1][cH:2][cH:3][cH:4]c2N(C)c2[cH:5][cH:6][cH:7][cH:8]c21",
        "[cH:1]1[cH:2][cH:3][cH:4]c2n[cH:5][cH:6]nc12",
        "[cH:1]1[cH:2]nc2c(n1)n[cH:3][cH:4]n2",
    ],
    "alloxazine": [
        "Cn1c(=O)[nH]c(=O)c2nc3[cH:1][cH:2][cH:3][cH:4]c3nc12",
        "O=c1[nH]c(=O)c2nc3[cH:1][cH:2][cH:3][cH:4]c3nc2[nH]1",
        "[cH:1]1n[cH:2]c2n[cH:3][cH:4]nc2n1",
    ],
    "phenothiazine": [
        "[cH:1]1[cH:2][cH:3][cH:4]c2c1[NH:9]c1[cH:5][cH:6][cH:7][cH:8]c1S2",
        "CN1c2[cH:1][cH:2][cH:3][cH:4]c2Sc2[cH:5][cH:6][cH:7][cH:8]c21",
        "CN1c2[cH:1][cH:2][cH:3][cH:4]c2Oc2[cH:5][cH:6][cH:7][cH:8]c21",
    ],
    "thianthrene": [
        "[cH:1]1[cH:2][cH:3][cH:4]c2c1Sc1[cH:5][cH:6][cH:7][cH:8]c1S2",
        "[cH:1]1[cH:2][cH:3][cH:4]c2c1Oc1[cH:5][cH:6][cH:7][cH:8]c1S2",
        "[cH:1]1[cH:2]Sc2[cH:3][cH:4][cH:5][cH:6]c2S1",
        "[CH:1]1=[CH:2]SC(=C2S[CH:3]=[CH:4]S2)S1",
    ],
    "alkoxybenzene": [
        "COc1[cH:1][cH:2]c(OC)[cH:3][cH:4]1",
        "COc1c(OC)[cH:1][cH:2][cH:3][cH:4]1",
        "COc1[cH:1]c(OC)[cH:2]c(OC)[cH:3]1",
        "COc1[cH:1][cH:2]c(OC)c2[cH:3][cH:4][cH:5][cH:6]c12",
        "COc1[cH:1][cH:2][cH:3][cH:4][cH:5]1",
    ],
    "carbonate": [
        "O=C1O[CH2:1][CH2:2]O1",
        "O=C(O[CH3:1])O[CH3:2]",
        "O=C(O[CH2:1][CH3:2])O[CH2:3][CH3:4]",
        "O=C1O[CH:1]=[CH:2]O1",
        "O=C1O[CH2:1][CH2:2][CH2:3]O1",
        "O=C(Oc1[cH:1][cH:2][cH:3][cH:4][cH:5]1)O[CH3:6]",
    ],
    "nitrile": [
        "N#Cc1[cH:1][cH:2][cH:3][cH:4][cH:5]1",
        "N#Cc1[cH:1][cH:2]c(C#N)[cH:3][cH:4]1",
        "N#Cc1c(C#N)[cH:1][cH:2][cH:3][cH:4]1",
        "N#C[CH2:1][CH2:2][CH3:3]",
        "N#C/C(C#N)=C1/[CH:1]=[CH:2]/C(=C(\\C#N)C#N)[CH:3]=[CH:4]1",
        "N#CC(C#N)=C([CH3:1])c1[cH:2][cH:3][cH:4][cH:5][cH:6]1",
    ],
    "nitroaromatic": [
        "O=[N+]([O-])c1[cH:1][cH:2][cH:3][cH:4][cH:5]1",
        "O=[N+]([O-])c1[cH:1][cH:2]c([N+](=O)[O-])[cH:3][cH:4]1",
        "O=[N+]([O-])c1[cH:1][cH:2][cH:3]c2[cH:4][cH:5][cH:6][cH:7]c12",
        "O=[N+]([O-])c1[cH:1]n[cH:2][cH:3][cH:4]1",
    ],
    "azo": [
        "c1([cH:1][cH:2][cH:3][cH:4][cH:5]1)/N=N/c1[cH:6][cH:7][cH:8][cH:9][cH:10]1",
        "c1([cH:1][cH:2]n[cH:3][cH:4]1)/N=N/c1[cH:5][cH:6]n[cH:7][cH:8]1",
        "[cH:1]1[cH:2][cH:3][cH:4]c2nsnc12",
        "[cH:1]1[cH:2][cH:3][cH:4]c2nonc12",
    ],
    "carbazole": [
        "[cH:1]1[cH:2][cH:3][cH:4]c2c1[nH:9]c1[cH:5][cH:6][cH:7][cH:8]c12",
        "CCn1c2[cH:1][cH:2][cH:3][cH:4]c2c2[cH:5][cH:6][cH:7][cH:8]c21",
    ],
    "arylamine": [
        "CN(C)c1[cH:1][cH:2]c(N(C)C)[cH:3][cH:4]1",
        "CN(C)c1[cH:1][cH:2][cH:3][cH:4][cH:5]1",
        "c1([cH:1][cH:2][cH:3][cH:4][cH:5]1)[NH:11]c1[cH:6][cH:7][cH:8][cH:9][cH:10]1",
    ],
    "viologen precursor": [
        "c1([cH:1][cH:2]n[cH:3][cH:4]1)-c1[cH:5][cH:6]n[cH:7][cH:8]1",
        "c1([cH:1][cH:2][cH:3][cH:4]n1)-c1[cH:5][cH:6][cH:7][cH:8]n1",
        "c1([cH:1][cH:2]n[cH:3][cH:4]1)/[CH:9]=[CH:10]/c1[cH:5][cH:6]n[cH:7][cH:8]1",
        "CN1[CH:1]=[CH:2]C(=C2[CH:3]=[CH:4]N(C)[CH:5]=[CH:6]2)[CH:7]=[CH:8]1",
    ],
    "aryl ketone": [
        "O=C1c2[cH:1][cH:2][cH:3][cH:4]c2-c2[cH:5][cH:6][cH:7][cH:8]c21",
        "O=C(C(=O)c1[cH:1][cH:2][cH:3][cH:4][cH:5]1)c1[cH:6][cH:7][cH:8][cH:9][cH:10]1",
        "O=C(c1[cH:1][cH:2][cH:3][cH:4][cH:5]1)c1[cH:6][cH:7][cH:8][cH:9][cH:10]1",
        "O=C1C(=O)[NH:1]c2[cH:2][cH:3][cH:4][cH:5]c21",
        "O=c1c2[cH:1][cH:2][cH:3][cH:4]c2sc2[cH:5][cH:6][cH:7][cH:8]c12",
    ],
    "anhydride": [
        "O=C1OC(=O)[CH:1]=[CH:2]1",
        "O=C1OC(=O)c2[cH:1][cH:2][cH:3][cH:4]c21",
    ],
    "terephthalate": [
        "COC(=O)c1[cH:1][cH:2]c(C(=O)OC)[cH:3][cH:4]1",
        "COC(=O)c1[cH:1][cH:2][cH:3][cH:4][cH:5]1",
    ],
    "azine": [
        "[cH:1]1n[cH:2]n[cH:3]n1",
        "[cH:1]1nn[cH:2]nn1",
        "[cH:1]1n[cH:2][cH:3]n[cH:4]1",
        "[cH:1]1[cH:2][cH:3]n[cH:4][cH:5]1",
        "[cH:1]1[cH:2]n[cH:3]n[cH:4]1",
    ],
    "sulfone and ether": [
        "CS(=O)(=O)[CH2:1][CH2:2][CH3:3]",
        "O=S1(=O)[CH2:1][CH2:2][CH2:3][CH2:4]1",
        "CO[CH2:1][CH2:2]O[CH3:3]",
        "O=C1O[CH2:1][CH2:2][CH2:3]1",
        "O=S1O[CH2:1][CH2:2]O1",
    ],
}


def small_members(family: str) -> Iterator[str]:
    """Yield the bare cores of a family, then every core with one substituent.

    Parameters
    ----------
    family : str
        A key of `FAMILIES`.

    Yields
    ------
    str
        Distinct flat canonical SMILES, in a fixed order.
    """
    seen: set[str] = set()
    for count in (0, 1):
        for core in map(Chem.MolFromSmiles, FAMILIES[family]):
            sites = _sites(core) if count else {0: ("",)}
            for site, groups in sites.items():
                for group in groups:
                    smiles = _substitute(core, {site: group} if site else {})
                    if smiles is not None and smiles not in seen:
                        seen.add(smiles)
                        yield smiles


def draw_members(family: str, random: Random) -> Iterator[str]:
    """Draw members with two or three substituents, without end and with repeats.

    Parameters
    ----------
    family : str
        A key of `FAMILIES`.
    random : random.Random
        Decides core, sites and groups; its seed fixes the sequence.

    Yields
    ------
    str
        Flat canonical SMILES.
    """
    cores = [Chem.MolFromSmiles(core) for core in FAMILIES[family]]
    while True:
        core = random.choice(cores)
        sites = _sites(core)
        chosen = random.sample(sorted(sites), min(random.choice((2, 2, 3)), len(sites)))
        smiles = _substitute(core, {site: random.choice(sites[site]) for site in chosen})
        if smiles is not None:
            yield smiles


def _sites(core: Chem.Mol) -> dict[int, Sequence[str]]:
    """Return which groups each site of a core takes: what is stable there."""
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
    """Put each group on its site; None where the valence does not allow it."""
    molecule = Chem.RWMol(core)
    for atom in molecule.GetAtoms():
        site = atom.GetAtomMapNum()
        atom.SetAtomMapNum(0)
        atom.SetNoImplicit(False)
        if site:  # the site's hydrogens become implicit, so that a new bond replaces one
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
            whole = molecule.GetMol()
            Chem.SanitizeMol(whole)
            whole = Chem.MolFromSmiles(Chem.MolToSmiles(whole))
            check_organic(whole)
        except (ValueError, MoleculeError):
            return None
    return flat_smiles(whole)
