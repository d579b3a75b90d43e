"""Files of a trained model that are damaged: one sentence that names file and command."""

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from rdkit import Chem

from organode import artifacts
from organode.chem.features import Molecules
from organode.electrochemistry.scale.laboratory import ROWS, Scale
from organode.errors import OrganodeError
from organode.models.ensemble import Ensemble, Member
from organode.models.input_columns import InputColumns
from organode.models.network.network import Fit, NetworkSettings
from organode.models.predictor import Model
from organode.models.uncertainty.error_bars import Uncertainty
from organode.pipeline import train as stage
from organode.pipeline.calibrate import FILES as CALIBRATION_FILES
from organode.pipeline.train import read_best
from organode.utils.checksums import CHECKSUMS, write_checksums

SETTINGS = NetworkSettings(1, 64, counts=False, orbitals=False, widths=(8,), dropout=0.1, l2=1e-6)
CELLS = ["C" * n + tail for n in range(1, 21) for tail in ("O", "N", "Cl", "=O")]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A model of three small networks, its error bars and its laboratory scale."""
    chance = np.random.default_rng(0)
    members = [
        Member(fold, 9.0, 1.5, [
            chance.normal(size=shape).astype(np.float32) for shape in ((64, 8), (8,), (8, 1), (1,))
        ])
        for fold in range(3)
    ]  # fmt: skip
    empty = np.empty(0, np.uint32)
    folder = tmp_path_factory.mktemp("model")
    Ensemble(
        "IE", InputColumns(SETTINGS, empty, empty, np.empty(0), np.empty(0)), members
    ).save(folder / "networks")  # fmt: skip
    label = chance.normal(9, 1, len(CELLS))
    molecules = [Chem.MolFromSmiles(one) for one in CELLS]
    fold = np.arange(len(CELLS)) % 3
    error_bars = folder / "error_bars"
    error_bars.mkdir()
    Uncertainty.fit(molecules, fold, label + chance.normal(0, 0.2, len(CELLS)), label).save(
        error_bars
    )
    rows = pd.DataFrame("", index=range(len(CELLS)), columns=list(ROWS), dtype="str")
    rows = rows.assign(
        family=[f"family {n % 5}" for n in range(len(CELLS))], solvent="ACN", E_Fc=label - 9
    )
    known = Molecules(molecules)
    error = np.full(len(CELLS), 0.1)
    Scale.fit("IE", rows, known, label, error).save(error_bars)
    present = [name for name in CALIBRATION_FILES if (error_bars / name).exists()]
    write_checksums(error_bars, present)
    return folder


@pytest.fixture
def saved(made, tmp_path):
    """A copy to damage."""
    return Path(shutil.copytree(made, tmp_path / "model"))


def load(folder: Path) -> Model:
    return Model.load(folder / "networks", folder / "error_bars")


def numbers(model: Model) -> list[object]:
    """Everything that a model answers with."""
    bars, inputs, scale = model.uncertainty, model.ensemble.inputs, model.scale
    process = scale.process
    return [
        model.target, repr(model.ensemble.settings), repr(bars.domain),
        *(value for member in model.ensemble.members for value in (member.fold, member.mean)),
        *(member.scale for member in model.ensemble.members),
        bars.difficulty.floor, bars.difficulty.intercept, scale.target, process.mean,
        repr(process.found), scale.rows.to_csv(),
        *(array.tobytes() for array in (
            inputs.identifiers, inputs.sites, inputs.mean, inputs.scale, bars.bits, bars.error,
            bars.label, bars.difficulty.coefficients, *bars.predictive.scores,
            *(weights for member in model.ensemble.members for weights in member.weights),
            scale.bits, scale.measured, scale.left_out, scale.spread, scale.by_line,
            process.centre, process.scale, process.weight, process.factor, process.solved,
            *vars(process.learned).values(),
        )),
    ]  # fmt: skip


def damages(whole: bytes, n: int, seed: int) -> list[bytes]:
    """The content with flipped bits, and cut off."""
    chance = random.Random(seed)
    found = [whole[: chance.randrange(len(whole))] for _ in range(n // 4)]
    while len(found) < n:
        content = bytearray(whole)
        content[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        found.append(bytes(content))
    return found


FILES = [
    "networks/ensemble.json", "networks/inputs.npz", "networks/fold-1.npz",
    f"networks/{CHECKSUMS}", "error_bars/uncertainty.json", "error_bars/uncertainty.npz",
    "error_bars/scale.json", "error_bars/scale.npz", f"error_bars/{CHECKSUMS}",
]  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_model_never_answers(saved, name):
    before, path = numbers(load(saved)), saved / name
    command = "organode train" if "networks" in name else "organode calibrate"
    refused = 0
    for content in damages(path.read_bytes(), 40, 1):
        path.write_bytes(content)
        try:
            assert numbers(load(saved)) == before
        except OrganodeError as error:
            refused += 1
            assert str(path.parent) in str(error)
            assert command in str(error)
            assert "\n" not in str(error)
    assert refused >= 30


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_of_a_model_is_named(saved, name):
    (saved / name).unlink()
    if name.endswith(CHECKSUMS):  # of a model that a former version trained
        load(saved)
        return
    with pytest.raises(
        OrganodeError, match=r"(is missing|holds no|before organode knew).*organode"
    ):
        load(saved)


@pytest.mark.parametrize("name", [name for name in FILES if not name.endswith(CHECKSUMS)])
def test_a_damaged_model_of_a_former_version_gives_no_raw_error(saved, name):
    for checksums in saved.rglob(CHECKSUMS):
        checksums.unlink()
    path = saved / name
    for content in damages(path.read_bytes(), 40, 2):
        path.write_bytes(content)
        try:
            load(saved)
        except OrganodeError as error:
            assert "organode" in str(error)
            assert "\n" not in str(error)


BEST = {"target": "IE", "mae": 0.12, "settings": SETTINGS.as_dict()}


def test_damaged_settings_of_a_search_are_one_sentence(tmp_path):
    path = tmp_path / "best.yaml"
    whole = yaml.safe_dump(BEST).encode()
    path.write_bytes(whole)
    assert read_best(path) == SETTINGS
    refused = 0
    for content in damages(whole, 200, 3):
        path.write_bytes(content)
        try:
            read_best(path)
        except OrganodeError as error:
            refused += 1
            assert str(path) in str(error)
            assert "organode search" in str(error)
            assert "\n" not in str(error)
    assert refused > 100


@pytest.mark.parametrize(
    "wrong",
    [{"radius": -1}, {"radius": "1"}, {"radius": 1.5}, {"n_bits": True}, {"widths": [8, 0]},
     {"widths": "88"}, {"widths": 8}, {"dropout": 1.0}, {"dropout": float("nan")}, {"l2": -1e-3},
     {"learning_rate": 0}, {"batch_size": 0}, {"counts": 1}, {"loss": "hubes"},
     {"protocol": "thasis"}, {"epochs": 3}],
)  # fmt: skip
def test_settings_that_no_network_can_have_are_refused(tmp_path, wrong):
    path = tmp_path / "best.yaml"
    path.write_text(yaml.safe_dump(BEST | {"settings": SETTINGS.as_dict() | wrong}))
    with pytest.raises(OrganodeError, match=r"best\.yaml holds no settings, or damaged ones"):
        read_best(path)


METRICS = {
    part: {"mae": 0.1, "rmse": 0.2, "r2": 0.9, "sd_abs_error": 0.1, "spearman": 0.9, "n": 10}
    for part in ("outer", "out_of_fold", "whole_set")
} | {"margin": 0.3, "scrambled": {}, "intervals": {}, "decision": {}, "measured": {}}


def test_damaged_metrics_are_one_sentence(tmp_path, monkeypatch):
    path = tmp_path / "metrics.json"
    monkeypatch.setattr(artifacts, "metrics_path", lambda _target: path)
    path.write_text(json.dumps(METRICS))
    assert artifacts.read_metrics("IE") == METRICS
    whole = path.read_bytes()
    refused = 0
    for content in [*damages(whole, 100, 4), b"[]", b"null", b"", b'{"outer": 1}']:
        path.write_bytes(content)
        try:
            artifacts.read_metrics("IE")
        except OrganodeError as error:
            refused += 1
            assert "metrics.json is damaged: run `organode evaluate IE` again" in str(error)
    assert refused > 50
    path.unlink()
    with pytest.raises(OrganodeError, match=r"metrics\.json is missing: run `organode evaluate"):
        artifacts.read_metrics("IE")


def kept(work: Path, name: str, change: Callable[[bytes], bytes]) -> Fit | None:
    fit = Fit([np.arange(6.0).reshape(2, 3)], 9.0, 1.5, [0.3], [0.2], 1)
    stage._save(work, 0, fit)
    (work / name).write_bytes(change((work / name).read_bytes()))
    return stage._load(work, 0)


@pytest.mark.parametrize("name", ["fold-0.npz", "fold-0.json"])
def test_a_finished_fold_that_is_damaged_is_trained_again(tmp_path, name):
    assert kept(tmp_path, name, lambda content: content).mean == 9.0
    for change in (lambda content: content[:-3], lambda _: b"", lambda it: it[:9] + b"x" + it[10:]):
        assert kept(tmp_path, name, change) is None
    (tmp_path / name).unlink()
    assert stage._load(tmp_path, 0) is None
