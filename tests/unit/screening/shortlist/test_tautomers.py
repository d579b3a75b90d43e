"""One tautomer of each substance is listed."""

import pandas as pd

from organode.screening.shortlist.tautomers import without_tautomers


def listed(*smiles):
    return without_tautomers(
        pd.DataFrame({"row": range(len(smiles)), "structure": smiles, "note": "salt"})
    )


def test_one_tautomer_of_a_substance_is_kept_with_a_note():
    pyrimidinol, pyrimidinone, quinone = "Oc1ncccn1", "O=c1nccc[nH]1", "O=C1C=CC(=O)C=C1"
    kept = listed(pyrimidinol, quinone, pyrimidinone)
    assert kept["row"].tolist() == [1, 2]  # the likelier one, though it ranks lower
    assert kept["note"].tolist() == ["salt", "salt; stands for its tautomer in row 0 too"]
    kept = listed("CC(O)=CC(C)=O", "CC(=O)CC(C)=O", "CC(O)=CC(C)=O")
    assert kept["note"].tolist() == ["salt; stands for its tautomers in rows 0, 2 too"]


def test_quinone_and_hydroquinone_are_two_substances():
    assert len(listed("O=C1C=CC(=O)C=C1", "Oc1ccc(O)cc1", "COc1ccncc1", "CN1C=CC(=O)C=C1")) == 4
