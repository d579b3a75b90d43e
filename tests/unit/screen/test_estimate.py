"""The estimate of long libraries, and who is scored because of it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from test_rules import RULE

from organode.chem import parse_flat
from organode.chem.count_fingerprint import folded_counts
from organode.electrochemistry.cells import CELLS, ROLES, N, P
from organode.library.chunk import Chunk
from organode.screen.criteria.filters import Filters
from organode.screen.engine.chunk import Aim
from organode.screen.engine.parts import Store
from organode.screen.engine.promising import MOST, promising
from organode.screen.engine.repeats import Repeats
from organode.screen.engine.surrogate import BEHIND, BOUNDED, Surrogate, estimate_piece
from organode.screen.engine.work import PassResult
from organode.settings import Filter

NONE = Filters.of(Filter())
AIM = Aim(RULE, NONE, ("fine", "caution", "fatal"), None)
BOTH_WAVES = CELLS["symmetric"].tasks
SYMMETRIC = replace(
    RULE, tasks=BOTH_WAVES, together=True, thesis=replace(RULE.thesis, tasks=BOTH_WAVES)
)
GROUPS = ("C", "CC", "N", "O", "OC", "F", "Cl", "C#N", "C(F)(F)F", "N(C)C", "[N+](=O)[O-]", "C=O")
RINGS = ("c1cc({})cc({})c1", "c1c({})cc({})nc1", "O=C1C=C({})C(=O)C=C1{}", "c1cc({})sc1{}")
SMILES = tuple(
    ring.format(one, other) for ring in RINGS for one in GROUPS for other in GROUPS if one <= other
)


def answers(counts):
    """What models that count groups would say of molecules."""
    dense = np.log1p(counts.toarray().astype(float))
    weights = np.random.default_rng(2).normal(0, 0.4, (dense.shape[1], 2))
    values = dense @ weights
    IE, EA = 5.6 + values[:, 0] - values[:, 0].mean(), 2.2 + values[:, 1] - values[:, 1].mean()
    E_ox, E_red = 0.8 * IE - 0.3, 0.8 * EA - 0.9
    centres = IE, EA, E_ox, E_red, E_ox + 0.6, E_red - 0.6
    columns = [centre + off for centre in centres for off in (0, -0.3, 0.3)]
    table = pd.DataFrame(dict(zip(BOUNDED, columns, strict=True)))
    return table.assign(IE_in_domain=True, EA_in_domain=True)


@pytest.fixture(scope="module")
def counts():
    return folded_counts([parse_flat(one) for one in SMILES])


@pytest.fixture(scope="module")
def estimator(counts):
    drawn = np.random.default_rng(1).permutation(len(SMILES))[:200]
    return Surrogate.fit(counts[drawn], answers(counts).iloc[drawn], RULE)


def test_an_estimate_is_as_far_off_as_it_says(estimator, counts):
    off = estimator.estimate(counts).table - answers(counts)[list(BOUNDED)]
    for column, deviation in zip(("E_ox", "E_red"), estimator.deviation, strict=True):
        assert deviation < 0.75 * answers(counts)[column].std()
        assert (off[column].abs() <= deviation).mean() > 0.93


def test_estimated_bounds_hold_those_of_the_models(estimator, counts):
    found = estimator.estimate(counts).table + estimator.wider
    true = answers(counts)
    for energy in ("IE", "EA", "E_ox", "E_red"):
        inside = (found[f"{energy}_lower"] <= true[f"{energy}_lower"]) & (
            true[f"{energy}_upper"] <= found[f"{energy}_upper"]
        )
        assert inside.mean() > 0.9


def test_chances_rise_with_the_slack_and_add_up_to_the_candidates(estimator, counts):
    estimate = estimator.estimate(counts)
    volts = answers(counts)
    candidates = {
        P: (volts["E_ox"] >= 3.0) & (volts["E_ox_upper"] <= 4.7),
        N: (volts["E_red"] <= 2.5) & (volts["E_red_lower"] >= 0.44),
    }
    for role in ROLES:
        chance = estimator.chance(estimate, role)
        assert (np.diff(chance[np.argsort(estimate.slack[role])]) >= 0).all()
        assert chance.sum() == pytest.approx(candidates[role].sum(), rel=0.25)


def test_by_the_thesis_rule_the_computed_scale_is_estimated(counts):
    rule = replace(RULE, margin="thesis")
    true = answers(counts).assign(E_ox=0.0, E_ox_upper=9.0)  # no candidate by the other rule
    found = Surrogate.fit(counts, true, rule)
    candidates = (true["IE"] - 1.4).between(3.0, 4.1).sum()
    chance = found.chance(found.estimate(counts), P)
    assert 0 < candidates < len(true)
    assert chance.sum() == pytest.approx(candidates, rel=0.25)


def test_the_share_outside_the_domain_lowers_every_chance(counts, estimator):
    outside = answers(counts).assign(IE_in_domain=False)
    found = Surrogate.fit(counts, outside, RULE)
    assert not found.chance(found.estimate(counts), P).any()
    anywhere = Surrogate.fit(counts, outside, replace(RULE, in_domain=False))
    assert anywhere.chance(anywhere.estimate(counts), P).any()


def test_one_molecule_for_both_electrodes_has_to_be_in_both_domains(counts):
    outside = answers(counts).assign(EA_in_domain=False)
    alone = Surrogate.fit(counts, outside, RULE)
    assert alone.chance(alone.estimate(counts), P).any()
    both = Surrogate.fit(counts, outside, SYMMETRIC)
    assert not both.chance(both.estimate(counts), P).any()


def test_it_is_the_same_when_read_again(estimator, counts, tmp_path):
    estimator.save(tmp_path / "one")
    again = Surrogate.load(tmp_path / "one")
    again.save(tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    pd.testing.assert_frame_equal(again.estimate(counts).table, estimator.estimate(counts).table)


def piece(*smiles):
    ids = tuple(map(str, range(len(smiles))))
    return Chunk(0, range(len(smiles)), ids, smiles, ("",) * len(smiles))


def test_an_estimated_row_says_so_and_is_no_candidate(estimator):
    rows = estimate_piece(piece("c1cc(C)cc(C)c1", "C1CC(", *SMILES[:50]), AIM, estimator)["rows"]
    assert rows["status"][1] == "not a valid SMILES"
    assert rows.loc[1, ["IE", "E_red_upper"]].isna().all()
    assert rows.drop(1)[["IE", "IE_lower", "EA_upper", "E_ox", "E_ox_computed"]].notna().all().all()
    assert not rows[["scored", "p_type", "n_type"]].any().any()
    assert rows[["P_ox", "similarity", "IE_in_domain"]].isna().all().all()
    assert rows.drop(1)["p_remark"].ne("").all()
    assert (rows["p_remark"] == BEHIND).any()


def test_rows_without_any_molecule_have_the_same_form(estimator):
    none = estimate_piece(piece("junk", ""), AIM, estimator)["rows"]
    some = estimate_piece(piece("CCO"), AIM, estimator)["rows"]
    assert none.dtypes.tolist() == some.dtypes.tolist()
    assert none.columns.tolist() == some.columns.tolist()


def test_what_a_filter_refuses_has_no_chance(estimator):
    filters = Filters.of(Filter(avoid_elements=("Cl",)))
    rows = estimate_piece(piece(*SMILES), replace(AIM, filters=filters), estimator)["rows"]
    chlorine = rows["smiles"].str.contains("Cl")
    assert (rows.loc[chlorine, "chance_p"] < 0.005).all()
    assert (rows.loc[~chlorine, "chance_p"] > 0.5).any()
    assert (rows.loc[chlorine, "p_remark"] == "contains Cl").any()


def test_in_a_symmetric_cell_both_remarks_say_why_a_molecule_is_refused(counts):
    estimator = Surrogate.fit(counts, answers(counts), SYMMETRIC)
    aim = Aim(SYMMETRIC, Filters.of(Filter(avoid_elements=("Cl",))), ("fine", "caution"), None)
    rows = estimate_piece(piece(*SMILES), aim, estimator)["rows"]
    for remark in ("contains Cl", BEHIND):
        said = rows["p_remark"] == remark
        assert said.any()
        assert (rows["n_remark"] == remark).equals(said)
    assert rows["p_remark"].str.startswith("oxidised form does not last: ").any()


def estimated(folder, chance, mass, tier=0):
    n = len(chance)
    rows = pd.DataFrame({
        "row": np.arange(n), "status": "ok", "molar_mass": mass, **dict.fromkeys(BOUNDED, np.nan),
        "E_ox": 4.0, "E_red": 1.0,
        "chance_p": np.asarray(chance, np.float32), "chance_n": np.float32(0),
        "tier_p": np.int8(tier), "tier_n": np.int8(0),
        "stable_p": np.float32(1), "stable_n": np.float32(1), "held_p": 1, "held_n": 1,
    })  # fmt: skip
    done = PassResult(Store(folder), 2, n)
    done.store.write(0, {"rows": rows[: n // 2]})
    done.store.write(1, {"rows": rows[n // 2 :]})
    return done


NO_REPEATS = Repeats(np.empty(0, np.int64), np.empty(0, np.int64))


def test_the_light_and_likely_are_judged_first(tmp_path, estimator):
    rng = np.random.default_rng(3)
    chance, mass = rng.uniform(0, 1, 5_000), rng.uniform(100, 500, 5_000)
    found = promising(estimated(tmp_path, chance, mass), AIM, estimator, NO_REPEATS, 20)
    chosen = found[P].rows
    assert len(chosen) <= MOST * 20
    assert (np.diff(chosen) > 0).all()
    assert mass[chosen].max() < np.quantile(mass, 0.2)
    assert chance[chosen].mean() > chance[mass < mass[chosen].max()].mean()
    assert found[P].expected == pytest.approx(chance.sum(), rel=1e-3)
    assert 0.9 < found[P].found <= 1
    assert len(found[N].rows) == 0


def test_memory_is_bounded_without_another_choice(tmp_path, estimator, monkeypatch):
    rng = np.random.default_rng(3)
    done = estimated(tmp_path, rng.uniform(0, 1, 5_000), rng.uniform(100, 500, 5_000))
    whole = promising(done, AIM, estimator, NO_REPEATS, 20)
    monkeypatch.setattr("organode.screen.engine.promising.IN_MEMORY", 100)
    monkeypatch.setattr("organode.screen.engine.work.AT_ONCE", 1)
    part = promising(done, AIM, estimator, NO_REPEATS, 20)
    assert part[P].rows.tolist() == whole[P].rows.tolist()


def test_tiers_come_before_energy(tmp_path, estimator):
    light, heavy = 100.0, 500.0
    mass = np.repeat([light, heavy], 50)
    done = estimated(tmp_path, np.ones(100), mass, tier=np.repeat([1, 0], 50))
    chosen = promising(done, AIM, estimator, NO_REPEATS, 20)[P].rows
    assert (chosen >= 50).sum() >= 20
    assert (chosen >= 50).all()


def test_a_repeat_is_not_judged(tmp_path, estimator):
    chance, mass = np.ones(100), np.linspace(100, 500, 100)
    repeats = Repeats(np.array([0, 3]), np.array([5, 5]))
    found = promising(estimated(tmp_path, chance, mass), AIM, estimator, repeats, 5)
    assert {0, 3}.isdisjoint(found[P].rows.tolist())
    assert {1, 2, 4} <= set(found[P].rows.tolist())
