import numpy as np
import pandas as pd
import pytest

from organode.curate.noise import label_noise


def test_noise_of_repeats_and_stereoisomers():
    rows = pd.DataFrame(
        [
            ("CC(F)Cl", "C[C@H](F)Cl", 10.0, 1.0),
            ("CC(F)Cl", "C[C@H](F)Cl", 10.2, 1.0),
            ("CC(F)Cl", "C[C@@H](F)Cl", 10.4, 1.3),
            ("C1CCCCC1", "C1CCCCC1", 9.0, -1.0),
        ],
        columns=["smiles", "exact", "IE", "EA"],
    )
    noise = label_noise(rows).set_index(["kind", "target"])
    assert noise.loc[("repeat", "IE"), "mean"] == pytest.approx(0.2)
    assert noise.loc[("stereo", "EA"), "mean"] == pytest.approx(0.3)
    assert noise.loc[("repeat", "IE"), "floor"] == pytest.approx(0.2 / np.sqrt(2))
    assert "near duplicate" not in noise.index.get_level_values(0)


def test_near_duplicates_have_the_same_fingerprint():
    ring, chain = "C1CCCCCCCC1", "C1CCCCC1"  # different counts
    same = ["C1CCCCC1.C1CCCCC1", "C1CCCCCCCCCCC1"]  # twelve equivalent atoms in both
    smiles = [ring, chain, *same]
    energies = {"IE": [9.0, 9.1, 9.2, 9.5], "EA": [0.0] * 4}
    noise = label_noise(pd.DataFrame({"smiles": smiles, "exact": smiles, **energies}))
    assert noise["kind"].tolist() == ["near duplicate", "near duplicate"]
    assert noise["mean"].tolist() == pytest.approx([0.3, 0.0])
