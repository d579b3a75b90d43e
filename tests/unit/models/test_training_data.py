"""The labelled rows of a target, with folds and features."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from organode.artifacts import MORGAN, ORBITALS
from organode.chem.fingerprint import environments
from organode.chem.orbitals.huckel import NAMES, orbitals
from organode.errors import OrganodeError
from organode.models.network.network import NetworkSettings
from organode.models.training_data import Labelled
from organode.pipeline.featurize import as_table
from organode.utils.tables import write_table

SMILES = ["C", "CC", "CCO", "CCCO", "CO", "CCN", "CN", "CCCN", "CCC"]
MOLECULES = [Chem.MolFromSmiles(smiles) for smiles in SMILES]
NAN = np.nan
ROW = [0, 2, 3, 5, 6, 7, 8, 11, 12]
FOLD = [0, 1, 2, None, 0, 1, 2, None, 0]
IE = [12.0, 11.5, NAN, 10.5, 10.8, 9.5, 9.7, 9.4, NAN]
EA = [NAN, -3.0, -2.5, -2.4, NAN, NAN, -1.0, NAN, -2.0]
SETTINGS = NetworkSettings(1, 0, counts=True, orbitals=False, widths=(8,), dropout=0.0, l2=0.0)


@pytest.fixture(scope="module")
def features():
    frontier = orbitals(MOLECULES)
    unfolded = as_table(environments(MOLECULES, 2, frontier.densities))
    return unfolded, pd.DataFrame(frontier.descriptors, columns=list(NAMES))


@pytest.fixture
def written(features, tmp_path, monkeypatch):
    """Write the files that the stages before training write, with some columns changed."""
    monkeypatch.chdir(tmp_path)
    MORGAN.parent.mkdir(parents=True)
    for table, path in zip(features, (MORGAN, ORBITALS), strict=True):
        write_table(table, path)

    def write(**changes):
        table = {"row": ROW, "smiles": SMILES, "IE": IE, "EA": EA, "quality": "ok"}
        curated = pd.DataFrame(table).assign(**changes)
        write_table(curated, tmp_path / "curated.parquet")
        fold = pd.array(FOLD, "Int64")
        split = np.where(fold.isna(), "test", "train")
        splits = pd.DataFrame({"row": ROW, "split": split, "fold": fold})
        write_table(splits, tmp_path / "splits.parquet")
        return tmp_path / "curated.parquet", tmp_path / "splits.parquet"

    return write


def test_rows_with_a_label_of_the_target_are_read(written):
    labelled = Labelled.read("IE", *written())
    assert labelled.row.tolist() == [0, 2, 5, 6, 7, 8, 11]
    assert labelled.fold.tolist() == [0, 1, -1, 0, 1, 2, -1]
    assert labelled.label.tolist() == [12.0, 11.5, 10.5, 10.8, 9.5, 9.7, 9.4]
    np.testing.assert_array_equal(labelled.beside, [NAN, -3, -2.4, NAN, NAN, -1, NAN])
    assert labelled.smiles == ["C", "CC", "CCCO", "CO", "CCN", "CN", "CCCN"]
    assert labelled.positions.tolist() == [0, 1, 3, 4, 5, 6, 7]
    assert labelled.n_folds == 3
    assert not labelled.flagged.any()


def test_targets_change_places(written):
    files = written(EA=[-4.0, -3.0, -2.5, -2.4, NAN, NAN, -1.0, NAN, -2.0])
    labelled = Labelled.read("EA", *files)
    assert labelled.label.tolist() == [-4.0, -3.0, -2.5, -2.4, -1.0, -2.0]
    np.testing.assert_array_equal(labelled.beside, [12, 11.5, NAN, 10.5, 9.7, NAN])


def test_rows_that_curation_doubts_are_flagged(written):
    labelled = Labelled.read("IE", *written(quality=["ok", "outlier", "x", *["ok"] * 5, "x"]))
    assert labelled.flagged.tolist() == [False, True, False, False, False, False, False]


def test_splits_of_another_table_are_rejected(written):
    curated, splits = written()
    moved = pd.read_parquet(splits)
    write_table(moved.assign(row=moved["row"] + 1), splits)
    with pytest.raises(OrganodeError, match=r"splits\.parquet belongs to another .*curated") as e:
        Labelled.read("IE", curated, splits)
    assert "organode split" in str(e.value)


@pytest.mark.parametrize("without", [0, 1, 2, None])
def test_fold_or_test_set_without_a_label_is_rejected(written, without):
    labels = [NAN if fold == without else 9.0 for fold in FOLD]
    known = sum(np.isfinite(labels))
    with pytest.raises(OrganodeError, match=f"only {known} rows have a label EA, too few") as e:
        Labelled.read("EA", *written(EA=labels))
    assert "remove EA from 'targets'" in str(e.value)


def test_no_molecule_is_in_two_parts_and_the_test_set_in_none(written):
    labelled = Labelled.read("IE", *written())
    matrix = labelled.matrix(labelled.inputs(SETTINGS))
    assert matrix.shape[0] == len(labelled.row)
    validated = []
    for fold in range(3):
        (x, y), (x_valid, y_valid) = labelled.parts(matrix, fold, joint=False)
        assert x.shape[0] == len(y)
        assert x_valid.shape[0] == len(y_valid)
        seen = sorted([*y[:, 0], *y_valid[:, 0]])
        assert seen == sorted(labelled.label[labelled.fold >= 0])
        validated += y_valid[:, 0].tolist()
        np.testing.assert_array_equal(x_valid.toarray(), matrix[labelled.fold == fold].toarray())
    assert sorted(validated) == sorted(labelled.label[labelled.fold >= 0])


def test_labels_of_the_other_target_are_a_second_column_where_any_is_known(written):
    labelled = Labelled.read("IE", *written())
    matrix = labelled.matrix(labelled.inputs(SETTINGS))
    (_, y), (_, y_valid) = labelled.parts(matrix, 1, joint=True)
    np.testing.assert_array_equal(y, [[12.0, NAN], [10.8, NAN], [9.7, -1.0]])
    np.testing.assert_array_equal(y_valid, [[11.5, -3.0], [9.5, NAN]])
    # Outside fold 2, of molecules that training may see, nothing is known of the other target.
    unknown = replace(labelled, beside=np.where(labelled.fold == 2, labelled.beside, NAN))
    (_, y), _ = unknown.parts(matrix, 2, joint=True)
    assert y.shape == (4, 1)


def test_columns_are_chosen_without_the_test_set(written):
    labelled = Labelled.read("IE", *written())
    chosen = labelled.inputs(SETTINGS)
    without = replace(labelled, label=labelled.label + 5)  # labels do not matter
    np.testing.assert_array_equal(without.inputs(SETTINGS).identifiers, chosen.identifiers)
    everyone = replace(labelled, fold=np.maximum(labelled.fold, 0)).inputs(SETTINGS)
    assert set(chosen.identifiers) < set(everyone.identifiers)


def test_digest_depends_on_all_that_is_learned_from(written):
    labelled = Labelled.read("IE", *written())
    assert labelled.digest() == Labelled.read("IE", *written()).digest()
    unfolded = labelled.features.unfolded
    others = [
        replace(labelled, label=labelled.label + 1e-9),
        replace(labelled, fold=labelled.fold[::-1]),
        replace(labelled, row=labelled.row + 1),
        replace(labelled, beside=labelled.beside + 1),
        replace(labelled, smiles=["C", *labelled.smiles[1:-1], "CCCF"]),
        replace(labelled, features=replace(
            labelled.features, descriptors=labelled.features.descriptors * 2)),
        replace(labelled, features=replace(
            labelled.features, unfolded=replace(unfolded, count=unfolded.count + 1))),
        replace(labelled, features=replace(
            labelled.features, unfolded=replace(unfolded, density=unfolded.density + 1))),
    ]  # fmt: skip
    digests = {each.digest() for each in (labelled, *others)}
    assert len(digests) == len(others) + 1
