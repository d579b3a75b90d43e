"""A built library never answers with other data than was built."""

import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from organode.electrochemistry.scale.potential import Potential
from organode.errors import OrganodeError, UsageError
from organode.library import stream
from organode.library.build import build
from organode.library.built import ARRAYS, INDEX, ROWS, SKETCH, BuiltLibrary, piece_folder
from organode.library.columns import Wanted
from organode.library.engine import Run
from organode.library.find import find
from organode.library.formats import ReadOptions
from organode.models.predictor import Answer
from organode.models.uncertainty.error_bars import Reliability
from organode.screen.engine.memory import answer
from organode.utils.checksums import CHECKSUMS, write_checksums
from organode.utils.predictive import Predictive

SMILES = ["CCO", "c1ccccc1", "junk", "", "O=C1C=CC(=O)C=C1", "CN1c2ccccc2Sc2ccccc21", "CC(=O)O"]


@dataclass
class Fake:
    """A model whose answers depend on what it reads, and which counts its readings."""

    target: str = "IE"
    asked: list[int] = field(default_factory=list)
    scale: SimpleNamespace = field(
        default_factory=lambda: SimpleNamespace(predictive=Predictive([np.array([-1.0, 1.0])]))
    )

    def answer(self, molecules) -> Answer:
        self.asked.append(molecules.n)
        values = molecules.descriptors.sum(axis=1) + molecules.bits.sum(axis=1)
        expected = values * 0.01
        reliability = Reliability(
            expected, values.astype(np.float32), [""] * (molecules.n - 1) + ["why"]
        )
        potential = Potential(values, expected, self.scale.predictive, reliability.reasons)
        second = potential.moved(-0.6, 0.1)
        return Answer(self, np.stack([values, values + 0.1]), reliability, potential, second)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A library of three pieces."""
    folder = tmp_path_factory.mktemp("built")
    (folder / "library.smi").write_text("\n".join(SMILES * 3) + "\n")
    patch = pytest.MonkeyPatch()
    patch.setattr(stream, "CHUNK", len(SMILES))
    library = stream.Library.find([str(folder / "library.smi")], Wanted(), folder)
    build(library, folder / "built", Run("serial", 1, None), 1_000)
    patch.undo()
    return folder / "built"


@pytest.fixture
def built(made, tmp_path):
    """A copy to damage."""
    return Path(shutil.copytree(made, tmp_path / "built"))


def content(folder: Path, model: Fake) -> list[object]:
    """Everything that a screening reads of a library."""
    found: list[object] = []
    library = BuiltLibrary.open(folder)
    found.append((library.name, library.source, library.sizes, library.whole))
    for piece in library.pieces():
        given = piece.given()
        found.append([list(given.ids), list(given.smiles)])
        sketch = piece.fingerprint()
        read = piece.read()
        said = answer(model, "identity", read)
        environments = read.described.environments(2)
        found += [
            list(sketch.status), sketch.counts.toarray(), sketch.key, sketch.molar_mass,
            list(read.status), read.key, read.described.descriptors, read.described.bits,
            read.described.composition.heavy_atoms, read.described.composition.parts,
            *vars(environments).values(), said.predictions, said.reliability.expected,
            said.reliability.similarity, said.reliability.reasons,
        ]  # fmt: skip
    return found


def same(first: list[object], second: list[object]) -> bool:
    return all(
        np.array_equal(one, other) if isinstance(one, np.ndarray) else one == other
        for one, other in zip(first, second, strict=True)
    )


def test_200_flipped_bits_and_cuts_change_nothing_or_are_one_sentence(built):
    before = content(built, Fake())
    files = sorted(path for path in built.rglob("*") if path.is_file())
    assert {path.name for path in files} == {
        INDEX, CHECKSUMS, ROWS, SKETCH, ARRAYS, "IE-identity.answers",
    }  # fmt: skip
    chance = random.Random(16)
    noticed = dict.fromkeys({path.name for path in files}, 0)
    for turn in range(200):
        path = files[turn % len(files)]
        whole = path.read_bytes()
        damaged = bytearray(whole)
        if chance.random() < 0.8:
            damaged[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        else:
            damaged = damaged[: chance.randrange(len(whole))]
        path.write_bytes(damaged)
        try:
            assert same(content(built, Fake()), before), path
        except OrganodeError as error:
            noticed[path.name] += 1
            assert str(path if path.name != CHECKSUMS else path.parent) in str(error)
            assert "build" in str(error)
            assert "\n" not in str(error)
            assert not isinstance(error, UsageError)
        path.write_bytes(whole)
    # What models said is asked again; anything else cannot be made up for.
    assert noticed.pop("IE-identity.answers") == 0
    assert min(noticed.values()) > 0
    assert same(content(built, Fake()), before)


def test_answers_that_are_damaged_are_asked_for_again(built):
    content(built, Fake())
    model = Fake()
    content(built, model)
    assert not model.asked
    kept = piece_folder(built, 1) / "IE-identity.answers"
    kept.write_bytes(kept.read_bytes()[:-1])
    content(built, model)
    content(built, model)
    assert len(model.asked) == 1


@pytest.mark.parametrize("name", [ROWS, SKETCH, ARRAYS, CHECKSUMS])
def test_a_missing_file_is_named(built, name):
    path = piece_folder(built, 2) / name
    path.unlink()
    with pytest.raises(OrganodeError, match=rf"{name} is missing.*library build"):
        content(built, Fake())


@pytest.mark.parametrize("names", [(INDEX,), (INDEX, CHECKSUMS)])
def test_a_folder_without_an_index_is_no_library(built, names):
    for name in names:
        (built / name).unlink()
    with pytest.raises(UsageError, match="holds no finished library"):
        BuiltLibrary.open(built)


def test_a_piece_of_another_length_is_no_piece(built):
    piece = piece_folder(built, 0)
    pd.read_parquet(piece / ROWS).head(3).to_parquet(piece / ROWS)
    write_checksums(piece, [ROWS])
    with pytest.raises(OrganodeError, match=r"rows\.parquet is damaged"):
        next(BuiltLibrary.open(built).pieces()).given()


def test_repeat_units_are_capped_as_the_library_was_built(tmp_path):
    (tmp_path / "units.smi").write_text("*CC(*)c1ccccc1\nCCO\n")
    files = [str(tmp_path / "units.smi")]
    given = find(files, Wanted(), tmp_path, ReadOptions(cap="methyl"))
    for whole in (1_000, 0):  # with what models read, and as a sketch alone
        made = build(given, tmp_path / f"built-{whole}", Run("serial", 1, None), whole)
        (piece,) = made.pieces()
        (chunk,) = given.pieces()
        assert list(piece.given().smiles) == list(chunk.smiles) == ["*CC(*)c1ccccc1", "CCO"]
        for read in (piece.read(), chunk.read(), piece.fingerprint(), chunk.fingerprint()):
            assert list(read.status) == ["ok", "ok"]
            assert "capped with methyl" in read.notes[0]
            assert read.molar_mass[0] == pytest.approx(134.2, abs=0.1)
    folder = [str(tmp_path / "built-0")]
    assert find(folder, Wanted(), tmp_path, ReadOptions()).cap == "methyl"
    with pytest.raises(UsageError, match="was built with --cap methyl"):
        find(folder, Wanted(), tmp_path, ReadOptions(cap="H"))
