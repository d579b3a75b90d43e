import pytest
from rdkit import Chem

from organode.chem.motifs import OTHER, PATTERNS, family, motifs

EXAMPLES = {
    "nitroxide": ["CC1(C)CCCC(C)(C)N1[O]"],
    "viologen": ["C[n+]1ccc(-c2cc[n+](C)cc2)cc1"],
    "phenazine": ["c1ccc2nc3ccccc3nc2c1", "Oc1ccc2nc3ccccc3nc2c1"],
    "phenothiazine": ["CN1c2ccccc2Sc2ccccc21", "c1ccc2c(c1)Nc1ccccc1S2"],
    "phenoxazine": ["c1ccc2c(c1)Nc1ccccc1O2"],
    "thianthrene": ["c1ccc2c(c1)Sc1ccccc1S2"],
    "carbazole": ["c1ccc2c(c1)[nH]c1ccccc12", "CCn1c2ccccc2c2ccccc21"],
    "alloxazine": ["O=c1[nH]c(=O)c2nc3ccccc3nc2[nH]1"],
    "quinone": [
        "O=C1C=CC(=O)C=C1",
        "O=C1C=CC=CC1=O",
        "O=C1c2ccccc2C(=O)c2ccccc21",
        "O=C1C(=O)c2ccccc2-c2ccccc21",
    ],
    "imide": ["O=C1c2ccccc2C(=O)N1C", "CC(=O)NC(C)=O"],
    "disulfide": ["CSSC"],
    "azo": ["c1ccc(N=Nc2ccccc2)cc1"],
    "nitro": ["C[N+](=O)[O-]"],
    "nitrile": ["CC#N"],
    "triarylamine": ["c1ccc(N(c2ccccc2)c2ccccc2)cc1"],
    "alkoxybenzene": ["COc1ccc(OC)cc1"],
    "arylamine": ["Nc1ccccc1"],
    "pyridine or diazine": ["c1ccncc1", "c1cnccn1"],
    "thiophene": ["c1ccsc1"],
    "carbonyl": ["CC(C)=O"],
    "arene": ["Cc1ccccc1"],
    OTHER: ["CCO", "C1CCCCC1"],
}


def test_every_family_has_an_example():
    assert set(EXAMPLES) == {*PATTERNS, OTHER}


@pytest.mark.parametrize(
    ("name", "smiles"), [(name, text) for name, texts in EXAMPLES.items() for text in texts]
)
def test_family_of_textbook_molecules(name, smiles):
    assert family(Chem.MolFromSmiles(smiles)) == name


def test_molecule_with_several_motifs():
    assert motifs(Chem.MolFromSmiles("COc1ccc([N+](=O)[O-])cc1C#N")) == [
        "nitro",
        "nitrile",
        "alkoxybenzene",
        "arene",
    ]
    assert motifs(Chem.MolFromSmiles("CCO")) == []
