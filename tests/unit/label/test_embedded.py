import re

import pandas as pd
import pytest

from organode.errors import OrganodeError
from organode.label import calibrate, embedded
from organode.label.embedded import COLUMNS, build_embedded
from organode.label.experiment import SOURCES, read_experiment

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


def labelled(rows) -> pd.DataFrame:
    columns = ["row", "smiles", "status", *embedded.XTB, "unbound"]
    table = pd.DataFrame(rows, columns=columns)
    return table.astype({"unbound": object})


@pytest.fixture
def labels() -> list[pd.DataFrame]:
    broke = "a bond broke during relaxation (C–Cl)"
    return [
        labelled([
            (0, "CC#N", "ok", 10.9, 1.0, 12.4, -0.9, 11.27, -3.1, True),
            (1, "CCCl", broke, *[NAN] * 6, NAN),
            (2, "CCO", "ok", 8.12345, -0.5, 10.4, -1.1, 10.0, -5.0, True),
        ]),
        labelled([
            (0, "CCBr", "a bond broke during relaxation (C–Br)", *[NAN] * 6, NAN),
            (1, "O=C1C=CC(=O)C=C1", "ok", 7.7, 4.0, 9.54, 2.22, 9.36, 1.99, False),
        ]),
    ]  # fmt: skip


@pytest.fixture
def dft(monkeypatch) -> pd.DataFrame:
    """B3LYP values of two of the molecules, and as many as a map needs; xTB's IE is 0.5 too high.

    Three molecules determine both maps: IE = IPEA1-xTB's − 0.5, EA = GFN2-xTB's.
    """
    monkeypatch.setattr(calibrate, "FEWEST", 2)
    monkeypatch.setattr(calibrate, "FOLDS", 3)
    monkeypatch.setattr(embedded, "FOLDS", 3)
    return pd.DataFrame({
        "smiles": ["CC#N", "O=C1C=CC(=O)C=C1", "CCO", "C"], "status": "ok",
        "IE": [11.9, 9.04, 9.9, 14.0], "EA": [-0.9, 2.22, NAN, -1.0],
    })  # fmt: skip


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
    result = build_embedded(pool, labels, dft, tmp_path, experiment=experiment)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["README.md", "experiment.csv", "failures.csv", "molecules.csv"]
    table = pd.read_csv(tmp_path / "molecules.csv", keep_default_na=False, na_values=[""])
    assert list(table.columns) == COLUMNS
    assert table["smiles"].tolist() == ["O=C1C=CC(=O)C=C1", "CCO", "CC#N"]
    assert table["IE_ipea1"].tolist() == [9.54, 10.4, 12.4]
    failures = pd.read_csv(tmp_path / "failures.csv", keep_default_na=False)
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
    assert table.loc["CC#N", "IE"] == pytest.approx(11.9 + (10.9 - 12.4))
    assert table.loc["O=C1C=CC(=O)C=C1", "EA"] == pytest.approx(2.22 + (4.0 - 2.22))
    ethanol = table.loc["CCO"]
    assert ethanol["IE_b3lyp"] == 9.9
    assert ethanol["IE"] == pytest.approx(ethanol["IE_calibrated"] + (8.12345 - 10.4), abs=2e-4)
    assert ethanol["EA"] == pytest.approx(ethanol["EA_calibrated"] + (-0.5 + 1.1), abs=2e-4)


def test_the_card_says_what_the_tables_say(pool, labels, dft, experiment, tmp_path):
    build_embedded(pool, labels, dft, tmp_path, experiment=experiment)
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "of 3 organic molecules" in card
    assert "2 by density functional theory" in card
    assert "| IE | all | 3 | 0.50 | +0.50 |" in card
    assert "without a label:\n2, listed" in card
    assert "| a bond broke during relaxation | 2 |" in card
    assert "66.7% of the molecules is unbound" in card
    assert "| **chemicals** | **all** | **2** | **2** | **2** |" in card
    assert "| chemicals | (random) | 1 | 2 | 1 |" in card
    assert "| enumerated | benzoquinone | 1 | 0 | 0 |" in card
    assert "From 3 to 8 heavy atoms. Elements: C, H, N, O." in card
    assert "| IE_ipea1 | 9.54 |" in card
    assert "| IE | B3LYP/6-31+G(d) | 1 |" in card
    assert "| IE | IPEA1-xTB | 12 | 0.25 | +0.25 | 1.000 |" in card
    assert "| EA | GFN2-xTB | 3 | 0.50 | -0.50 | 1.000 |" in card
    assert "| EA, bound | GFN2-xTB | 0 | n/a | n/a | n/a |" in card
    for source in SOURCES.values():
        assert source.citation in card
    for package in embedded.SOFTWARE:
        assert re.search(rf"{package} \d", card)
    assert "nan" not in card.lower().split()
    assert "CC BY 4.0" in card


def test_the_same_inputs_give_the_same_bytes(pool, labels, dft, experiment, tmp_path):
    experiment.to_csv(tmp_path / "measured.csv", index=False)
    files = []
    for number, table in enumerate(labels):
        files.append(tmp_path / f"{number}.csv")
        table.round(4).to_csv(files[-1], index=False)
    build_embedded(pool, labels, dft, tmp_path / "a", experiment=experiment)
    build_embedded(pool, files, dft, tmp_path / "b", experiment=tmp_path / "measured.csv")
    build_embedded(pool, labels[::-1], dft, tmp_path / "c", experiment=experiment)
    for name in ("README.md", "experiment.csv", "failures.csv", "molecules.csv"):
        first = (tmp_path / "a" / name).read_bytes()
        assert first == (tmp_path / "b" / name).read_bytes(), name
        assert first == (tmp_path / "c" / name).read_bytes(), name


def test_without_failures_or_families_there_is_a_card_too(pool, labels, dft, experiment, tmp_path):
    chosen = ["CCO", "CC#N"]
    some = pool[pool["smiles"].isin(chosen)].assign(family=NAN)
    table = labels[0][labels[0]["smiles"].isin(chosen)]
    result = build_embedded(some, [table], dft.fillna(-0.4), tmp_path, experiment=experiment)
    assert result.failures.empty
    assert "None." in (tmp_path / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda pool, labels: (pool, labels[:1]), "2 molecules of the pool have no label.*C1C=CC"),
        (lambda pool, labels: (pool.iloc[1:], labels), "1 molecules are labelled but not in"),
        (lambda pool, labels: (pool, [*labels, labels[1]]), "2 molecules are labelled twice"),
        (lambda pool, labels: (pd.concat([pool, pool.head(1)]), labels), "are twice in the pool"),
        (lambda pool, labels: (pool, [labels[0].drop(columns="EA")]), "no column EA"),
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
        (dft.drop(columns="EA"), "no column EA"),
        (pd.concat([dft, dft.head(1)]), "CC#N twice"),
        (tmp_path / "absent.csv", r"cannot read .*absent\.csv"),
    ):
        with pytest.raises(OrganodeError, match=message):
            build_embedded(pool, labels, wrong, tmp_path / "out", experiment=experiment)


def test_nothing_labelled_is_an_error(pool, labels, dft, experiment, tmp_path):
    failed = [table.assign(status="too hot") for table in labels]
    with pytest.raises(OrganodeError, match="no molecule has a label"):
        build_embedded(pool, failed, dft, tmp_path / "out", experiment=experiment)


def test_the_measured_molecules_are_labelled_when_no_table_is_given(
    pool, labels, dft, experiment, tmp_path, monkeypatch
):
    asked = []

    def label_experiment(out, *, jobs):
        asked.append((out, jobs))
        out.parent.mkdir(parents=True, exist_ok=True)
        experiment.to_csv(out, index=False)
        return experiment

    monkeypatch.setattr(embedded, "label_experiment", label_experiment)
    build_embedded(pool, labels, dft, tmp_path / "out", jobs=2)
    assert asked == [(tmp_path / "out" / "experiment.csv", 2)]
