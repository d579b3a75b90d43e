"""Damaged files of a trained model: one sentence that names file and command."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from breakages import NONE_BREAKS
from faults import damages
from organode.chem.features import Molecules
from organode.electrochemistry.scale.laboratory import ROWS, Scale
from organode.errors import OrganodeError
from organode.models.ensemble import Ensemble, Member
from organode.models.input_columns import InputColumns
from organode.models.network.network import NetworkSettings
from organode.models.predictor import TargetModel
from organode.models.uncertainty.error_bars import Uncertainty
from organode.pipeline.calibrate import FILES as CALIBRATION_FILES
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
    Ensemble("IE", InputColumns(SETTINGS, empty, empty, np.empty(0), np.empty(0)), members).save(
        folder / "networks"
    )
    label = chance.normal(9, 1, len(CELLS))
    molecules = [Chem.MolFromSmiles(text) for text in CELLS]
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
    Scale.fit("IE", rows, known, label, error, NONE_BREAKS).save(error_bars)
    present = [name for name in CALIBRATION_FILES if (error_bars / name).exists()]
    write_checksums(error_bars, present)
    return folder


@pytest.fixture
def saved(made, tmp_path):
    """A copy to damage."""
    return Path(shutil.copytree(made, tmp_path / "model"))


def load(folder: Path) -> TargetModel:
    return TargetModel.load(folder / "networks", folder / "error_bars")


def numbers(model: TargetModel) -> list[object]:
    """Everything that a model answers with."""
    bars, inputs, scale = model.uncertainty, model.networks.inputs, model.scale
    process = scale.process
    return [
        model.target, repr(model.networks.settings), repr(bars.domain),
        *(value for member in model.networks.members for value in (member.fold, member.mean)),
        *(member.scale for member in model.networks.members),
        bars.difficulty.floor, bars.difficulty.intercept, scale.target, process.mean,
        repr(process.hyperparameters), scale.rows.to_csv(),
        *(array.tobytes() for array in (
            inputs.identifiers, inputs.sites, inputs.mean, inputs.scale, bars.bits, bars.error,
            bars.label, bars.difficulty.coefficients, *bars.predictive.scores,
            *(weights for member in model.networks.members for weights in member.weights),
            scale.bits, scale.measured, scale.left_out, scale.spread, scale.by_line,
            process.centre, process.scale, process.weight, process.factor, process.solved,
            *vars(process.training).values(),
        )),
    ]  # fmt: skip


FILES = [
    "networks/ensemble.json", "networks/inputs.npz", "networks/fold-1.npz",
    f"networks/{CHECKSUMS}", "error_bars/uncertainty.json", "error_bars/uncertainty.npz",
    "error_bars/scale.json", "error_bars/scale.npz", f"error_bars/{CHECKSUMS}",
]  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_damaged_model_is_rejected(saved, name):
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
def test_missing_file_of_model_is_named(saved, name):
    (saved / name).unlink()
    if name.endswith(CHECKSUMS):  # of a model that a former version trained
        load(saved)
        return
    with pytest.raises(
        OrganodeError, match=r"(is missing|holds no|before organode knew).*organode"
    ):
        load(saved)


@pytest.mark.parametrize("name", [name for name in FILES if not name.endswith(CHECKSUMS)])
def test_damaged_model_without_checksums_raises_organode_error(saved, name):
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
