import numpy as np
import pytest
from rdkit import Chem

from organode.curate.outliers import gross_outliers, is_transient, quality_flags


def test_flags_name_the_evidence():
    rng = np.random.default_rng(0)
    residuals = rng.normal(0, 0.1, (500, 2))
    residuals[7] = [2.5, 0.0]
    against = rng.normal(-0.3, 0.2, 500)
    against[7], against[9] = 1.7, -4.3
    confidence = np.ones(500)
    confidence[11], confidence[12] = 0.6, np.nan
    residuals[14] = [3.0, 3.0]  # a cation, which the model does not cover
    row = np.arange(500)
    flags = quality_flags(
        residuals, against, confidence, closed_shell=row < 13, transient=row == 13
    )
    assert flags[7].startswith("IE 2.50 eV above the cross-validated model; ")
    assert "xTB" in flags[7]
    assert flags[9].endswith("eV below xTB")
    assert flags[11] == "reference in doubt (confidence 0.60)"
    assert flags[12] == "ok"
    assert flags[13] == "radical"
    assert flags[14] == "ok"
    assert sum(flag != "ok" for flag in flags) == 4


@pytest.mark.parametrize(
    ("smiles", "transient"),
    [
        ("CC1(C)CCCC(C)(C)N1[O]", False),
        ("CC1(C)N([O])C(c2ccccc2)=[N+]([O-])C1(C)C", False),
        ("c1ccc([C](c2ccccc2)c2ccccc2)cc1", False),
        ("CC(C)(C)c1cc(C(C)(C)C)c([O])c(C(C)(C)C)c1", False),
        ("CN1N=C(c2ccccc2)[N]N(C)C1=O", False),
        ("C[N+]1=CC=C([C]2C=CN(C)C=C2)C=C1", False),
        ("[CH2]c1ccc([N+](=O)[O-])cc1", True),  # a nitro group is not a nitroxide
        ("C[CH2]", True),
        ("[CH]1C=CC=CC1", True),
        ("CC(=O)[NH]", True),
    ],
)
def test_only_transient_radicals_are_flagged(smiles, transient):
    assert is_transient(Chem.MolFromSmiles(smiles)) == transient


def test_missing_values_are_not_outliers():
    assert len(gross_outliers(np.array([np.nan, np.nan]))) == 0
    assert gross_outliers(np.array([0.0, 0.1, np.nan, 5.0, -0.1])).tolist() == [3]
