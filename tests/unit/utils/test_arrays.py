import os
import pickle
from dataclasses import dataclass

import numpy as np
import pytest

from organode.utils.arrays import MIN_SHARED, distinct, load_arrays, mapped


@dataclass(frozen=True)
class Part:
    name: str
    arrays: list
    by_name: dict
    pair: tuple


def part() -> Part:
    random = np.random.default_rng(0)
    large = random.normal(size=(60, 50)).astype(np.float32)
    return Part(
        "a",
        [large, np.asfortranarray(random.normal(size=(40, 30))), np.arange(3), np.empty((0, 4))],
        {"bits": random.integers(0, 2**63, 700, dtype=np.uint64), "text": np.array(["x"] * 5_000)},
        (large[::2], np.array([{"no": "array"}] * 2_000, object), 1.5, None),
    )


def arrays(value: Part) -> list:
    return [*value.arrays, *value.by_name.values(), *value.pair[:2]]


def test_mapped_arrays_are_equal_and_shared_by_one_file(tmp_path):
    value = part()
    shared = mapped(value, tmp_path / "arrays")
    assert shared.name == "a"
    assert shared.pair[2:] == (1.5, None)
    for old, new in zip(arrays(value), arrays(shared), strict=True):
        assert new.dtype == old.dtype
        assert np.array_equal(new, old)
        on_disk = old.nbytes >= MIN_SHARED and not old.dtype.hasobject
        assert isinstance(new, np.memmap) == on_disk
        if on_disk:
            assert not new.flags.writeable


def test_file_holds_the_bytes_of_the_arrays_and_no_pickle(tmp_path):
    value = part()
    mapped(value, tmp_path / "arrays")
    content = (tmp_path / "arrays").read_bytes()
    assert value.arrays[0].tobytes() in content
    assert pickle.dumps(value.arrays[0])[:40] not in content


def test_link_in_place_of_the_file_is_replaced(tmp_path):
    (tmp_path / "theirs").write_text("kept")
    (tmp_path / "arrays").symlink_to(tmp_path / "theirs")
    mapped(part(), tmp_path / "arrays")
    assert (tmp_path / "theirs").read_text() == "kept"
    assert not (tmp_path / "arrays").is_symlink()


class Planted:
    def __reduce__(self):
        return os.system, ("touch planted",)


@pytest.mark.parametrize("kind", ["npz", "npy", "pickle"])
def test_pickled_arrays_are_rejected_without_running_code(tmp_path, monkeypatch, kind):
    monkeypatch.chdir(tmp_path)
    hostile = np.array([Planted()], object)
    if kind == "npz":
        np.savez("a.npz", hostile)
    elif kind == "npy":
        with open("a.npz", "wb") as stream:
            np.save(stream, hostile, allow_pickle=True)
    else:
        (tmp_path / "a.npz").write_bytes(pickle.dumps(Planted()))
    with pytest.raises(ValueError, match="pickle"):
        load_arrays(tmp_path / "a.npz")
    assert not (tmp_path / "planted").exists()


@pytest.mark.parametrize("values", [[], [2.5, 1.0, 2.5, 1.0], [2**63 + 1, 7, 2**63 + 1]])
def test_distinct_values_are_those_of_numpy(values):
    array = np.array(values, np.uint64 if 7 in values else float)
    for mine, expected in zip(
        distinct(array), np.unique(array, return_index=True, return_inverse=True), strict=True
    ):
        np.testing.assert_array_equal(mine, expected)
        assert mine.dtype.kind == expected.dtype.kind
