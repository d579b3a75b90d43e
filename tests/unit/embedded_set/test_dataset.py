from pathlib import Path

import pandas as pd
import pytest

from embedded_set import dataset
from embedded_set.dataset import COLUMNS, build_embedded
from organode.errors import OrganodeError
from organode.label import correction
from organode.label.ions.table import ions_path, read_ions, write_ions

NAN = float("nan")


def test_rows_are_in_the_order_of_the_pool_and_failures_have_reasons(
    pool, labels, dft, experiment, tmp_path
):
    result = build_embedded(pool, labels, dft, tmp_path / "made", experiment=experiment)
    names = sorted(path.name for path in (tmp_path / "made").iterdir())
    assert names == sorted(dataset.WRITTEN)
    table = pd.read_csv(tmp_path / "made/molecules.csv", keep_default_na=False, na_values=[""])
    assert list(table.columns) == COLUMNS
    assert table["smiles"].tolist() == ["O=C1C=CC(=O)C=C1", "CCO", "CC#N"]
    assert table["IE_ipea1"].tolist() == [9.54, 10.4, 12.4]
    failures = pd.read_csv(tmp_path / "made/failures.csv", keep_default_na=False)
    assert failures.to_dict("records") == [
        {
            "smiles": "CCCl",
            "source": "chemicals",
            "family": "",
            "reason": "a bond broke during relaxation (C–Cl)",
        },
        {
            "smiles": "CCBr",
            "source": "chemicals",
            "family": "",
            "reason": "a bond broke during relaxation (C–Br)",
        },
    ]
    assert len(result.molecules) + len(result.failures) == len(pool)
    assert result.molecules["unbound"].tolist() == [False, True, True]


def test_b3lyp_replaces_xtb_where_both_energies_are_known(pool, labels, dft, experiment, tmp_path):
    table = build_embedded(pool, labels, dft, tmp_path, experiment=experiment).molecules
    table = table.set_index("smiles")
    assert table["level"].tolist() == ["b3lyp", "xtb", "b3lyp"]
    # B3LYP in the gas phase and xTB's solvation.
    assert table.loc["CC#N", "IE_vertical"] == pytest.approx(11.9 + (10.9 - 12.4))
    quinone, ethanol = table.loc["O=C1C=CC(=O)C=C1"], table.loc["CCO"]
    assert quinone["EA_vertical"] == pytest.approx(2.22 + (4.0 - 2.22))
    assert ethanol["IE_vertical"] == pytest.approx(9.9 + (8.1234 - 10.4), abs=2e-3)  # within noise
    assert ethanol["EA_vertical"] == pytest.approx(ethanol["EA_calibrated"] - 0.5 + 1.1, abs=2e-4)
    # Relaxed: minus B3LYP's relaxation energy, with the solvation of the relaxed ion.
    assert quinone["IE_relaxation_b3lyp"] == pytest.approx(0.1)
    assert quinone["IE_relaxation_ipea1"] == pytest.approx(0.2)
    assert quinone["IE_adiabatic"] == pytest.approx(8.94 - 1.8)
    assert quinone["EA_relaxation_ipea1"] == pytest.approx(0.5)
    assert quinone["EA_adiabatic"] == pytest.approx(2.52 + 1.7)


def test_molecule_without_relaxed_ions_has_vertical_energies_only(
    pool, labels, dft, experiment, tmp_path, monkeypatch
):
    monkeypatch.setattr(correction, "MIN_MOLECULES", 1)
    ions_path(labels[1]).unlink()
    made = build_embedded(pool, labels, dft, tmp_path, experiment=experiment)
    table = made.molecules.set_index("smiles")
    assert table[["IE_vertical", "EA_vertical"]].notna().all(axis=None)
    assert table["IE_adiabatic"].isna().tolist() == [True, False, False]
    assert read_ions(tmp_path / dataset.IONS)["smiles"].unique().tolist() == ["CCO", "CC#N"]
    ions_path(labels[0]).unlink()
    with pytest.raises(OrganodeError, match="label with --adiabatic"):
        build_embedded(pool, labels, dft, tmp_path, experiment=experiment)


def test_ion_that_falls_apart_has_no_adiabatic_energy(pool, labels, dft, experiment, tmp_path):
    made = build_embedded(pool, labels, dft, tmp_path, experiment=experiment)
    ethanol = made.molecules.set_index("smiles").loc["CCO"]
    assert pd.isna(ethanol["EA_adiabatic"])
    assert pd.notna(ethanol[["IE_adiabatic", "EA_vertical", "EA"]]).all()
    ions = read_ions(tmp_path / dataset.IONS)
    assert ions["smiles"].tolist() == made.molecules["smiles"].repeat(2).tolist()
    assert ions["row"].tolist() == [0, 0, 1, 1, 2, 2]
    assert ions.loc[3, ["ion", "changes"]].tolist() == ["reduced", ["broke 1-2"]]


def test_same_inputs_give_the_same_bytes(pool, labels, dft, experiment, tmp_path):
    experiment.to_csv(tmp_path / "measured.csv", index=False)
    build_embedded(pool, labels, dft, tmp_path / "a", experiment=experiment)
    build_embedded(pool, labels, dft, tmp_path / "b", experiment=tmp_path / "measured.csv")
    build_embedded(pool, labels[::-1], dft[::-1], tmp_path / "c", experiment=experiment)
    for name in dataset.WRITTEN:
        first = (tmp_path / "a" / name).read_bytes()
        assert first == (tmp_path / "b" / name).read_bytes(), name
        assert first == (tmp_path / "c" / name).read_bytes(), name


def without(path: Path, column: str) -> Path:
    pd.read_csv(path).drop(columns=column).to_csv(path, index=False)
    return path


def fewer_ions(path: Path) -> Path:
    write_ions(read_ions(ions_path(path)).iloc[1:], ions_path(path))
    return path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda pool, labels: (pool, labels[:1]), "2 molecules of the pool have no label.*C1C=CC"),
        (lambda pool, labels: (pool.iloc[1:], labels), "1 molecules are labelled but not in"),
        (lambda pool, labels: (pool, [*labels, labels[1]]), "2 molecules are labelled twice"),
        (lambda pool, labels: (pd.concat([pool, pool.head(1)]), labels), "are twice in the pool"),
        (lambda pool, labels: (pool, [without(labels[0], "EA_vertical")]), "no column EA_vert"),
        (lambda pool, labels: (pool, [fewer_ions(labels[0]), labels[1]]), "hold 5 of 6 ions"),
    ],
)
def test_inconsistent_tables_are_rejected(pool, labels, dft, experiment, tmp_path, change, message):
    pool, labels = change(pool, labels)
    with pytest.raises(OrganodeError, match=message):
        build_embedded(pool, labels, dft, tmp_path / "out", experiment=experiment)
    assert not (tmp_path / "out").exists()


def test_missing_table_of_labels_is_named(pool, dft, experiment, tmp_path):
    with pytest.raises(OrganodeError, match=r"cannot read .*absent\.csv"):
        build_embedded(pool, [tmp_path / "absent.csv"], dft, tmp_path, experiment=experiment)


def test_invalid_b3lyp_table_is_rejected(pool, labels, dft, experiment, tmp_path):
    for wrong, message in (
        ([*dft, dft[0]], "C is twice in the B3LYP tables"),
        ([tmp_path / "absent.csv"], r"cannot read .*absent\.csv"),
        (dft, "no column EA"),
    ):
        if wrong is dft:
            without(dft[0], "EA")
        with pytest.raises(OrganodeError, match=message):
            build_embedded(pool, labels, wrong, tmp_path / "out", experiment=experiment)


def test_labels_without_any_success_are_an_error(pool, labels, dft, experiment, tmp_path):
    for path in labels:
        pd.read_csv(path).assign(status="too hot").to_csv(path, index=False)
    with pytest.raises(OrganodeError, match="no molecule has a label"):
        build_embedded(pool, labels, dft, tmp_path / "out", experiment=experiment)


def test_measured_molecules_are_labelled_if_no_table_is_given(
    pool, labels, dft, experiment, tmp_path, monkeypatch
):
    asked = []

    def label_experiment(out, *, jobs):
        asked.append((out, jobs))
        out.parent.mkdir(parents=True, exist_ok=True)
        experiment.to_csv(out, index=False)
        return experiment

    monkeypatch.setattr(dataset, "label_experiment", label_experiment)
    build_embedded(pool, labels, dft, tmp_path / "out", jobs=2)
    assert asked == [(tmp_path / "out" / "experiment.csv", 2)]
