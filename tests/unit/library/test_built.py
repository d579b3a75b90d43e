"""Built libraries: damaged files are detected, repeat units are capped as built."""

import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from organode.electrochemistry.scale.potential import Potential
from organode.electrochemistry.stability import OXIDISED, REDUCED
from organode.electrochemistry.stability.core_finder import core_finder
from organode.errors import OrganodeError, UsageError
from organode.library import stream
from organode.library.build import build
from organode.library.built import (
    FEATURES,
    FINGERPRINTS,
    INDEX,
    ROWS,
    STABILITY,
    BuiltLibrary,
    chunk_folder,
)
from organode.library.columns import Wanted
from organode.library.engine import Run
from organode.library.find import find_library
from organode.library.formats import ReadOptions
from organode.models.predictor import Answer
from organode.models.uncertainty.error_bars import Reliability
from organode.screening.engine.answer_cache import CachedModel
from organode.utils.checksums import CHECKSUMS, write_checksums
from organode.utils.predictive import Predictive

SMILES = ["CCO", "c1ccccc1", "junk", "", "O=C1C=CC(=O)C=C1", "CN1c2ccccc2Sc2ccccc21", "CC(=O)O"]


@dataclass
class FakeModel:
    """A model whose answers depend on the features, and which counts its calls."""

    target: str = "IE"
    calls: list[int] = field(default_factory=list)
    scale: SimpleNamespace = field(
        default_factory=lambda: SimpleNamespace(predictive=Predictive([np.array([-1.0, 1.0])]))
    )

    def answer(self, molecules) -> Answer:
        self.calls.append(molecules.n)
        values = molecules.descriptors.sum(axis=1) + molecules.bits.sum(axis=1)
        expected = values * 0.01
        reliability = Reliability(
            expected, values.astype(np.float32), [""] * (molecules.n - 1) + ["why"]
        )
        potential = Potential(values, expected, self.scale.predictive, reliability.reasons)
        second = potential.moved(-0.6, 0.1)
        return Answer(self, np.stack([values, values + 0.1]), reliability, potential, second)


@pytest.fixture(scope="module")
def undamaged(tmp_path_factory):
    """A library of three chunks."""
    folder = tmp_path_factory.mktemp("built")
    (folder / "library.smi").write_text("\n".join(SMILES * 3) + "\n")
    patch = pytest.MonkeyPatch()
    patch.setattr(stream, "CHUNK", len(SMILES))
    library = stream.Library.find([str(folder / "library.smi")], Wanted(), folder)
    build(library, folder / "built", Run("serial", 1, None), 1_000)
    patch.undo()
    return folder / "built"


@pytest.fixture
def built(undamaged, tmp_path):
    """A copy to damage."""
    return Path(shutil.copytree(undamaged, tmp_path / "built"))


def content(folder: Path, model: FakeModel) -> list[object]:
    """Everything that a screening reads of a library."""
    values: list[object] = []
    library = BuiltLibrary.open(folder)
    values.append((library.name, library.source, library.sizes, library.has_features))
    for chunk in library.chunks():
        given = chunk.as_given()
        values.append([list(given.ids), list(given.smiles)])
        fingerprinted, featurized = chunk.fingerprinted(core_finder().have_core), chunk.featurized()
        answer = CachedModel(model, "identity").answer(featurized)
        features = featurized.features
        values += [
            list(fingerprinted.status), fingerprinted.counts.toarray(), fingerprinted.key,
            fingerprinted.molar_mass, list(featurized.status), featurized.key,
            features.descriptors, features.bits, features.composition.heavy_atoms,
            features.composition.parts, *vars(features.environments(2)).values(),
            answer.predictions, answer.reliability.expected, answer.reliability.similarity,
            answer.reliability.reasons,
        ]  # fmt: skip
        inputs = featurized.stability_inputs.select(range(featurized.features.n)[::-1])
        for side in (OXIDISED, REDUCED):
            values += [inputs.verdicts(side), inputs.orbital(side)]
        values += [inputs.keys(()), inputs.features.descriptors]
    return values


def same(first: list[object], second: list[object]) -> bool:
    return all(
        np.array_equal(left, right) if isinstance(left, np.ndarray) else left == right
        for left, right in zip(first, second, strict=True)
    )


@pytest.mark.parametrize("turns", [100, pytest.param(200, marks=pytest.mark.slow)])
def test_flipped_bits_and_cuts_are_detected_or_change_nothing(built, turns):
    before = content(built, FakeModel())
    files = sorted(path for path in built.rglob("*") if path.is_file())
    assert {path.name for path in files} == {
        INDEX, CHECKSUMS, ROWS, FINGERPRINTS, FEATURES, STABILITY, "IE-identity.answers",
    }  # fmt: skip
    generator = random.Random(16)
    detected = dict.fromkeys({path.name for path in files}, 0)
    for turn in range(turns):
        path = files[turn % len(files)]
        whole = path.read_bytes()
        damaged = bytearray(whole)
        if generator.random() < 0.8:
            damaged[generator.randrange(len(whole))] ^= 1 << generator.randrange(8)
        else:
            damaged = damaged[: generator.randrange(len(whole))]
        path.write_bytes(damaged)
        try:
            assert same(content(built, FakeModel()), before), path
        except OrganodeError as error:
            detected[path.name] += 1
            assert str(path if path.name != CHECKSUMS else path.parent) in str(error)
            assert "build" in str(error)
            assert "\n" not in str(error)
            assert not isinstance(error, UsageError)
        path.write_bytes(whole)
    # Damaged answers are computed again; anything else is an error.
    assert detected.pop("IE-identity.answers") == 0
    assert min(detected.values()) > 0
    assert same(content(built, FakeModel()), before)


def test_damaged_answers_are_computed_again(built):
    content(built, FakeModel())
    model = FakeModel()
    content(built, model)
    assert not model.calls
    kept = chunk_folder(built, 1) / "IE-identity.answers"
    kept.write_bytes(kept.read_bytes()[:-1])
    content(built, model)
    content(built, model)
    assert len(model.calls) == 1


@pytest.mark.parametrize("name", [ROWS, FINGERPRINTS, FEATURES, STABILITY, CHECKSUMS])
def test_missing_file_is_named(built, name):
    path = chunk_folder(built, 2) / name
    path.unlink()
    with pytest.raises(OrganodeError, match=rf"{name} is missing.*library build"):
        content(built, FakeModel())


@pytest.mark.parametrize("names", [(INDEX,), (INDEX, CHECKSUMS)])
def test_folder_without_index_is_rejected(built, names):
    for name in names:
        (built / name).unlink()
    with pytest.raises(UsageError, match="holds no finished library"):
        BuiltLibrary.open(built)


def test_chunk_of_another_length_is_rejected(built):
    folder = chunk_folder(built, 0)
    pd.read_parquet(folder / ROWS).head(3).to_parquet(folder / ROWS)
    write_checksums(folder, [ROWS])
    with pytest.raises(OrganodeError, match=r"rows\.parquet is damaged"):
        next(BuiltLibrary.open(built).chunks()).as_given()


def test_repeat_units_are_capped_as_in_the_build(tmp_path):
    (tmp_path / "units.smi").write_text("*CC(*)c1ccccc1\nCCO\n")
    files = [str(tmp_path / "units.smi")]
    given = find_library(files, Wanted(), tmp_path, ReadOptions(cap="methyl"))
    for in_full in (1_000, 0):  # with features, and with fingerprints only
        built = build(given, tmp_path / f"built-{in_full}", Run("serial", 1, None), in_full)
        (of_built,) = built.chunks()
        (chunk,) = given.chunks()
        assert list(of_built.as_given().smiles) == list(chunk.smiles) == ["*CC(*)c1ccccc1", "CCO"]
        for parsed in (
            of_built.featurized(),
            chunk.featurized(),
            of_built.fingerprinted(core_finder().have_core),
            chunk.fingerprinted(core_finder().have_core),
        ):
            assert list(parsed.status) == ["ok", "ok"]
            assert "capped with methyl" in parsed.notes[0]
            assert parsed.molar_mass[0] == pytest.approx(134.2, abs=0.1)
