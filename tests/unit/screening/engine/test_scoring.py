"""A scored chunk: rows, candidates, and why molecules are refused."""

import pytest

from organode.electrochemistry.cells import N, P
from organode.screening.columns import CANDIDATE_FLAG, ENERGIES
from organode.screening.engine import scoring
from organode.screening.engine.scoring import score_chunk, scored_structure
from organode.settings import Filter
from screening import CRITERIA, SMILES, SYMMETRIC, chunk_of, predict_by_table, with_settings


@pytest.fixture(autouse=True)
def _models_of_the_tests(monkeypatch):
    monkeypatch.setattr(scoring, "_predict", predict_by_table)


def scored(*smiles, criteria=CRITERIA):
    return score_chunk(chunk_of(*smiles), (), criteria)


def test_rows_keep_their_place_and_candidates_have_energies():
    tables = scored("junk", *SMILES[:100], "")
    rows, candidates = tables["rows"], tables["candidates"]
    assert rows["smiles"].tolist() == ["junk", *SMILES[:100], ""]
    assert rows["scored"].tolist() == [False, *[True] * 100, False]
    assert rows.loc[[0, 101], ["IE", "E_ox"]].isna().all().all()
    for role in (P, N):
        of_role = candidates[candidates["role"] == role]
        assert of_role["row"].tolist() == rows.index[rows[CANDIDATE_FLAG[role]]].tolist()
        assert 0 < len(of_role) < 100
    assert candidates[list(ENERGIES)].notna().all().all()
    assert candidates["structure"].tolist() == candidates["smiles"].tolist()


def test_filtered_candidates_get_the_reason_as_remark():
    smiles = [text for text in SMILES if "Cl" in text]
    before = scored(*smiles)["rows"]
    criteria = with_settings(filter=Filter(avoid_elements=("Cl",)))
    after = scored(*smiles, criteria=criteria)
    assert before["p_type"].any()
    assert after["candidates"].empty
    assert not after["rows"][["p_type", "n_type"]].any().any()
    assert set(after["rows"].loc[before["p_type"], "p_remark"]) == {"contains Cl"}


def test_symmetric_cell_lists_a_molecule_once():
    tables = scored(*SMILES, criteria=with_settings(SYMMETRIC, in_domain=False))
    assert set(tables["candidates"]["role"]) == {"np"}
    assert set(tables["candidates"]["electrode"]) == {"both"}
    assert tables["candidates"]["row"].is_unique
    assert (tables["rows"]["p_type"] == tables["rows"]["n_type"]).all()


def test_chunk_without_valid_molecule_has_the_same_columns():
    empty, full = scored("junk", ""), scored(*SMILES[:50])
    for kind in ("rows", "candidates"):
        assert empty[kind].columns.tolist() == full[kind].columns.tolist()
        assert empty[kind].dtypes.tolist() == full[kind].dtypes.tolist()
    assert empty["candidates"].empty


def test_scored_structure_is_as_given_unless_changed():
    assert scored_structure("C(O)C", "", "") == "C(O)C"
    assert scored_structure("CC(=O)[O-].[Na+]", "salt", "") == "CC(=O)O"
