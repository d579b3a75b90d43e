"""Molecules that no network learned, for error bars."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from helpers import ROOT
from organode.chem.features import Molecules
from organode.models.ensemble import Ensemble, Member
from organode.models.input_columns import InputColumns
from organode.models.splits import group, held_out
from organode.pipeline import held_out as module
from organode.pipeline.held_out import read_held_out
from organode.search.space import STRONG

SMILES = pd.read_csv(ROOT / "data/embedded/molecules.csv", nrows=120)["smiles"].tolist()


@pytest.fixture
def ensemble():
    settings = replace(STRONG, widths=(4,), orbitals=False)
    molecules = Molecules([Chem.MolFromSmiles(smiles) for smiles in SMILES])
    inputs = InputColumns.choose(settings, molecules, np.arange(len(SMILES)))
    random = np.random.default_rng(0)
    shapes = [(len(inputs.identifiers), 4), (4,), (4, 1), (1,)]
    members = [
        Member(fold, 5.0, 1.0, [random.normal(size=shape).astype(np.float32) for shape in shapes])
        for fold in range(3)
    ]
    return Ensemble("EA", inputs, members)


def project(folder, monkeypatch, source):
    monkeypatch.chdir(folder)
    (folder / "data/raw").mkdir(parents=True)
    (folder / "data/raw/provenance.json").write_text(json.dumps({"source": source}))
    pd.DataFrame({"smiles": SMILES, "EA": np.arange(len(SMILES))}).to_csv("more.csv", index=False)
    monkeypatch.setattr(module, "read_table", lambda *_: pd.DataFrame({"smiles": SMILES[:30]}))
    return folder / "more.csv"


def test_a_tenth_is_predicted_by_one_member_each(ensemble, tmp_path, monkeypatch):
    found = read_held_out(project(tmp_path, monkeypatch, "embedded"), ensemble)
    known = set(group(SMILES[:30], "random"))
    groups = group(SMILES, "random")
    new = np.array([name not in known for name in groups])
    rows = np.flatnonzero(held_out(SMILES) & new)
    assert 0 < len(rows) < len(SMILES) / 4
    assert found.label.tolist() == rows.tolist()
    matrix = ensemble.inputs.matrix(Molecules(found.molecules))
    every = ensemble.predict(matrix)
    np.testing.assert_array_equal(found.prediction, every[found.fold, np.arange(len(rows))])
    assert set(found.fold.tolist()) <= {0, 1, 2}


def test_labels_of_another_protocol_do_not_count(ensemble, tmp_path, monkeypatch):
    found = read_held_out(project(tmp_path, monkeypatch, "file"), ensemble)
    assert (found.molecules, len(found.label)) == ([], 0)


def test_without_a_held_out_scaffold_there_is_none(ensemble, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "held_out", lambda smiles: np.zeros(len(smiles), bool))
    found = read_held_out(project(tmp_path, monkeypatch, "embedded"), ensemble)
    assert (found.molecules, len(found.label)) == ([], 0)
