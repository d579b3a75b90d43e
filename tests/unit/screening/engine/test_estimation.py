"""Estimated chunks of a long library."""

from organode.screening.engine.estimation import NOT_SCORED, estimate_chunk
from organode.settings import Filter
from screening import (
    CRITERIA,
    SMILES,
    SYMMETRIC,
    chunk_of,
    fit_surrogate,
    model_answers,
    with_settings,
)


def test_estimated_row_is_marked_and_no_candidate(surrogate):
    rows = estimate_chunk(chunk_of("c1cc(C)cc(C)c1", "C1CC(", *SMILES[:50]), CRITERIA, surrogate)[
        "rows"
    ]
    assert rows["status"][1] == "not a valid SMILES"
    assert rows.loc[1, ["IE", "E_red_upper"]].isna().all()
    assert rows.drop(1)[["IE", "IE_lower", "EA_upper", "E_ox", "E_ox_computed"]].notna().all().all()
    assert not rows[["scored", "p_type", "n_type"]].any().any()
    assert rows[["P_ox", "similarity", "IE_in_domain"]].isna().all().all()
    assert rows.drop(1)["p_remark"].ne("").all()
    assert (rows["p_remark"] == NOT_SCORED).any()


def test_chunk_without_valid_molecule_has_the_same_columns(surrogate):
    none = estimate_chunk(chunk_of("junk", ""), CRITERIA, surrogate)["rows"]
    some = estimate_chunk(chunk_of("CCO"), CRITERIA, surrogate)["rows"]
    assert none.dtypes.tolist() == some.dtypes.tolist()
    assert none.columns.tolist() == some.columns.tolist()


def test_filtered_molecules_have_no_chance(surrogate):
    criteria = with_settings(filter=Filter(avoid_elements=("Cl",)))
    rows = estimate_chunk(chunk_of(*SMILES), criteria, surrogate)["rows"]
    chlorine = rows["smiles"].str.contains("Cl")
    assert (rows.loc[chlorine, "chance_p"] < 0.005).all()
    assert (rows.loc[~chlorine, "chance_p"] > 0.5).any()
    assert (rows.loc[chlorine, "p_remark"] == "contains Cl").any()


def test_symmetric_cell_gives_the_reason_in_both_roles(counts):
    no_chlorine = Filter(avoid_elements=("Cl",))
    criteria = with_settings(SYMMETRIC, filter=no_chlorine, tiers=("fine", "caution"))
    fitted = fit_surrogate(counts, model_answers(counts), criteria)
    rows = estimate_chunk(chunk_of(*SMILES), criteria, fitted)["rows"]
    for remark in ("contains Cl", NOT_SCORED):
        has_remark = rows["p_remark"] == remark
        assert has_remark.any()
        assert (rows["n_remark"] == remark).equals(has_remark)
