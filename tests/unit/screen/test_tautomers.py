import pandas as pd

from organode.screen.shortlist.tautomers import without_tautomers


def listed(*smiles):
    return without_tautomers(
        pd.DataFrame({"row": range(len(smiles)), "structure": smiles, "note": "salt"})
    )


def test_one_tautomer_of_a_substance_stays_and_says_so():
    pyrimidinol, pyrimidinone, quinone = "Oc1ncccn1", "O=c1nccc[nH]1", "O=C1C=CC(=O)C=C1"
    found = listed(pyrimidinol, quinone, pyrimidinone)
    assert found["row"].tolist() == [1, 2]  # the likelier one, though it ranks lower
    assert found["note"].tolist() == ["salt", "salt; stands for its tautomer in row 0 too"]
    found = listed("CC(O)=CC(C)=O", "CC(=O)CC(C)=O", "CC(O)=CC(C)=O")
    assert found["note"].tolist() == ["salt; stands for its tautomers in rows 0, 2 too"]


def test_a_quinone_and_its_hydroquinone_are_two_substances():
    assert len(listed("O=C1C=CC(=O)C=C1", "Oc1ccc(O)cc1", "COc1ccncc1", "CN1C=CC(=O)C=C1")) == 4
