import pytest
from rdkit import Chem

from organode.chem import flat_smiles, parse_smiles, standardise
from organode.chem.molecule import kind
from organode.chem.reduction import reduced


@pytest.mark.parametrize(
    ("dication", "radical"),
    [
        ("C[n+]1ccc(-c2cc[n+](C)cc2)cc1", "CN1C=CC(=C2C=C[N+](C)C=C2)C=C1"),
        ("C1C[n+]2ccccc2-c2cccc[n+]21", "C1=CC2=C3C=CC=C[N+]3CCN2C=C1"),
    ],
)
def test_reduced_dication_is_radical(dication, radical):
    product = Chem.MolFromSmiles(reduced(dication))
    assert kind(product) == (1, 1)
    assert Chem.MolToSmiles(product) == flat_smiles(standardise(parse_smiles(radical)).molecule)


@pytest.mark.parametrize(
    "smiles", ["CCO", "C[n+]1ccccc1", "CN1C=CC(=C2C=C[N+](C)C=C2)C=C1", "C[N+](C)(C)CC[N+](C)(C)C"]
)
def test_other_species_are_not_reduced(smiles):
    assert reduced(smiles) is None
