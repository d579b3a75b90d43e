import numpy as np
import pandas as pd
import pytest

from organode.errors import OrganodeError
from organode.label.correction import MIN_GFN2, MIN_MOLECULES, errors, fit, out_of_fold


@pytest.fixture
def table() -> pd.DataFrame:
    """Molecules whose B3LYP energies are a linear function of xTB's, with a little noise."""
    rng = np.random.default_rng(20)
    n = 300
    made = pd.DataFrame(
        {
            "smiles": [f"{'C' * (1 + k % 20)}{'NOSF'[k % 4]}" for k in range(n)],
            "IE_ipea1": rng.normal(9, 1, n),
            "EA_ipea1": rng.normal(0, 1, n),
            "EA_gfn2": rng.normal(-3, 3, n),
        }
    )
    made["IE_gfn2"] = made["IE_ipea1"] - 0.4 + rng.normal(0, 0.2, n)
    made["IE_b3lyp"] = 0.3 + 0.7 * made["IE_ipea1"] + 0.3 * made["IE_gfn2"]
    low = np.maximum(made["EA_gfn2"], MIN_GFN2)
    made["EA_b3lyp"] = -0.1 + 0.5 * made["EA_ipea1"] + 0.4 * low
    made[["IE_b3lyp", "EA_b3lyp"]] += rng.normal(0, 0.05, (n, 2))
    made.loc[::10, "EA_b3lyp"] = np.nan
    # Relaxation energies are half of IPEA1-xTB's; every fifth ion falls apart.
    made["EA_relaxation_ipea1"] = rng.uniform(0, 1, n)
    made["EA_relaxation_gfn2"] = rng.uniform(0, 1, n)
    made.loc[::5, ["EA_relaxation_ipea1", "EA_relaxation_gfn2"]] = np.nan
    made["EA_relaxation_b3lyp"] = 0.05 + 0.5 * made["EA_relaxation_ipea1"]
    made.loc[1::3, "EA_relaxation_b3lyp"] = np.nan
    return made


def test_known_line_is_recovered(table):
    for target, line, n in (("IE", (0.3, 0.7, 0.3), 300), ("EA", (-0.1, 0.5, 0.4), 270)):
        correction = fit(table, target)
        assert correction.process.line[:3] == pytest.approx(line, abs=0.15)
        assert correction.n == n
        assert correction.process.hyperparameters.noise == pytest.approx(0.05, abs=0.02)
        error = correction.apply(table) - table[f"{target}_b3lyp"]
        assert error.abs().mean() < 0.06


def test_solvation_energy_remains_that_of_xtb(table):
    correction = fit(table, "IE")
    solvated = table.assign(IE_vertical=table["IE_ipea1"] - 1.5)
    solvated.loc[3, "IE_vertical"] = np.nan
    found = correction.in_solvent(solvated)
    assert np.isnan(found[3])
    others = np.arange(len(table)) != 3
    np.testing.assert_allclose(found[others], correction.apply(table)[others] - 1.5)


def test_relaxation_is_fitted_separately(table):
    correction = fit(table, "EA_relaxation")
    assert correction.n == 160  # not those that fell apart, nor those without B3LYP
    assert correction.process.line[:3] == pytest.approx((0.05, 0.5, 0), abs=0.01)
    calibrated = correction.apply(table)
    assert np.isnan(calibrated[::5]).all()
    assert (np.isnan(calibrated) == table["EA_relaxation_ipea1"].isna()).all()
    wild = table.assign(EA_relaxation_gfn2=table["EA_relaxation_gfn2"] + 50)
    assert np.abs(correction.apply(wild) - calibrated)[1:5].max() < 0.2  # limited


def test_no_ion_relaxes_to_a_higher_energy(table):
    stiff = table.assign(EA_relaxation_b3lyp=table["EA_relaxation_b3lyp"] - 0.3)
    fitted, others = fit(stiff, "EA_relaxation").apply(stiff), out_of_fold(stiff, "EA_relaxation")
    assert np.nanmin(fitted) == others.min() == 0
    assert (fitted[1:5] > 0).any()


def test_group_that_shifts_energies_is_a_term_of_the_line(table):
    ends = ["S(=O)(=O)C" if k % 3 == 0 else "C" for k in range(len(table))]
    table["smiles"] = [f"{'C' * (1 + k // 12)}{end}" for k, end in enumerate(ends)]
    has_group = table["smiles"].str.contains("S")
    shifted = table.assign(IE_b3lyp=table["IE_b3lyp"] + 0.5 * has_group)
    correction = fit(shifted[:150], "IE")
    assert correction.process.line[5] == pytest.approx(0.5, abs=0.15)
    error = (correction.apply(shifted) - shifted["IE_b3lyp"])[150:]  # longer ones than in the fit
    assert error[has_group[150:]].abs().mean() < 0.1


def test_residuals_of_the_line_are_learned_from_the_molecule(table):
    amine = table["smiles"].str.contains("N")
    bent = table.assign(IE_b3lyp=table["IE_b3lyp"] + 0.5 * amine)
    error = out_of_fold(bent, "IE") - bent["IE_b3lyp"]
    assert error.abs().mean() < 0.1  # 0.19 by a line
    kinds = table["smiles"].str[-1].tolist()
    unseen = out_of_fold(bent, "IE", kinds) - bent["IE_b3lyp"]
    assert unseen[amine].abs().mean() > 3 * error[amine].abs().mean()


def test_same_table_gives_the_same_correction(table):
    first, second = fit(table, "EA"), fit(table, "EA")
    assert (first.apply(table) == second.apply(table)).all()
    assert first.process.hyperparameters == second.process.hyperparameters


def test_affinity_of_unbound_electron_has_no_leverage(table):
    lower = table.assign(EA_gfn2=table["EA_gfn2"].where(table["EA_gfn2"] > MIN_GFN2, -11.0))
    assert (fit(lower, "EA").apply(lower) == fit(table, "EA").apply(table)).all()


def test_out_of_fold_value_does_not_depend_on_its_own_row(table):
    changed = table.copy()
    changed.loc[7, "IE_b3lyp"] += 5
    before, after = out_of_fold(table, "IE"), out_of_fold(changed, "IE")
    assert after[7] == pytest.approx(before[7], abs=0.2)  # only through the hyperparameters
    assert (after != before).sum() > 200


def test_errors_are_given_by_family(table):
    table_of_errors = errors(table, ["quinone", "", "imide"] * 100).set_index(
        ["quantity", "family"]
    )
    whole = table_of_errors.loc[("IE", "all")]
    assert whole["n"] == 300
    assert whole["mae"] < 0.06 < whole["raw_mae"]
    assert abs(whole["mean_error"]) < 0.01
    assert whole["r"] > 0.99
    assert table_of_errors.loc[("EA", "all, bound"), "n"] == (table["EA_b3lyp"] > 0).sum()
    assert table_of_errors.loc[("IE", "quinone"), "n"] == 100
    assert table_of_errors.loc[("EA_relaxation", "all"), "mae"] < 0.01
    assert "IE_relaxation" not in table_of_errors.index.get_level_values(0)


def test_too_few_molecules_are_an_error(table):
    few = table.assign(IE_b3lyp=table["IE_b3lyp"].where(table.index < MIN_MOLECULES - 1))
    with pytest.raises(OrganodeError, match=r"only 49 molecules have IE .* --level b3lyp"):
        fit(few, "IE")
