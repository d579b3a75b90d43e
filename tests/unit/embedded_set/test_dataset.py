import re
from pathlib import Path

import pandas as pd
import pytest

from embedded_set import card, dataset
from embedded_set.dataset import COLUMNS, build_embedded
from embedded_set.experiment import SOURCES, read_experiment
from organode.errors import OrganodeError
from organode.label import correction, iontable
from organode.label.ions.table import beside, read_ions, write_ions
from organode.label.xtb import SHIFT

NAN = float("nan")


@pytest.fixture
def pool() -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("O=C1C=CC(=O)C=C1", "enumerated", "benzoquinone"),
            ("CCO", "chemicals", ""),
            ("CCCl", "chemicals", ""),
            ("CC#N", "chemicals", "nitrile"),
            ("CCBr", "chemicals", ""),
        ],
        columns=["smiles", "source", "family"],
    )


def ion(smiles, kind, adiabatic, solvation, changes=(), status="ok") -> dict[str, object]:
    """A record: E(ion) − E(species) by both methods, and what the solvent adds."""
    return {
        "row": 0, "smiles": smiles, "ion": kind, "charge": 1 if kind == "oxidised" else -1,
        "unpaired": 1, "status": status, "adiabatic": adiabatic + solvation,
        "adiabatic_ipea1": adiabatic, "adiabatic_gfn2": adiabatic, "settled": 0.0, "energy": -100.0,
        "energy_own": -101.0, "reorganisation": 0.4, "rmsd": 0.1, "changes": changes,
        "loosest": "", "fragmentation": None, "cleaved": "", "charges": (1.0,), "spins": (1.0,),
    }  # fmt: skip


def written(folder: Path, name: str, rows, ions) -> Path:
    path = folder / name
    pd.DataFrame(rows, columns=["row", *dataset.LABELLED]).round(4).to_csv(path, index=False)
    write_ions(pd.DataFrame(ions, columns=iontable.COLUMNS), beside(path))
    return path


@pytest.fixture
def labels(tmp_path) -> list[Path]:
    """Two parts of the pool; quinone's ions get lower by 0.2 and 0.5 eV, ethanol's anion breaks."""
    broke = "a bond broke during relaxation (C–Cl)"
    folder = tmp_path / "labels"
    folder.mkdir()
    return [
        written(folder, "one.csv", [
            (0, "CC#N", "ok", 10.9, 1.0, 12.4, -0.9, 11.27, -3.1, True),
            (1, "CCCl", broke, *[NAN] * 6, NAN),
            (2, "CCO", "ok", 8.12345, -0.5, 10.4, -1.1, 10.0, -5.0, True),
        ], [
            ion("CC#N", "oxidised", 12.0 + SHIFT, -1.5), ion("CC#N", "reduced", 0.5 - SHIFT, -1.9),
            ion("CCO", "oxidised", 10.1 + SHIFT, -2.2),
            ion("CCO", "reduced", -SHIFT, -2.0, changes=("broke 1-2",)),
        ]),
        written(folder, "two.csv", [
            (0, "CCBr", "a bond broke during relaxation (C–Br)", *[NAN] * 6, NAN),
            (1, "O=C1C=CC(=O)C=C1", "ok", 7.7, 4.0, 9.54, 2.22, 9.36, 1.99, False),
        ], [
            ion("O=C1C=CC(=O)C=C1", "oxidised", 9.34 + SHIFT, -1.8),
            ion("O=C1C=CC(=O)C=C1", "reduced", -2.72 - SHIFT, -1.7),
        ]),
    ]  # fmt: skip


@pytest.fixture
def dft(monkeypatch, tmp_path) -> list[Path]:
    """B3LYP values of some of the molecules, of fewer with relaxed ions; xTB's IE is 0.5 too high.

    Three molecules determine both maps: IE = IPEA1-xTB's − 0.5, EA = GFN2-xTB's.
    """
    monkeypatch.setattr(correction, "FEWEST", 2)
    monkeypatch.setattr(correction, "FOLDS", 3)
    monkeypatch.setattr(card, "FOLDS", 3)
    vertical = pd.DataFrame({"smiles": ["C"], "status": "ok", "IE": [14.0], "EA": [-1.0]})
    relaxed = pd.DataFrame({
        "smiles": ["O=C1C=CC(=O)C=C1", "CCO", "CC#N"], "status": "ok",
        "IE": [8.94, 9.7, 11.7], "EA": [2.52, NAN, -0.7],
        "IE_vertical": [9.04, 9.9, 11.9], "EA_vertical": [2.22, NAN, -0.9],
    })  # fmt: skip
    paths = [tmp_path / "vertical.csv", tmp_path / "relaxed.csv"]
    for path, table in zip(paths, (vertical, relaxed), strict=True):
        table.to_csv(path, index=False)
    return paths


@pytest.fixture
def experiment() -> pd.DataFrame:
    measured = read_experiment().head(12)
    table = pd.DataFrame({"name": measured["name"], "smiles": measured["smiles"], "status": "ok"})
    for target in ("IE", "EA"):
        table[f"{target}_measured"] = measured[target]
        table[f"{target}_source"] = measured[f"{target}_source"]
        table[f"{target}_ipea1"] = measured[target] + 0.25
        table[f"{target}_gfn2"] = measured[target] - 0.5
    return table


def test_rows_keep_the_pool_s_order_and_failures_their_reason(
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
        {"smiles": "CCCl", "source": "chemicals", "family": "",
         "reason": "a bond broke during relaxation (C–Cl)"},
        {"smiles": "CCBr", "source": "chemicals", "family": "",
         "reason": "a bond broke during relaxation (C–Br)"},
    ]  # fmt: skip
    assert len(result.molecules) + len(result.failures) == len(pool)
    assert result.molecules["unbound"].tolist() == [False, True, True]


def test_b3lyp_takes_xtb_s_place_where_both_energies_are_known(
    pool, labels, dft, experiment, tmp_path
):
    table = build_embedded(pool, labels, dft, tmp_path, experiment=experiment).molecules
    table = table.set_index("smiles")
    assert table["level"].tolist() == ["b3lyp", "xtb", "b3lyp"]
    # Its own gas-phase value and xTB's solvation.
    assert table.loc["CC#N", "IE_vertical"] == pytest.approx(11.9 + (10.9 - 12.4))
    quinone, ethanol = table.loc["O=C1C=CC(=O)C=C1"], table.loc["CCO"]
    assert quinone["EA_vertical"] == pytest.approx(2.22 + (4.0 - 2.22))
    assert ethanol["IE_vertical"] == pytest.approx(9.9 + (8.1234 - 10.4), abs=2e-4)
    assert ethanol["EA_vertical"] == pytest.approx(ethanol["EA_calibrated"] - 0.5 + 1.1, abs=2e-4)
    # Relaxed: less by what B3LYP says, in the solvation of the relaxed ion.
    assert quinone["IE_relaxation_b3lyp"] == pytest.approx(0.1)
    assert quinone["IE_relaxation_ipea1"] == pytest.approx(0.2)
    assert quinone["IE_adiabatic"] == pytest.approx(8.94 - 1.8)
    assert quinone["EA_relaxation_ipea1"] == pytest.approx(0.5)
    assert quinone["EA_adiabatic"] == pytest.approx(2.52 + 1.7)


def test_of_an_ion_that_falls_apart_there_is_no_adiabatic_energy(
    pool, labels, dft, experiment, tmp_path
):
    made = build_embedded(pool, labels, dft, tmp_path, experiment=experiment)
    ethanol = made.molecules.set_index("smiles").loc["CCO"]
    assert pd.isna(ethanol["EA_adiabatic"])
    assert pd.notna(ethanol[["IE_adiabatic", "EA_vertical", "EA"]]).all()
    record = read_ions(tmp_path / dataset.IONS)
    assert record["smiles"].tolist() == made.molecules["smiles"].repeat(2).tolist()
    assert record["row"].tolist() == [0, 0, 1, 1, 2, 2]
    assert record.loc[3, ["ion", "changes"]].tolist() == ["reduced", ["broke 1-2"]]


def test_the_card_says_what_the_tables_say(pool, labels, dft, experiment, tmp_path):
    build_embedded(pool, labels, dft, tmp_path, experiment=experiment)
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "of 3 organic species:\n3 neutral closed-shell molecules" in text
    assert "| reduced | 3 | 100.0% | 33.3% | 0.0% | 0.40 | 0.40 |" in text
    assert "2 by density functional theory" in text
    assert "| IE | all | 3 | 0.50 | +0.50 |" in text
    assert "without a label:\n2, listed" in text
    assert "| a bond broke during relaxation | 2 |" in text
    assert "66.7% of the species is unbound" in text
    assert "| **chemicals** | **all** | **2** | **2** | **2** |" in text
    assert "| chemicals | (random) | 1 | 2 | 1 |" in text
    assert "| enumerated | benzoquinone | 1 | 0 | 0 |" in text
    assert "From 3 to 8 heavy atoms. Elements: C, H, N, O." in text
    assert "| IE_ipea1 | 9.54 |" in text
    assert "| IE | B3LYP/6-31+G(d) | 1 |" in text
    assert "| IE | IPEA1-xTB | 12 | 0.25 | +0.25 | 1.000 |" in text
    assert "| EA | GFN2-xTB | 3 | 0.50 | -0.50 | 1.000 |" in text
    assert "| EA, bound | GFN2-xTB | 0 | n/a | n/a | n/a |" in text
    for source in SOURCES.values():
        assert source.citation in text
    for package in card.SOFTWARE:
        assert re.search(rf"{package} \d", text)
    assert "nan" not in text.lower().split()
    assert "CC BY 4.0" in text


def test_the_same_inputs_give_the_same_bytes(pool, labels, dft, experiment, tmp_path):
    experiment.to_csv(tmp_path / "measured.csv", index=False)
    build_embedded(pool, labels, dft, tmp_path / "a", experiment=experiment)
    build_embedded(pool, labels, dft, tmp_path / "b", experiment=tmp_path / "measured.csv")
    build_embedded(pool, labels[::-1], dft[::-1], tmp_path / "c", experiment=experiment)
    for name in dataset.WRITTEN:
        first = (tmp_path / "a" / name).read_bytes()
        assert first == (tmp_path / "b" / name).read_bytes(), name
        assert first == (tmp_path / "c" / name).read_bytes(), name


def test_without_failures_or_families_there_is_a_card_too(pool, labels, dft, experiment, tmp_path):
    good = ["CCO", "CC#N", "O=C1C=CC(=O)C=C1"]
    some = pool[pool["smiles"].isin(good)].assign(family=NAN)
    for path in labels:
        table = pd.read_csv(path)
        table[table["smiles"].isin(good)].to_csv(path, index=False)
    result = build_embedded(some, labels, dft, tmp_path, experiment=experiment)
    assert result.failures.empty
    assert "None." in (tmp_path / "README.md").read_text(encoding="utf-8")


def without(path: Path, column: str) -> Path:
    pd.read_csv(path).drop(columns=column).to_csv(path, index=False)
    return path


def fewer_ions(path: Path) -> Path:
    write_ions(read_ions(beside(path)).iloc[1:], beside(path))
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
def test_rows_that_do_not_fit_are_refused(pool, labels, dft, experiment, tmp_path, change, message):
    pool, labels = change(pool, labels)
    with pytest.raises(OrganodeError, match=message):
        build_embedded(pool, labels, dft, tmp_path / "out", experiment=experiment)
    assert not (tmp_path / "out").exists()


def test_a_missing_label_file_is_named(pool, dft, experiment, tmp_path):
    with pytest.raises(OrganodeError, match=r"cannot read .*absent\.csv"):
        build_embedded(pool, [tmp_path / "absent.csv"], dft, tmp_path, experiment=experiment)


def test_a_wrong_b3lyp_table_is_refused(pool, labels, dft, experiment, tmp_path):
    for wrong, message in (
        ([*dft, dft[0]], "C is twice in the B3LYP tables"),
        ([tmp_path / "absent.csv"], r"cannot read .*absent\.csv"),
        (dft, "no column EA"),
    ):
        if wrong is dft:
            without(dft[0], "EA")
        with pytest.raises(OrganodeError, match=message):
            build_embedded(pool, labels, wrong, tmp_path / "out", experiment=experiment)


def test_nothing_labelled_is_an_error(pool, labels, dft, experiment, tmp_path):
    for path in labels:
        pd.read_csv(path).assign(status="too hot").to_csv(path, index=False)
    with pytest.raises(OrganodeError, match="no molecule has a label"):
        build_embedded(pool, labels, dft, tmp_path / "out", experiment=experiment)


def test_the_measured_molecules_are_labelled_when_no_table_is_given(
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
