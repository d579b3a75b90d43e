"""Cores of the families that are enumerated, and the substituents for their sites.

A core is a SMILES in which the substitutable atoms have atom map numbers. The cores of neutral
molecules are the redox-active motifs listed in reviews of organic electrodes (Lu and Chen, Nat.
Rev. Chem. 4, 2020, 127, doi 10.1038/s41570-020-0160-9; Poizot et al., Chem. Rev. 120, 2020, 6490,
doi 10.1021/acs.chemrev.9b00482), and electrolyte solvents and additives. Radicals and cations are
those of flow batteries (review: Front. Chem. 8, 2020, 451, doi 10.3389/fchem.2020.00451) and
closely related species.
"""

from __future__ import annotations

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
    "sulfur donor": [
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

# Aromatic ethers shielded by alkyl groups, the redox shuttles of lithium cells: Buhrmester et al.,
# J. Electrochem. Soc. 152 (2005) A2390, doi 10.1149/1.2098265.
BULKY = (("C", "C"), ("C(C)(C)C", "C(C)(C)C"), ("C(C)(C)C", "C"), ("C(C)C", "C(C)C"))
SHUTTLES: dict[str, list[str]] = {
    "redox shuttle": [
        *(
            f"{one}Oc1[cH:1]c({near})c(O{other})[cH:2]c1{far}"
            for one, other in (
                ("C", "C"),
                ("CC", "CC"),
                ("COCC", "CCOC"),
                ("FC(F)(F)C", "CC(F)(F)F"),
                ("C", "CCOC"),
                ("C", "CCC#N"),
            )
            for near, far in BULKY
        ),
        *(f"{group}Oc1[cH:1][cH:2]c(O{group[::-1]})[cH:3]c1C(C)(C)C" for group in ("C", "CC")),
        "COc1c(C)c(C)c(OC)[cH:1][cH:2]1",
        "COc1c(C)[cH:1]c(OC)c(C)[cH:2]1",
        "COc1c(C)[cH:1]c(OC)[cH:2]c1C",
        "COc1c(C)c(C)c(OC)c(C)c1C",
        "COc1c(OC)[cH:1]c(C(C)(C)C)[cH:2][cH:3]1",
        "COc1c(OC)c(C)[cH:1][cH:2]c1C",
        "C1Oc2c(O1)[cH:1]c(C(C)(C)C)[cH:2][cH:3]2",
        "C1COc2c(O1)[cH:1]c(C(C)(C)C)[cH:2]c2C(C)(C)C",
        "C1COc2[cH:1]c(C(C)(C)C)c(OC)[cH:2]c2C1",
    ],
}

# Aromatic acids with several sulfonic groups, the acids of many molecules for aqueous flow
# batteries. xTB puts their IE 0.3 to 1.1 eV below B3LYP's, by far more than for one such group.
ACIDS: dict[str, list[str]] = {
    "sulfonic acid": [
        "OS(=O)(=O)c1c(S(O)(=O)=O)[cH:1][cH:2][cH:3][cH:4]1",
        "OS(=O)(=O)c1[cH:1]c(S(O)(=O)=O)[cH:2][cH:3][cH:4]1",
        "OS(=O)(=O)c1[cH:1][cH:2]c(S(O)(=O)=O)[cH:3][cH:4]1",
        "OS(=O)(=O)c1[cH:1]c(S(O)(=O)=O)[cH:2]c(S(O)(=O)=O)[cH:3]1",
        "OS(=O)(=O)c1[cH:1]n[cH:2]c(S(O)(=O)=O)[cH:3]1",
        "OS(=O)(=O)c1nc(S(O)(=O)=O)[cH:1][cH:2][cH:3]1",
        "OS(=O)(=O)c1n[cH:1]c(S(O)(=O)=O)[cH:2][cH:3]1",
        "OS(=O)(=O)c1n[cH:1]nc(S(O)(=O)=O)[cH:2]1",
        "OS(=O)(=O)c1[cH:1]sc(S(O)(=O)=O)[cH:2]1",
        "OS(=O)(=O)c1nc(S(O)(=O)=O)s[cH:1]1",
        "OS(=O)(=O)c1oc(S(O)(=O)=O)[cH:1][cH:2]1",
        "OS(=O)(=O)c1[cH:1]n(C)c(S(O)(=O)=O)n1",
        "OS(=O)(=O)c1cc2[cH:1][cH:2][cH:3][cH:4]c2cc1S(O)(=O)=O",
        "OS(=O)(=O)c1[cH:1]c2c(S(O)(=O)=O)[cH:2][cH:3][cH:4]c2n[cH:5]1",
        "OS(=O)(=O)c1nc2[cH:1]c(S(O)(=O)=O)[cH:2][cH:3]c2s1",
    ],
}

# Groups and bridges of cations and radicals.
N_ALKYL = ("C", "CC", "CCC", "C(C)C", "COCC", "OCC", "c1ccc(cc1)C", "C[N+](C)(C)CCC")
BRIDGES = (
    "-", "-c1ccc(cc1)-", "-c1ccc(s1)-", "/C=C/", "C#C", "-c1ccc(cc1)-c1ccc(cc1)-", "-c1cnc(cn1)-",
)  # fmt: skip
AMINO = ("N(C)C", "N(CC)CC", "N9CCCC9", "N9CCOCC9", "N(C(C)C)C(C)C", "N9CCCCC9")

ARYL = "c9[cH:1][cH:2][cH:3][cH:4][cH:5]9"

SPECIES: dict[str, list[str]] = {
    "nitroxide": [
        "CC1(C)[CH2:1][CH2:2][CH2:3]C(C)(C)N1[O]",
        "CC1(C)[CH2:1]C(=O)[CH2:2]C(C)(C)N1[O]",
        *(f"CC1(C)[CH2:1]C({group})[CH2:2]C(C)(C)N1[O]" for group in (
            "O", "N", "OC", "OCC", "OC(C)=O", "NC(C)=O", "C#N", "C(=O)O", "C(=O)OC", "OCCOC",
            "OCCOCCOC", "N(C)C", "[N+](C)(C)C", "S(=O)(=O)O", "OS(=O)(=O)O", "Cl", "N=C=S",
            "OC(=O)C(C)=C", "OCC1CO1", "CN", "OCCC[N+](C)(C)C",
        )),
        "CC1(C)[CH2:1][CH2:2]C(C)(C)N1[O]",
        *(f"CC1(C)C({group})[CH2:2]C(C)(C)N1[O]" for group in (
            "C(N)=O", "C(=O)O", "C(=O)OC", "CO", "CN", "C#N", "O", "C[N+](C)(C)C",
        )),
        "CC1(C)[CH:1]=[CH:2]C(C)(C)N1[O]",
        "CC1(C)C=C(C(N)=O)C(C)(C)N1[O]",
        "CC1(C)c2[cH:1][cH:2][cH:3][cH:4]c2C(C)(C)N1[O]",
        "CC1(C)[CH2:1]OC(C)(C)N1[O]",
        "CC1(C)[CH2:1]O[CH2:2]C(C)(C)N1[O]",
        "CC1(C)N=C([CH3:1])C(C)(C)N1[O]",
        "CC1(C)N(C)[CH:1]([CH3:2])C(C)(C)N1[O]",
        "[O]N1C2C[CH2:1]CC1C[CH2:2]C2",
        "[O]N1C2CC3CC(C2)CC1[CH2:1]3",
    ],
    "aryl nitroxide": [
        f"CC(C)(C)N([O]){ARYL}",
        f"[O]N({ARYL})c1ccccc1",
        "[O]N1C(=O)c2[cH:1][cH:2][cH:3][cH:4]c2C1=O",
        "[O]N1C(=O)[CH2:1][CH2:2]C1=O",
    ],
    "nitronyl nitroxide": [
        f"CC1(C)N([O])C({ARYL})=[N+]([O-])C1(C)C",
        f"CC1(C)N=C({ARYL})N([O])C1(C)C",
        "CC1(C)N([O])C([CH3:1])=[N+]([O-])C1(C)C",
        "CC1(C)N([O])C=[N+]([O-])C1(C)C",
    ],
    "verdazyl": [
        f"CN1N=C({ARYL})[N]N(C)C1=O",
        "CC(C)N1N=C(c9[cH:1][cH:2][cH:3][cH:4][cH:5]9)[N]N(C(C)C)C1=O",
        "CN1N=C([CH3:1])[N]N(C)C1=O",
        f"C1N(c2ccccc2)N=C({ARYL})[N]N1c1ccccc1",
        f"C1N(C)N=C({ARYL})[N]N1C",
        f"C1(c2ccccc2)=NN({ARYL})c2ccccc2[N]1",
        f"C1({ARYL})=NN(c2ccccc2)c2[cH:6][cH:7][cH:8][cH:9]c2[N]1",
    ],
    "phenoxyl": [
        "CC(C)(C)c1[cH:1][cH:2][cH:3]c(C(C)(C)C)c1[O]",
        "CC(C)(C)c1c[cH:2]cc(C(C)(C)C)c1[O]",
        f"CC(C)(C)c1cc({ARYL})cc(C(C)(C)C)c1[O]",
    ],
    "triarylmethyl": [
        f"[C](c1ccccc1)(c1ccccc1){ARYL}",
        f"[C+](c1ccccc1)(c1ccccc1){ARYL}",
        f"[C+](c1ccc(OC)cc1)(c1ccc(OC)cc1){ARYL}",
        f"CN(C)c1ccc(cc1)C(=C1C=CC(=[N+](C)C)C=C1){ARYL}",
        f"CN(C)c1ccc(cc1)[C+](c1ccccc1){ARYL}",
        "c1[cH:1][cH:2][cH:3]c2c1[o+]c1[cH:4][cH:5][cH:6][cH:7]c1[cH:8]2",
        f"c1ccc2c(c1)[o+]c1ccccc1c2{ARYL}",
        f"c1ccc2c(c1)[s+]c1ccccc1c2{ARYL}",
        "CN(C)c1ccc2[cH:1]c3ccc(N(C)C)cc3[o+]c2c1",
    ],
    "viologen": [
        *(
            f"{one}[n+]1[cH:1][cH:2]c([cH:3][cH:4]1){bridge}c1[cH:5][cH:6][n+]({other})[cH:7][cH:8]1"
            for bridge in BRIDGES
            for one, other in (("C", "C"), ("CC", "CC"), ("C", "Cc2ccccc2"))
        ),
        *(
            f"{group}[n+]1[cH:1][cH:2]c([cH:3][cH:4]1)-c1[cH:5][cH:6][n+](C)[cH:7][cH:8]1"
            for group in N_ALKYL
        ),
        "C[N+](C)(C)CC[n+]1[cH:1][cH:2]c([cH:3][cH:4]1)-c1[cH:5][cH:6]"
        "[n+](CC[N+](C)(C)C)[cH:7][cH:8]1",
        "[O-]S(=O)(=O)CC[n+]1[cH:1][cH:2]c([cH:3][cH:4]1)-c1[cH:5][cH:6]"
        "[n+](CCS(=O)(=O)[O-])[cH:7][cH:8]1",
        "C[n+]1[cH:1][cH:2]c([cH:3][cH:4]1)-c1[cH:5][cH:6]n[cH:7][cH:8]1",
        "C1C[n+]2[cH:1][cH:2][cH:3][cH:4]c2-c2[cH:5][cH:6][cH:7][cH:8][n+]21",
        "C1CC[n+]2[cH:1][cH:2][cH:3][cH:4]c2-c2[cH:5][cH:6][cH:7][cH:8][n+]2C1",
        "C[n+]1[cH:1][cH:2][cH:3]c(c1)-c1[cH:4][cH:5][cH:6][n+](C)c1",
        "c1ccccc1-[n+]1[cH:1][cH:2]c([cH:3][cH:4]1)-c1cc[n+](cc1)-c1ccccc1",
        "C[n+]1[cH:1][cH:2]c2c(c1)cc1c[n+](C)[cH:3][cH:4]c1c2",
    ],
    "pyridinium": [
        *(f"{group}[n+]1[cH:1][cH:2][cH:3][cH:4][cH:5]1" for group in N_ALKYL),
        "c1ccccc1-[n+]1[cH:1][cH:2][cH:3][cH:4][cH:5]1",
        "C[n+]1[cH:1][cH:2]c(C(=O)OC)[cH:3][cH:4]1",
        "C[n+]1[cH:1][cH:2]c(C(=O)c2ccccc2)[cH:3][cH:4]1",
        "C[n+]1[cH:1][cH:2][cH:3]c(C(N)=O)[cH:4]1",
        "C[n+]1[cH:1][cH:2]n[cH:3][cH:4]1",
        "C[n+]1[cH:1]n[cH:2][cH:3][cH:4]1",
    ],
    "quinolinium": [
        "C[n+]1[cH:1][cH:2][cH:3]c2[cH:4][cH:5][cH:6][cH:7]c21",
        "C[n+]1[cH:1][cH:2]c2[cH:3][cH:4][cH:5][cH:6]c2[cH:7]1",
        "C[n+]1c2[cH:1][cH:2][cH:3][cH:4]c2[cH:5]c2[cH:6][cH:7][cH:8][cH:9]c21",
        f"C[n+]1c2ccccc2c({ARYL})c2ccccc21",
        "C[n+]1[cH:1]c2[cH:2][cH:3][cH:4][cH:5]c2c2[cH:6][cH:7][cH:8][cH:9]c21",
        "C[n+]1[cH:1]nc2[cH:2][cH:3][cH:4][cH:5]c2[cH:6]1",
        "C[n+]1[cH:1][cH:2]nc2[cH:3][cH:4][cH:5][cH:6]c21",
    ],
    "azolium": [
        "C[n+]1[cH:1]sc2[cH:2][cH:3][cH:4][cH:5]c21",
        "C[n+]1[cH:1][cH:2]s[cH:3]1",
        "Cn1[cH:1][cH:2][n+](C)[cH:3]1",
        "Cn1[cH:1][n+](C)c2[cH:2][cH:3][cH:4][cH:5]c21",
        "C[n+]1[cH:1]n(C)[cH:2]n1",
        "Cn1[cH:1][cH:2][cH:3][n+]1C",
    ],
    "pyrylium": [
        "[o+]1[cH:1][cH:2][cH:3][cH:4][cH:5]1",
        f"[o+]1c(-c2ccccc2)[cH:6]c({ARYL})[cH:7]c1-c1ccccc1",
        "[o+]1c(C)[cH:1]c(C)[cH:2]c1C",
        "[s+]1c(-c2ccccc2)[cH:6]c(-c3ccccc3)[cH:7]c1-c1ccccc1",
        "[o+]1[cH:1][cH:2][cH:3]c2[cH:4][cH:5][cH:6][cH:7]c21",
        f"[o+]1c({ARYL})[cH:6][cH:7]c2ccccc21",
    ],
    "cyclopropenium": [
        *(
            f"C1({first})=C({second})[C+]1{third}"
            for number, first in enumerate(AMINO)
            for second in AMINO[number:]
            for third in (*AMINO, "c1ccccc1", "SC", "OC", "Cl", "N(C)c1ccccc1")
        ),
    ],
    "phenoxazinium": [
        *(
            f"{amine}c1[cH:1][cH:2]c2nc3[cH:3][cH:4]c(={iminium})[cH:5]c3{bridge}c2[cH:6]1"
            for bridge in ("s", "o", "n(C)", "n(c4ccccc4)")
            for amine, iminium in (
                ("CN(C)", "[N+](C)C"), ("N", "[N+](C)C"), ("CCN(CC)", "[N+](CC)CC"),
            )
        ),
        "C[n+]1c2[cH:1][cH:2][cH:3][cH:4]c2nc2[cH:5][cH:6][cH:7][cH:8]c21",
    ],
    "onium": [
        "C[N+](C)(C)[CH2:1][CH2:2][CH3:3]",
        "C[N+]1(C)[CH2:1][CH2:2][CH2:3][CH2:4]1",
        "C[P+](C)(C)[CH2:1][CH3:2]",
        f"C[N+](C)(C){ARYL}",
        f"C[P+](C)(C){ARYL}",
        f"C[S+](C){ARYL}",
        "CC1(C)[CH2:1][CH2:2][CH2:3]C(C)(C)[N+]1=O",
    ],
}  # fmt: skip
