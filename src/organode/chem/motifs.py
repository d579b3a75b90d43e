"""Redox-active groups, such as quinone or nitroxide, which divide molecules into families.

The families are those of the reviews of organic electrode materials by Poizot et al., Chem. Rev.
120 (2020) 6490 (doi 10.1021/acs.chemrev.9b00482), and Lu and Chen, Nat. Rev. Chem. 4 (2020) 127
(doi 10.1038/s41570-020-0160-9); the SMARTS patterns were written for organode.
"""

from __future__ import annotations

from functools import cache

from rdkit import Chem

# In order of priority: the first pattern that matches a molecule names its family.
PATTERNS = {
    "nitroxide": "[NX3;!$(N=*);!$(N-[O-])]-[OX1;v1]",
    "viologen": "[n+]1ccc(-c2cc[n+]cc2)cc1",
    "phenazine": "c1ccc2nc3ccccc3nc2c1",
    "phenothiazine": "c1ccc2c(c1)[#7]c1ccccc1[#16]2",
    "phenoxazine": "c1ccc2c(c1)[#7]c1ccccc1[#8]2",
    "thianthrene": "c1ccc2c(c1)[#16]c1ccccc1[#16]2",
    "carbazole": "c1ccc2c(c1)[#7]c1ccccc12",
    "alloxazine": "O=c1[nH0,nH]c(=O)[nH0,nH]c2nc3ccccc3nc12",
    "quinone": "[$([#6]1(=[OX1])[#6]=,:[#6][#6](=[OX1])[#6]=,:[#6]1),"
    "$([#6]1(=[OX1])[#6](=[OX1])[#6]=,:[#6][#6]=,:[#6]1)]",
    "imide": "[#6](=[OX1])[#7][#6](=[OX1])",
    "disulfide": "[#16X2][#16X2]",
    "azo": "[#6][NX2]=[NX2][#6]",
    "nitro": "[NX3+](=O)[O-]",
    "nitrile": "[CX2]#[NX1]",
    "triarylamine": "[NX3](c)(c)c",
    "alkoxybenzene": "c[OX2][CX4]",
    "arylamine": "c[NX3;+0;!$(N-C=O)]",
    "pyridine or diazine": "[nX2]1aaaaa1",
    "thiophene": "[sX2]1cccc1",
    "carbonyl": "[#6]=[OX1]",
    "arene": "c1ccccc1",
}
OTHER = "none of these"


@cache
def _queries() -> dict[str, Chem.Mol]:
    return {name: Chem.MolFromSmarts(pattern) for name, pattern in PATTERNS.items()}


def motifs(molecule: Chem.Mol) -> list[str]:
    """Return the names of the redox-active groups in a molecule, highest priority first.

    The names, such as ``quinone``, are keys of `PATTERNS`, which is in order of priority.
    """
    return [name for name, query in _queries().items() if molecule.HasSubstructMatch(query)]


def family(molecule: Chem.Mol) -> str:
    """Return the family of a molecule: the name of its redox-active group of highest priority.

    The name, such as ``quinone``, is the first that `motifs` returns, or `OTHER`
    (``none of these``) if the molecule has no redox-active group in `PATTERNS`.
    """
    return next(iter(motifs(molecule)), OTHER)
