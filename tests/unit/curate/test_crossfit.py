"""The parts of curation that need no table: cross-fitting, flags, noise, xTB reference."""

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from organode.curate.crossfit import N_FOLDS, CrossFit, environment_counts
from organode.curate.noise import label_noise
from organode.curate.outliers import flags, gross, is_fleeting
from organode.curate.xtb_reference import xtb_reference
from organode.errors import OrganodeError


@pytest.fixture(scope="module")
def molecules(embedded):
    return [Chem.MolFromSmiles(one) for one in embedded["smiles"].head(800)]


def test_predictions_have_not_seen_their_own_fold(embedded, molecules):
    counts = environment_counts(molecules)
    fold = np.arange(len(molecules)) % N_FOLDS
    model = CrossFit(counts, fold, np.ones(len(molecules), bool))
    values = embedded[["IE", "EA"]].head(len(molecules)).to_numpy(float)
    before = model.predict(values)
    changed = values.copy()
    changed[fold == 2] += 5.0
    after = model.predict(changed)
    assert after[fold == 2] == pytest.approx(before[fold == 2])
    assert (np.abs(after - before)[fold != 2].max(axis=1) > 0.1).mean() > 0.9


def test_the_model_is_linear_in_the_labels_and_ignores_unused_rows(embedded, molecules):
    counts = environment_counts(molecules)
    use = np.arange(len(molecules)) % 7 != 0
    model = CrossFit(counts, np.arange(len(molecules)) % N_FOLDS, use)
    values = embedded[["IE", "EA"]].head(len(molecules)).to_numpy(float)
    odd = values.copy()
    odd[~use] = 1e3
    assert model.predict(odd) == pytest.approx(model.predict(values))
    assert model.predict(3 * values) == pytest.approx(3 * model.predict(values))


def test_the_model_learns(embedded, molecules):
    model = CrossFit(
        environment_counts(molecules),
        np.arange(len(molecules)) % N_FOLDS,
        np.ones(len(molecules), bool),
    )
    values = embedded[["IE", "EA"]].head(len(molecules)).to_numpy(float)
    error = np.abs(values - model.predict(values)).mean(axis=0)
    assert (error < 0.6 * np.abs(values - values.mean(axis=0)).mean(axis=0)).all()


def test_xtb_reference_is_an_electronegativity(embedded, molecules, root):
    predicted = xtb_reference(molecules, root / "data/embedded/molecules.csv")
    known = embedded[["IE_ipea1", "EA_ipea1"]].head(len(molecules)).mean(axis=1)
    assert np.abs(predicted - known).mean() < 0.2


def test_a_xtb_reference_says_how_to_get_it(tmp_path, molecules):
    with pytest.raises(OrganodeError, match=r"curate\.xtb_reference"):
        xtb_reference(molecules[:3], tmp_path / "none.csv")


def test_flags_say_what_speaks_against_a_row():
    rng = np.random.default_rng(0)
    residuals = rng.normal(0, 0.1, (500, 2))
    residuals[7] = [2.5, 0.0]
    against = rng.normal(-0.3, 0.2, 500)
    against[7], against[9] = 1.7, -4.3
    confidence = np.ones(500)
    confidence[11], confidence[12] = 0.6, np.nan
    residuals[14] = [3.0, 3.0]  # a cation, of which the model knows nothing
    place = np.arange(500)
    found = flags(residuals, against, confidence, usual=place < 13, fleeting=place == 13)
    assert found[7].startswith("IE 2.50 eV above the cross-validated model; ")
    assert "xTB" in found[7]
    assert found[9].endswith("eV below xTB")
    assert found[11] == "reference in doubt (confidence 0.60)"
    assert found[12] == "ok"
    assert found[13] == "radical"
    assert found[14] == "ok"
    assert sum(one != "ok" for one in found) == 4


@pytest.mark.parametrize(
    ("smiles", "fleeting"),
    [
        ("CC1(C)CCCC(C)(C)N1[O]", False),
        ("CC1(C)N([O])C(c2ccccc2)=[N+]([O-])C1(C)C", False),
        ("c1ccc([C](c2ccccc2)c2ccccc2)cc1", False),
        ("CC(C)(C)c1cc(C(C)(C)C)c([O])c(C(C)(C)C)c1", False),
        ("CN1N=C(c2ccccc2)[N]N(C)C1=O", False),
        ("C[N+]1=CC=C([C]2C=CN(C)C=C2)C=C1", False),
        ("[CH2]c1ccc([N+](=O)[O-])cc1", True),  # a nitro group is no nitroxide
        ("C[CH2]", True), ("[CH]1C=CC=CC1", True), ("CC(=O)[NH]", True),
    ],
)  # fmt: skip
def test_radicals_that_last_are_not_doubted(smiles, fleeting):
    assert is_fleeting(Chem.MolFromSmiles(smiles)) == fleeting


def test_nothing_is_gross_without_numbers():
    assert len(gross(np.array([np.nan, np.nan]))) == 0


def test_noise_of_repeats_stereo_pairs_and_near_duplicates():
    rows = pd.DataFrame([
        ("CC(F)Cl", "C[C@H](F)Cl", 10.0, 1.0),
        ("CC(F)Cl", "C[C@H](F)Cl", 10.2, 1.0),
        ("CC(F)Cl", "C[C@@H](F)Cl", 10.4, 1.3),
        ("C1CCCCC1", "C1CCCCC1", 9.0, -1.0),
    ], columns=["smiles", "exact", "IE", "EA"])  # fmt: skip
    noise = label_noise(rows).set_index(["kind", "target"])
    assert noise.loc[("repeat", "IE"), "mean"] == pytest.approx(0.2)
    assert noise.loc[("stereo", "EA"), "mean"] == pytest.approx(0.3)
    assert noise.loc[("repeat", "IE"), "floor"] == pytest.approx(0.2 / np.sqrt(2))
    assert "near duplicate" not in noise.index.get_level_values(0)


def test_near_duplicates_share_their_fingerprint():
    ring, chain = "C1CCCCCCCC1", "C1CCCCC1"  # not the same counts
    same = ["C1CCCCC1.C1CCCCC1", "C1CCCCCCCCCCC1"]  # twelve equal atoms either way
    rows = pd.DataFrame({
        "smiles": [ring, chain, *same], "exact": [ring, chain, *same],
        "IE": [9.0, 9.1, 9.2, 9.5], "EA": [0.0] * 4,
    })  # fmt: skip
    noise = label_noise(rows)
    assert noise["kind"].tolist() == ["near duplicate", "near duplicate"]
    assert noise["mean"].tolist() == pytest.approx([0.3, 0.0])
