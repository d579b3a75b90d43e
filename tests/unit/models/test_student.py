"""A student: its answers, and its files."""

import json

import numpy as np
import pytest
from scipy.sparse import random as random_sparse

from organode.errors import OrganodeError
from organode.models.ensemble import Ensemble, Member
from organode.models.input_columns import InputColumns
from organode.models.network.network import NetworkSettings
from organode.models.stored_networks import load_networks, network_files
from organode.models.student import Student

SETTINGS = NetworkSettings(
    1, 64, counts=True, orbitals=False, widths=(16,), dropout=0.0, l2=0.0, learning_rate=1e-3
)
INPUTS = InputColumns(
    SETTINGS, np.empty(0, np.uint32), np.empty(0, np.uint32), np.empty(0), np.empty(0)
)
MATRIX = random_sparse(50, 64, 0.1, "csr", np.float32, np.random.default_rng(2))


def weights(outputs):
    rng = np.random.default_rng(1)
    shapes = (64, 16), (16,), (16, outputs), (outputs,)
    return [rng.normal(0, 0.2, shape).astype(np.float32) for shape in shapes]


TEACHER = Ensemble("EA", INPUTS, [Member(fold, 1.0, 0.5, weights(1)) for fold in (2, 0, 1)])


@pytest.fixture
def student():
    return Student.taught(
        TEACHER, SETTINGS, weights(3), np.array([1.0, 2.0, 3.0]), np.array([0.5, 0.5, 2.0])
    )


def test_outputs_are_energies_of_the_members(student):
    hidden = np.maximum(MATRIX @ weights(3)[0] + weights(3)[1], 0)
    scaled = hidden @ weights(3)[2] + weights(3)[3]
    expected = scaled * [0.5, 0.5, 2.0] + [1.0, 2.0, 3.0]
    np.testing.assert_allclose(student.predict(MATRIX), expected.T, atol=5e-3)
    assert student.target == "EA"
    assert student.folds == (2, 0, 1)
    fold = np.array([0, 1, 2, -1])
    assert student.out_of_fold(np.arange(12.0).reshape(3, 4), fold)[:3].tolist() == [4.0, 9.0, 2.0]


def test_saved_student_is_loaded_again_and_takes_half_the_space(student, tmp_path):
    student.save(tmp_path / "student")
    TEACHER.save(tmp_path / "ensemble")
    loaded = load_networks(tmp_path / "student")
    assert isinstance(loaded, Student)
    assert isinstance(load_networks(tmp_path / "ensemble"), Ensemble)
    np.testing.assert_array_equal(loaded.predict(MATRIX), student.predict(MATRIX))
    assert loaded.settings == SETTINGS
    assert {file.name for file in network_files(tmp_path / "student")} == {
        "student.json",
        "student.npz",
    }
    with np.load(tmp_path / "student/student.npz") as arrays:
        assert {array.dtype.name for array in arrays.values() if array.ndim > 1} == {"float16"}
    student.save(tmp_path / "again")
    for file in network_files(tmp_path / "again"):
        assert file.read_bytes() == (tmp_path / "student" / file.name).read_bytes()


@pytest.mark.parametrize("name", ["student.json", "student.npz"])
def test_damaged_student_is_refused(student, tmp_path, name):
    student.save(tmp_path)
    content = bytearray((tmp_path / name).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / name).write_bytes(content)
    with pytest.raises(OrganodeError, match="damaged"):
        load_networks(tmp_path)


def test_student_of_other_settings_is_refused(student, tmp_path):
    student.save(tmp_path)
    content = json.loads((tmp_path / "student.json").read_text())
    (tmp_path / "student.json").write_text(json.dumps(content | {"settings": {"radius": 1}}))
    (tmp_path / "checksums.json").unlink()
    with pytest.raises(OrganodeError, match="student"):
        load_networks(tmp_path)
