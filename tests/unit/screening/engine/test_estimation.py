"""Estimated chunks of a long library."""

from organode.electrochemistry.cells import N, P
from organode.electrochemistry.stability import CAUTION, FATAL
from organode.screening.criteria.stability import TIER_ORDER, stability_verdicts
from organode.screening.engine import scoring
from organode.screening.engine.estimation import (
    NO_CORE,
    NOT_SCORED,
    PLAUSIBLE,
    STABILITY_OF_SAMPLE,
    estimate_chunk,
    score_sample,
)
from organode.screening.engine.scoring import parsed_structures
from organode.settings import Filter
from screening import (
    CRITERIA,
    SMILES,
    SYMMETRIC,
    chunk_of,
    fit_surrogate,
    model_answers,
    predict_by_table,
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


def test_molecules_with_a_core_are_judged_as_the_models_judge_them(surrogate):
    cores = ["O=C1C=CC(=O)C=C1", "CN1c2ccccc2Sc2ccccc21", "O=C1C=CC(=O)C=C1Cl"]
    rows = estimate_chunk(chunk_of(*cores, "CCO", *SMILES[:20]), CRITERIA, surrogate)["rows"]
    for role in (P, N):
        table = stability_verdicts(parsed_structures(rows["smiles"].tolist()), (role,), None)
        judged = rows[f"judged_{role}"]
        assert judged.any()
        assert (table["core"][judged] != "").all()
        tiers = table["tier"].map(TIER_ORDER)
        assert rows[f"tier_{role}"][judged].tolist() == tiers[judged].tolist()
        electrons = table["stable_electrons"][judged].tolist()
        assert rows[f"stable_electrons_{role}"][judged].tolist() == electrons
        assert (rows[f"tier_{role}"][~judged] == TIER_ORDER[CAUTION]).all()
    assert rows["judged_n"][:3].tolist() == [True, False, True]


def test_without_a_core_no_molecule_is_fine(surrogate):
    rows = estimate_chunk(chunk_of(*SMILES), with_settings(tiers=("fine",)), surrogate)["rows"]
    hopeless = rows["p_remark"] == NO_CORE
    assert hopeless.any()
    assert (rows.loc[~rows["judged_p"], "chance_p"] == 0).all()
    assert (
        NOT_SCORED not in set(rows.loc[~rows["judged_p"], "p_remark"])
        or (rows.loc[rows["p_remark"] == NOT_SCORED, "chance_p"] < PLAUSIBLE).all()
    )


def test_sample_is_judged_in_full(monkeypatch):
    monkeypatch.setattr(scoring, "_predict", predict_by_table)
    tables = score_sample(chunk_of("junk", *SMILES), (), CRITERIA)
    table = tables[STABILITY_OF_SAMPLE]
    assert len(table) == len(SMILES)
    for role in (P, N):
        verdicts = stability_verdicts(parsed_structures(SMILES), (role,), None)
        expected = (verdicts["tier"] != FATAL).astype(float)
        assert table[f"caution_{role}"].tolist() == expected.tolist()
    assert 0 < table["caution_n"].mean() < 1
    assert (table["stable_n"] == 1).all()  # without a model
