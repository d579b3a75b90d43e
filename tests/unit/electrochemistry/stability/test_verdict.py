"""Verdicts by the rules: textbook materials and unstable molecules."""

import pytest
from rdkit import Chem

from organode.chem import structure
from organode.electrochemistry.stability import (
    CAUTION,
    FATAL,
    FINE,
    OXIDISED,
    REDUCED,
    verdict,
)
from organode.electrochemistry.stability.verdict import Examined
from organode.errors import UsageError

# Whose doubly charged form is known, by a core or by two of them; and whose is not.
TWICE = {
    OXIDISED: (
        ("C1=CSC(=C2SC=CS2)S1", "CN1c2ccccc2N(C)c2ccccc21", "CN1C=CC(=C2C=CN(C)C=C2)C=C1",
         "CN1c2ccccc2Sc2cc(-c3ccc4c(c3)Sc3ccccc3N4C)ccc21"),
        ("CN1c2ccccc2Sc2ccccc21", "CC1(C)CCCC(C)(C)N1[O]", "c1ccc(N(c2ccccc2)c2ccccc2)cc1",
         "COc1cc(C(C)(C)C)c(OC)cc1C(C)(C)C", "CCO"),
    ),
    REDUCED: (
        ("O=C1C=CC(=O)C=C1", "O=C1c2ccccc2C(=O)c2ccccc21", "N#CC(C#N)=C1C=CC(=C(C#N)C#N)C=C1",
         "CN1C(=O)c2ccc3c4c(ccc(c24)C1=O)C(=O)N(C)C3=O", "C[n+]1ccc(-c2cc[n+](C)cc2)cc1"),
        ("CN1C(=O)c2ccccc2C1=O", "O=C(c1ccccc1)c1ccccc1", "c1ccc2nsnc2c1", "O=[N+]([O-])c1ccccc1",
         "N#Cc1ccc(C#N)cc1", "c1ccc(N=Nc2ccccc2)cc1", "c1ccc2cc3ccccc3cc2c1", "CCO"),
    ),
}  # fmt: skip
# Materials of textbooks and reviews: those that do not come out as fine bear the tier they have.
P_TYPE = {
    "DDB": "COc1cc(C(C)(C)C)c(OC)cc1C(C)(C)C",
    "DBBB": "COCCOc1cc(C(C)(C)C)c(OCCOC)cc1C(C)(C)C",
    "annulated dialkoxybenzene": "COCCOc1c2c(c(OCCOC)c3c1C1CCC3C1)C1CCC2C1",
    "TEMPO": "CC1(C)CCCC(C)(C)N1[O]",
    "4-methoxy-TEMPO": "COC1CC(C)(C)N([O])C(C)(C)C1",
    "4-trimethylammonio-TEMPO": "C[N+](C)(C)C1CC(C)(C)N([O])C(C)(C)C1",
    "PTMA's unit": "CC(C)C(=O)OC1CC(C)(C)N([O])C(C)(C)C1",
    "AZADO": "[O]N1C2CC3CC(C2)CC1C3",
    "nitronyl nitroxide": "CC1(C)C(C)(C)[N+]([O-])=C(c2ccccc2)N1[O]",
    "triphenylverdazyl": "c1ccc(C2=NN(c3ccccc3)CN(c3ccccc3)[N]2)cc1",
    "N-methylphenothiazine": "CN1c2ccccc2Sc2ccccc21",
    "MEEPT": "COCCOCCN1c2ccccc2Sc2ccccc21",
    "N-phenylphenothiazine": "c1ccc(N2c3ccccc3Sc3ccccc32)cc1",
    "N-methylphenoxazine": "CN1c2ccccc2Oc2ccccc21",
    "thianthrene": "c1ccc2c(c1)Sc1ccccc1S2",
    "DMPZ": "CN1c2ccccc2N(C)c2ccccc21",
    "TTF": "C1=CSC(=C2SC=CS2)S1",
    "dibenzo-TTF": "c1ccc2c(c1)SC(=C1Sc3ccccc3S1)S2",
    "tri(p-tolyl)amine": "Cc1ccc(N(c2ccc(C)cc2)c2ccc(C)cc2)cc1",
    "tri(p-anisyl)amine": "COc1ccc(N(c2ccc(OC)cc2)c2ccc(OC)cc2)cc1",
    "tri(p-bromophenyl)amine": "Brc1ccc(N(c2ccc(Br)cc2)c2ccc(Br)cc2)cc1",
    "9-ethyl-3,6-di-tert-butylcarbazole": "CCn1c2ccc(C(C)(C)C)cc2c2cc(C(C)(C)C)ccc21",
    "TMPD": "CN(C)c1ccc(N(C)C)cc1",
    "tetraphenylbenzidine": ("c1ccc(N(c2ccccc2)c2ccc(-c3ccc(N(c4ccccc4)c4ccccc4)cc3)cc2)cc1"),
    "tris(diisopropylamino)cyclopropenium": ("CC(C)N(C(C)C)c1c(N(C(C)C)C(C)C)[c+]1N(C(C)C)C(C)C"),
    "bicyclic hydrazine": "CN1C2CCC(CC2)N1C",
    "perylene": "c1cc2cccc3c4cccc5cccc(c(c1)c23)c54",
    "9,10-diphenylanthracene": "c1ccc(-c2c3ccccc3c(-c3ccccc3)c3ccccc23)cc1",
}
P_TYPE_CAUTION = {
    "4-hydroxy-TEMPO": "CC1(C)CC(O)CC(C)(C)N1[O]",
    "triphenylamine": "c1ccc(N(c2ccccc2)c2ccccc2)cc1",
    "1,4-dimethoxybenzene": "COc1ccc(OC)cc1",
    "2,5-dimethyl-1,4-dimethoxybenzene": "COc1cc(C)c(OC)cc1C",
    "10H-phenothiazine": "c1ccc2c(c1)Nc1ccccc1S2",
    "DABCO": "C1CN2CCN1CC2",
    "tetracene": "c1ccc2cc3cc4ccccc4cc3cc2c1",
}
N_TYPE = {
    "AQ": "O=C1c2ccccc2C(=O)c2ccccc21",
    "BQ": "O=C1C=CC(=O)C=C1",
    "DMBQ": "COC1=CC(=O)C(OC)=CC1=O",
    "NQ": "O=C1C=CC(=O)c2ccccc21",
    "phenanthrenequinone": "O=C1C(=O)c2ccccc2-c2ccccc21",
    "PTO": "O=C1C(=O)c2cccc3c2-c2c1cccc2C(=O)C3=O",
    "NDI": "CN1C(=O)c2ccc3c4c(ccc(c24)C1=O)C(=O)N(C)C3=O",
    "N-methylphthalimide": "CN1C(=O)c2ccccc2C1=O",
    "pyromellitic diimide": "CCn1c(=O)c2cc3c(=O)n(CC)c(=O)c3cc2c1=O",
    "PDI": "CCN1C(=O)c2ccc3c4ccc5c6c(ccc(c7ccc(C1=O)c2c73)c64)C(=O)N(CC)C5=O",
    "phenazine": "c1ccc2nc3ccccc3nc2c1",
    "2,3-dimethylquinoxaline": "Cc1nc2ccccc2nc1C",
    "HATN": "c1ccc2nc3c(nc2c1)c1nc2ccccc2nc1c1nc2ccccc2nc31",
    "methyl viologen": "C[n+]1ccc(-c2cc[n+](C)cc2)cc1",
    "a viologen with ammonio tails": ("C[N+](C)(C)CCC[n+]1ccc(-c2cc[n+](CCC[N+](C)(C)C)cc2)cc1"),
    "4-benzoyl-N-methylpyridinium": "C[n+]1ccc(C(=O)c2ccccc2)cc1",
    "triphenylpyrylium": "c1ccc(-c2cc(-c3ccccc3)[o+]c(-c3ccccc3)c2)cc1",
    "benzothiadiazole": "c1ccc2nsnc2c1",
    "TCNQ": "N#CC(C#N)=C1C=CC(=C(C#N)C#N)C=C1",
    "TCNE": "N#CC(C#N)=C(C#N)C#N",
    "dimethyl terephthalate": "COC(=O)c1ccc(C(=O)OC)cc1",
    "terephthalonitrile": "N#Cc1ccc(C#N)cc1",
    "9-fluorenone": "O=C1c2ccccc2-c2ccccc21",
    "benzophenone": "O=C(c1ccccc1)c1ccccc1",
    "nitrobenzene": "O=[N+]([O-])c1ccccc1",
    "azobenzene": "c1ccc(N=Nc2ccccc2)cc1",
    "benzil": "O=C(C(=O)c1ccccc1)c1ccccc1",
    "thioindigo": "O=C1C(=C2Sc3ccccc3C2=O)Sc2ccccc21",
    "TEMPO": "CC1(C)CCCC(C)(C)N1[O]",
    "lumiflavin's N-methyl": "Cc1cc2nc3c(=O)n(C)c(=O)nc-3n(C)c2cc1C",
    "perylene": "c1cc2cccc3c4cccc5cccc(c(c1)c23)c54",
}
N_TYPE_CAUTION = {
    "PTCDA": "O=C1OC(=O)c2ccc3c4ccc5c6c(ccc(c7ccc1c2c73)c64)C(=O)OC5=O",
    "NTCDI with N-H": "O=C1NC(=O)c2ccc3c4c(ccc(c24)C1=O)C(=O)NC3=O",
    "chloranil": "O=C1C(Cl)=C(Cl)C(=O)C(Cl)=C1Cl",
    "quinizarin": "O=C1c2ccccc2C(=O)c2c(O)ccc(O)c21",
    "terephthalic acid": "O=C(O)c1ccc(C(=O)O)cc1",
    "diphenyl disulfide": "c1ccc(SSc2ccccc2)cc1",
    "indigo": "O=C1C(=C2Nc3ccccc3C2=O)Nc2ccccc21",
}
JUNK = {
    OXIDISED: {
        "phenol": "Oc1ccccc1",
        "aniline": "Nc1ccccc1",
        "hydroquinone": "Oc1ccc(O)cc1",
        "aminotriazole": "Nc1nc[nH]n1",
        "hydroxyfuran": "Oc1ccco1",
        "hydroxypyrimidine": "Oc1ccncn1",
        "pyrimidinone": "O=c1cc[nH]cn1",
        "N-ethylcarbazole": "CCn1c2ccccc2c2ccccc21",
        "N,N-dimethylaniline": "CN(C)c1ccccc1",
        "triethylamine": "CCN(CC)CC",
        "styrene": "C=Cc1ccccc1",
        "thiophenol": "Sc1ccccc1",
        "thiophene": "c1ccsc1",
        "toluene": "Cc1ccccc1",
        "TEMPO with a phenol": "CC1(C)CC(c2ccc(O)cc2)CC(C)(C)N1[O]",
    },
    REDUCED: {
        "phenol": "Oc1ccccc1",
        "benzaldehyde": "O=Cc1ccccc1",
        "bromobenzene": "Brc1ccccc1",
        "acrylic acid": "C=CC(=O)O",
        "methyl acrylate": "C=CC(=O)OC",
        "styrene": "C=Cc1ccccc1",
        "phthalimide": "O=C1NC(=O)c2ccccc21",
        "hydroxypyrimidine": "Oc1ccncn1",
        "aminotriazole": "Nc1nc[nH]n1",
        "N-methylpyridinium": "C[n+]1ccccc1",
        "trimethylsulfonium": "C[S+](C)C",
        "lawsone": "O=C1C=C(O)C(=O)c2ccccc21",
        "anthraquinone with an acid": "O=C(O)c1ccc2c(c1)C(=O)c1ccccc1C2=O",
        "anthraquinone-1,4-dicarboxylic acid": "O=C(O)c1ccc(C(=O)O)c2c1C(=O)c1ccccc1C2=O",
        "bromobenzophenone": "O=C(c1ccccc1)c1ccc(Br)cc1",
        "di-tert-butyl peroxide": "CC(C)(C)OOC(C)(C)C",
    },
}


def parsed(smiles):
    molecule = Chem.MolFromSmiles(smiles)
    assert molecule is not None, smiles
    return molecule


@pytest.mark.parametrize("side", [OXIDISED, REDUCED])
def test_examined_molecule_has_same_verdict(side):
    for smiles in [*P_TYPE.values(), *N_TYPE.values(), *JUNK[side].values()]:
        examined = Examined.of(parsed(smiles))
        verdict(examined, OXIDISED if side == REDUCED else REDUCED)
        assert verdict(examined, side) == verdict(parsed(smiles), side)


@pytest.mark.parametrize(
    ("side", "tier", "smiles"),
    [
        pytest.param(side, tier, smiles, id=f"{side} {name}")
        for side, tier, materials in (
            (OXIDISED, FINE, P_TYPE),
            (OXIDISED, CAUTION, P_TYPE_CAUTION),
            (REDUCED, FINE, N_TYPE),
            (REDUCED, CAUTION, N_TYPE_CAUTION),
            (OXIDISED, FATAL, JUNK[OXIDISED]),
            (REDUCED, FATAL, JUNK[REDUCED]),
        )
        for name, smiles in materials.items()
    ],
)
def test_textbook_materials_and_unstable_molecules(side, tier, smiles):
    molecule, _ = structure(smiles)
    result = verdict(molecule, side)
    assert result.tier == tier, (result.rules, result.core)
    assert result.reason
    if tier == FINE:
        assert result.core
        assert not result.hits


@pytest.mark.parametrize(
    ("side", "smiles"),
    [(OXIDISED, smiles) for smiles in [*P_TYPE.values(), *JUNK[OXIDISED].values()]]
    + [(REDUCED, smiles) for smiles in [*N_TYPE.values(), *JUNK[REDUCED].values()]],
)
def test_verdict_does_not_depend_on_spelling(side, smiles):
    molecule, _ = structure(smiles)
    expected = verdict(molecule, side)
    kekule = Chem.Mol(molecule)
    Chem.Kekulize(kekule, clearAromaticFlags=True)
    for text in (
        Chem.MolToSmiles(kekule, kekuleSmiles=True),
        Chem.MolToSmiles(molecule, allHsExplicit=True),
        Chem.MolToSmiles(molecule, doRandom=True),
    ):
        assert verdict(structure(text)[0], side) == expected, text
    assert verdict(Chem.AddHs(molecule), side) == expected


@pytest.mark.parametrize(
    ("salt", "acid"),
    [
        ("O=C([O-])c1ccc(C(=O)[O-])cc1.[Li+].[Li+]", CAUTION),
        ("[Na+].O=C1c2ccccc2C(=O)c2cc(S(=O)(=O)[O-])ccc12", FATAL),
        ("[Li]OC(=O)c1ccc2c(c1)C(=O)c1ccccc1C2=O", FATAL),
    ],
)
def test_metal_salt_is_judged_by_its_anion(salt, acid):
    molecule, _ = structure(salt)
    assert verdict(molecule, REDUCED).tier == FINE
    assert verdict(Chem.AddHs(molecule), REDUCED).tier == FINE
    assert verdict(Chem.MolFromSmiles(Chem.MolToSmiles(molecule)), REDUCED).tier == acid


def test_alkyl_chain_on_stable_core_is_not_fatal():
    quinone = "O=C1c2ccccc2C(=O)c2cc(TAIL)ccc21"
    for tail in ("OCCOC", "CCC[N+](C)(C)C", "C(=O)OC", "CC(=O)OC", "OC(C)=O", "c1ccco1", "C#CC"):
        assert verdict(parsed(quinone.replace("TAIL", tail)), REDUCED).tier == FINE, tail
    assert verdict(parsed(quinone.replace("TAIL", "CO")), REDUCED).tier == CAUTION
    nitroxide = "CC1(C)CC(TAIL)CC(C)(C)N1[O]"
    for tail in ("OC(=O)c2ccccc2", "OCCOC", "[N+](C)(C)C", "NC(C)=O", "c2ccc(OC)cc2", "CCSCC"):
        assert verdict(parsed(nitroxide.replace("TAIL", tail)), OXIDISED).tier == FINE, tail


def test_core_at_extreme_potential_protects_less():
    bromide = "Brc1cccc(CORE)c1"
    assert verdict(parsed("O=C1C=CC(=O)C(Br)=C1"), REDUCED).tier == CAUTION
    assert verdict(parsed(bromide.replace("CORE", "C(=O)c2ccccc2")), REDUCED).tier == FATAL


def test_verdict_has_reason():
    result = verdict(parsed("Nc1ccccc1"), OXIDISED)
    assert result.tier == FATAL
    assert result.rules[0] == "N-H of an aromatic amine"
    assert "polyaniline" in result.reason
    assert all(hit.reason and hit.source for hit in result.hits)
    naphthalene = verdict(parsed("c1ccc2ccccc2c1"), REDUCED)
    assert naphthalene.reason == "nothing in it is known to hold the electron"
    assert verdict(parsed("O=C1C=CC(=O)C=C1"), REDUCED).reason == "quinone"


def test_unknown_side_is_rejected():
    with pytest.raises(UsageError, match="unknown side 'p': known are oxidised, reduced"):
        verdict(parsed("C"), "p")


@pytest.mark.parametrize("side", TWICE)
def test_two_electrons_need_suitable_core_or_two_cores(side):
    for electrons, some in zip((2, 1), TWICE[side], strict=True):
        for smiles in some:
            assert verdict(Chem.MolFromSmiles(smiles), side).electrons == electrons, smiles
