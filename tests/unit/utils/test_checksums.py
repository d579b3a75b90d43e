import json
import random

import pytest

from organode.errors import OrganodeError
from organode.utils.checksums import (
    CHECKSUMS,
    Checked,
    read_json,
    read_sealed,
    write_checksums,
    write_sealed,
)


@pytest.fixture
def folder(tmp_path):
    """Two files with checksums."""
    (tmp_path / "a.npz").write_bytes(bytes(range(256)) * 3)
    (tmp_path / "b.json").write_text(json.dumps({"mean": 8.25, "fold": 1}))
    write_checksums(tmp_path, ["a.npz", "b.json"])
    return tmp_path


def read(folder):
    files = Checked.open(folder, "make it again")
    return files.read("a.npz"), files.json("b.json")


def test_undamaged_files_are_read(folder):
    assert read(folder) == (bytes(range(256)) * 3, {"mean": 8.25, "fold": 1})


@pytest.mark.parametrize("name", ["a.npz", "b.json", CHECKSUMS])
def test_every_flipped_bit_and_truncation_is_noticed(folder, name):
    whole, before = (folder / name).read_bytes(), read(folder)
    bits = random.Random(0).sample(range(8 * len(whole)), min(200, 8 * len(whole)))
    damages = [whole[: len(whole) * share // 4] for share in range(4)]
    for bit in bits:
        content = bytearray(whole)
        content[bit // 8] ^= 1 << bit % 8
        damages.append(bytes(content))
    for content in damages:
        (folder / name).write_bytes(content)
        try:
            after = read(folder)
        except OrganodeError as error:
            assert str(error).endswith("make it again")
            assert str(folder) in str(error)
        else:  # a blank of the JSON of the checksums
            assert name == CHECKSUMS
            assert after == before


@pytest.mark.parametrize("name", ["a.npz", "b.json", CHECKSUMS])
def test_missing_file_is_reported_by_name(folder, name):
    (folder / name).unlink()
    with pytest.raises(OrganodeError, match=rf"{name} is missing: make it again"):
        read(folder)


def test_folder_without_checksums_is_read_if_allowed(folder):
    (folder / CHECKSUMS).unlink()
    assert Checked.open(folder, "", needed=False).json("b.json")["fold"] == 1


@pytest.mark.parametrize("content", ["", "[", "[" * 100_000, "\x00", "{'a': 1}"])
def test_invalid_json_is_reported_with_remedy(tmp_path, content):
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(OrganodeError, match=r"x\.json is damaged: run it"):
        read_json(tmp_path / "x.json", "run it")


def test_damage_of_a_sealed_file_is_noticed(tmp_path):
    path = tmp_path / "x"
    write_sealed(path, b"answers" * 9)
    whole = path.read_bytes()
    assert read_sealed(path) == b"answers" * 9
    for bit in range(8 * len(whole)):
        content = bytearray(whole)
        content[bit // 8] ^= 1 << bit % 8
        path.write_bytes(content)
        assert read_sealed(path) is None
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert read_sealed(path) is None
