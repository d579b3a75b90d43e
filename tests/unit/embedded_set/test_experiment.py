import pandas as pd
import pytest

from embedded_set import experiment
from embedded_set.experiment import (
    SOURCES,
    accuracy,
    label_experiment,
    read_experiment,
    read_labelled_experiment,
)
from organode.chem import check_organic, flat_smiles, parse_smiles
from organode.errors import OrganodeError


@pytest.fixture(scope="module")
def measured() -> pd.DataFrame:
    return read_experiment()


def test_every_value_has_a_source_and_every_molecule_a_value(measured):
    for target, least in (("IE", 50), ("EA", 18)):
        has = measured[target].notna()
        assert has.sum() >= least
        assert set(measured.loc[has, f"{target}_source"]) <= set(SOURCES)
        assert set(measured.loc[~has, f"{target}_source"]) <= {""}
    assert measured[["IE", "EA"]].notna().any(axis=1).all()
    used = set(measured["IE_source"]) | set(measured["EA_source"])
    assert used - {""} == set(SOURCES)
    assert measured["IE"].dropna().between(6, 14).all()
    assert measured["EA"].dropna().between(-3, 4).all()


def test_molecules_are_canonical_and_unique(measured):
    assert measured["smiles"].is_unique
    assert measured["name"].is_unique
    for smiles in measured["smiles"]:
        molecule = parse_smiles(smiles)
        check_organic(molecule)
        assert flat_smiles(molecule) == smiles


def test_unbound_anions_have_vertical_values_and_bound_anions_adiabatic_values(measured):
    for _, row in measured[measured["EA"].notna()].iterrows():
        kind = SOURCES[row["EA_source"]].kind
        assert kind == ("vertical" if row["EA"] < 0 else "adiabatic")
    assert {SOURCES[key].kind for key in measured["IE_source"] if key} == {"adiabatic"}


def test_ionization_energies_agree_with_another_compilation(measured):
    """ASE's G2 table has the values of NIST's CCCBDB; ethylene's is wrong (10.51 is right)."""
    from ase.data.g2 import data

    names = {
        "CH4": "C", "C2H2": "C#C", "H2CO": "C=O", "CH3OH": "CO", "CH3SH": "CS", "CH3Cl": "CCl",
        "HCN": "C#N", "C6H6": "c1ccccc1",
    }  # fmt: skip
    ie = measured.set_index("smiles")["IE"]
    for name, smiles in names.items():
        assert ie[smiles] == pytest.approx(data[name]["ionization energy"], abs=0.1), name
    assert ie["C=C"] == pytest.approx(10.51, abs=0.01)


def table(**columns) -> pd.DataFrame:
    rows = len(next(iter(columns.values())))
    names = [f"{t}_{end}" for t in ("IE", "EA") for end in ("measured", "ipea1", "gfn2")]
    return pd.DataFrame({name: [float("nan")] * rows for name in names} | columns)


def test_accuracy_is_computed_minus_measured():
    nan = float("nan")
    scores = accuracy(
        table(
            IE_measured=[9.0, 10.0, 11.0, nan],
            IE_ipea1=[9.5, 10.5, 11.5, 8.0],
            IE_gfn2=[8.0, 11.0, 11.0, 8.0],
            EA_measured=[1.0, 2.0, -1.0, nan],
            EA_ipea1=[1.1, 2.1, -3.0, 0.0],
            EA_gfn2=[nan, 2.0, -1.0, 0.0],
        )
    ).set_index(["target", "method"])
    ipea1 = scores.loc[("IE", "IPEA1-xTB")]
    assert (ipea1["n"], ipea1["mae"], ipea1["mean_error"]) == (3, 0.5, 0.5)
    assert ipea1["r"] == pytest.approx(1.0)
    gfn2 = scores.loc[("IE", "GFN2-xTB")]
    assert gfn2["mae"] == pytest.approx(2 / 3)
    assert gfn2["mean_error"] == pytest.approx(0.0)
    assert scores.loc[("EA", "IPEA1-xTB"), "mae"] == pytest.approx(2.2 / 3)
    bound = scores.loc[("EA, bound", "IPEA1-xTB")]
    assert bound["n"] == 2
    assert bound["mae"] == pytest.approx(0.1)
    assert scores.loc[("EA, bound", "GFN2-xTB"), "n"] == 1


@pytest.fixture
def three_molecules(monkeypatch, measured):
    some = measured[measured["name"].isin(["benzene", "1,4-benzoquinone", "nitrobenzene"])]
    monkeypatch.setattr(experiment, "read_experiment", lambda: some.reset_index(drop=True))


def test_measured_and_computed_energies_are_written_side_by_side(three_molecules, tmp_path):
    out = tmp_path / "deep" / "experiment.csv"
    labelled = label_experiment(out, jobs=1)
    assert [path.name for path in out.parent.iterdir()] == ["experiment.csv"]
    assert labelled.equals(read_labelled_experiment(out))
    assert (labelled["status"] == "ok").all()
    benzene = labelled.set_index("name").loc["benzene"]
    assert (benzene["IE_measured"], benzene["IE_source"]) == (9.244, "nist")
    assert (benzene["EA_measured"], benzene["EA_kind"]) == (-1.15, "vertical")
    assert benzene["IE_ipea1"] == pytest.approx(9.5, abs=0.3)
    assert benzene["unbound"]
    assert accuracy(labelled)["n"].tolist() == [3, 3, 3, 3, 2, 2]


def test_other_table_is_rejected(tmp_path):
    with pytest.raises(OrganodeError, match="cannot read"):
        read_labelled_experiment(tmp_path / "absent.csv")
    (tmp_path / "other.csv").write_text("smiles,IE\nC,12\n")
    with pytest.raises(OrganodeError, match="no column name"):
        read_labelled_experiment(tmp_path / "other.csv")


@pytest.mark.slow
def test_accuracy_of_all_measured_molecules(tmp_path):
    scores = accuracy(label_experiment(tmp_path / "experiment.csv")).set_index(["target", "method"])
    assert scores.loc[("IE", "IPEA1-xTB"), "mae"] < 0.35
    assert scores.loc[("IE", "IPEA1-xTB"), "r"] > 0.96
    assert scores.loc[("EA, bound", "IPEA1-xTB"), "mae"] < 0.3
    assert scores.loc[("EA, bound", "GFN2-xTB"), "mae"] < 0.25
    assert scores.loc[("EA, bound", "IPEA1-xTB"), "r"] > 0.94
