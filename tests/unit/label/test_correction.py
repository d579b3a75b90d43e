import numpy as np
import pandas as pd
import pytest

from organode.errors import OrganodeError
from organode.label.correction import FEWEST, LOWEST_GFN2, errors, fit, out_of_fold


@pytest.fixture
def table() -> pd.DataFrame:
    """Molecules whose B3LYP energies are a linear map of xTB's, with a little noise."""
    rng = np.random.default_rng(20)
    n = 300
    made = pd.DataFrame({
        "smiles": [f"{'C' * (1 + k % 20)}{'NOSF'[k % 4]}" for k in range(n)],
        "IE_ipea1": rng.normal(9, 1, n), "EA_ipea1": rng.normal(0, 1, n),
        "EA_gfn2": rng.normal(-3, 3, n),
    })  # fmt: skip
    made["IE_gfn2"] = made["IE_ipea1"] - 0.4 + rng.normal(0, 0.2, n)
    made["IE_b3lyp"] = 0.3 + 0.7 * made["IE_ipea1"] + 0.3 * made["IE_gfn2"]
    low = np.maximum(made["EA_gfn2"], LOWEST_GFN2)
    made["EA_b3lyp"] = -0.1 + 0.5 * made["EA_ipea1"] + 0.4 * low
    made[["IE_b3lyp", "EA_b3lyp"]] += rng.normal(0, 0.05, (n, 2))
    made.loc[::10, "EA_b3lyp"] = np.nan
    # An ion gets lower by half of what IPEA1-xTB says, and every fifth one falls apart.
    made["EA_relaxation_ipea1"] = rng.uniform(0, 1, n)
    made["EA_relaxation_gfn2"] = rng.uniform(0, 1, n)
    made.loc[::5, ["EA_relaxation_ipea1", "EA_relaxation_gfn2"]] = np.nan
    made["EA_relaxation_b3lyp"] = 0.05 + 0.5 * made["EA_relaxation_ipea1"]
    made.loc[1::3, "EA_relaxation_b3lyp"] = np.nan
    return made


def test_a_line_is_found_again(table):
    for target, line, n in (("IE", (0.3, 0.7, 0.3), 300), ("EA", (-0.1, 0.5, 0.4), 270)):
        found = fit(table, target)
        assert found.line == pytest.approx(line, abs=0.15)
        assert found.n == n
        assert found.noise == pytest.approx(0.05, abs=0.02)
        error = found.apply(table) - table[f"{target}_b3lyp"]
        assert error.abs().mean() < 0.06


def test_relaxation_has_a_map_of_its_own(table):
    found = fit(table, "EA_relaxation")
    assert found.n == 160  # not those that fell apart, nor those without B3LYP
    assert found.line == pytest.approx((0.05, 0.5, 0), abs=0.01)
    calibrated = found.apply(table)
    assert np.isnan(calibrated[::5]).all()
    assert (np.isnan(calibrated) == table["EA_relaxation_ipea1"].isna()).all()
    wild = table.assign(EA_relaxation_gfn2=table["EA_relaxation_gfn2"] + 50)
    assert np.abs(found.apply(wild) - calibrated)[1:5].max() < 0.2  # of such no method knows


def test_what_a_line_leaves_is_learned_from_the_molecule(table):
    amine = table["smiles"].str.contains("N")
    bent = table.assign(IE_b3lyp=table["IE_b3lyp"] + 0.5 * amine)
    error = out_of_fold(bent, "IE") - bent["IE_b3lyp"]
    assert error.abs().mean() < 0.1  # 0.19 by a line
    kinds = table["smiles"].str[-1].tolist()
    unseen = out_of_fold(bent, "IE", kinds) - bent["IE_b3lyp"]
    assert unseen[amine].abs().mean() > 3 * error[amine].abs().mean()


def test_the_same_table_gives_the_same_map(table):
    one, other = fit(table, "EA"), fit(table, "EA")
    assert (one.apply(table) == other.apply(table)).all()
    assert (one.deviation, one.length, one.noise) == (other.deviation, other.length, other.noise)


def test_an_unbound_electron_s_affinity_has_no_leverage(table):
    lower = table.assign(EA_gfn2=table["EA_gfn2"].where(table["EA_gfn2"] > LOWEST_GFN2, -11.0))
    assert (fit(lower, "EA").apply(lower) == fit(table, "EA").apply(table)).all()


def test_a_row_s_own_value_does_not_help_it(table):
    changed = table.copy()
    changed.loc[7, "IE_b3lyp"] += 5
    before, after = out_of_fold(table, "IE"), out_of_fold(changed, "IE")
    assert after[7] == pytest.approx(before[7], abs=0.2)  # only the process's numbers know it
    assert (after != before).sum() > 200


def test_errors_by_family(table):
    found = errors(table, ["quinone", "", "imide"] * 100).set_index(["quantity", "family"])
    whole = found.loc[("IE", "all")]
    assert whole["n"] == 300
    assert whole["mae"] < 0.06 < whole["raw_mae"]
    assert abs(whole["mean_error"]) < 0.01
    assert whole["r"] > 0.99
    assert found.loc[("EA", "all, bound"), "n"] == (table["EA_b3lyp"] > 0).sum()
    assert found.loc[("IE", "quinone"), "n"] == 100
    assert found.loc[("EA_relaxation", "all"), "mae"] < 0.01
    assert "IE_relaxation" not in found.index.get_level_values(0)


def test_too_few_molecules_make_no_map(table):
    few = table.assign(IE_b3lyp=table["IE_b3lyp"].where(table.index < FEWEST - 1))
    with pytest.raises(OrganodeError, match=r"only 49 molecules have IE .* --level b3lyp"):
        fit(few, "IE")
