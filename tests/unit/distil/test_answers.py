"""Answers of ensembles for unlabelled molecules: kept in chunks, joined, repaired."""

import numpy as np
import pytest

from organode.chem import parse_flat
from organode.chem.features import Molecules
from organode.distil import answers
from organode.distil.answers import collect_answers, read_answers
from organode.errors import OrganodeError
from organode.library.engine import Workers
from organode.models.ensemble import Ensemble, Member
from organode.models.input_columns import InputColumns
from organode.models.network.network import NetworkSettings

SETTINGS = NetworkSettings(
    1, 64, counts=True, orbitals=False, widths=(8,), dropout=0.0, l2=0.0, learning_rate=1e-3
)
NONE = np.empty(0, np.uint32), np.empty(0, np.uint32), np.empty(0), np.empty(0)
SMILES = ["CCO", "c1ccncc1", "no molecule", "O=C1C=CC(=O)C=C1", "CN(C)C", "C1CCCCC1", "CC#N"]
SERIAL = Workers("serial", 1)


def ensemble(target, members):
    rng = np.random.default_rng(1)
    shapes = (64, 8), (8,), (8, 1), (1,)
    return Ensemble(
        target,
        InputColumns(SETTINGS, *NONE),
        [
            Member(fold, 7.0, 1.0, [rng.normal(0, 1, of).astype(np.float32) for of in shapes])
            for fold in range(members)
        ],
    )


TEACHERS = [ensemble("IE", 2), ensemble("EA", 3)]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(answers, "CHUNK", 3)


def test_answers_are_those_of_each_ensemble_without_unreadable_molecules(tmp_path):
    collect_answers(SMILES, TEACHERS, tmp_path, SERIAL)
    good = Molecules([parse_flat(smiles) for smiles in SMILES if smiles != "no molecule"])
    for place, teacher in enumerate(TEACHERS):
        result = read_answers(tmp_path, place, len(SMILES))
        matrix = teacher.inputs.matrix(good)
        np.testing.assert_array_equal(result.inputs.toarray(), matrix.toarray())
        np.testing.assert_allclose(result.predictions, teacher.predict(matrix).T, rtol=1e-6)


def test_finished_chunks_are_kept_and_a_damaged_one_is_computed_again(tmp_path):
    collect_answers(SMILES, TEACHERS, tmp_path, SERIAL)
    files = sorted(tmp_path.glob("*.npz"))
    assert len(files) == 3
    whole = files[1].read_bytes()
    before = files[0].stat().st_mtime_ns
    files[1].write_bytes(whole[:-1] + b"x")
    with pytest.raises(OrganodeError, match="damaged"):
        read_answers(tmp_path, 0, len(SMILES))
    collect_answers(SMILES, TEACHERS, tmp_path, SERIAL)
    assert files[0].stat().st_mtime_ns == before
    assert files[1].read_bytes() == whole
