"""Candidates that are computed by quantum chemistry."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from organode.electrochemistry.cells import P
from organode.errors import OrganodeError, UsageError
from organode.fetch.local import EMBEDDED
from organode.screening.shortlist.verify import COLUMNS, read_embedded, verify


class Shift:
    """A correction of 1 eV."""

    def apply(self, labels):
        return labels["IE_ipea1"].to_numpy(float) + 1.0


@pytest.fixture
def computed(monkeypatch):
    """Molecules that were computed, instead of by xTB; the last fails."""
    smiles_seen = []

    def label_table(smiles, out, **_):
        smiles_seen.extend(smiles)
        n = len(smiles)
        table = pd.DataFrame({"status": ["ok"] * (n - 1) + ["no convergence"]})
        for name, value in (("IE", 6.1), ("IE_ipea1", 6.0), ("EA", 2.1), ("EA_ipea1", 2.0)):
            table[name] = [value] * (n - 1) + [np.nan]
        return table

    monkeypatch.setattr("organode.label.engine.label_table", label_table)
    return smiles_seen


def model(target, level):
    return SimpleNamespace(registered=SimpleNamespace(target=target, level_of_theory=level))


def candidates():
    columns = {
        "electrode": "positive",
        "role": P,
        "rank": [1, 2, 3, 4],
        "pick": pd.array([1, pd.NA, 2, pd.NA], "Int64"),
        "id": list("abcd"),
        "smiles": ["C", "CC", "CCC", "CCCC"],
        "structure": ["C", "CC", "CCC", "CCCC"],
        **{"IE": 7.0, "IE_lower": [6.9, 7.2, 7.2, 7.2], "IE_upper": 7.3},
        **{"EA": 7.0, "EA_lower": 6.9, "EA_upper": 7.3},
    }
    return pd.DataFrame(columns)


def test_picks_are_computed_first_and_compared_at_the_same_level(computed, tmp_path):
    models = [model("IE", EMBEDDED.level_of_theory), model("EA", "another level")]
    corrections = {"IE": Shift(), "EA": Shift()}
    table = verify({P: candidates()}, 3, models, corrections, tmp_path, 1)
    assert list(table.columns) == list(COLUMNS)
    assert computed == ["C", "CCC", "CC"]
    assert table["id"].tolist() == ["a", "c", "b"]
    assert table["status"].tolist() == ["ok", "ok", "no convergence"]
    # Corrected energy + 0.1 eV of solvation.
    assert table["IE_computed"][:2].tolist() == pytest.approx([7.1, 7.1])
    assert table["IE_inside"].tolist() == [True, False, pd.NA]
    assert table["EA_inside"].isna().all()


def test_missing_or_damaged_reference_is_rejected(tmp_path):
    with pytest.raises(UsageError, match="is missing, the embedded set"):
        read_embedded(tmp_path / "molecules.csv")
    (tmp_path / "molecules.csv").write_text("smiles,IE\nC,1\n")
    with pytest.raises(OrganodeError, match="is damaged or not the embedded set"):
        read_embedded(tmp_path / "molecules.csv")
