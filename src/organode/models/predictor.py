"""One target's model: the ensemble that predicts, and what is known of its errors."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from organode.chem.features import ModelFeatures, Molecules
from organode.chem.reading.cells import read_molecules
from organode.electrochemistry.references import LI, against_fc
from organode.electrochemistry.scale.laboratory import Scale
from organode.electrochemistry.scale.potential import POTENTIALS, SECOND, Potential
from organode.electrochemistry.scale.process import HOME
from organode.electrochemistry.stability import OXIDISED, REDUCED
from organode.electrochemistry.stability.chance import SIDES, Stability, stable_types
from organode.electrochemistry.stability.verdict import Examined
from organode.models.ensemble import Ensemble
from organode.models.uncertainty.error_bars import LEVEL, Reliability, Uncertainty
from organode.utils import files

CHUNK = 2_000
FORM = {"IE": OXIDISED, "EA": REDUCED}  # that one electron less, or more, leaves


@dataclass(frozen=True)
class Model:
    """What answers a structure with a value, its error bar, and whether to trust it.

    Attributes
    ----------
    ensemble : Ensemble
        The networks.
    uncertainty : Uncertainty
        What their errors out of fold teach.
    scale : Scale
        What their values are worth in a voltammogram.
    """

    ensemble: Ensemble
    uncertainty: Uncertainty
    scale: Scale

    @classmethod
    def load(cls, networks: Path, error_bars: Path) -> Model:
        """Read what `train` and `calibrate` wrote.

        Raises
        ------
        OrganodeError
            If a folder does not hold it whole.
        """
        return cls(Ensemble.load(networks), Uncertainty.load(error_bars), Scale.load(error_bars))

    @property
    def target(self) -> str:
        """IE or EA."""
        return self.ensemble.target

    def answer(self, molecules: ModelFeatures) -> Answer:
        """Predict n checked molecules, one or more."""
        predictions = self.ensemble.predict(self.ensemble.inputs.matrix(molecules))
        energy = predictions.mean(axis=0)
        reliability = self.uncertainty.reliability(molecules, energy)
        first = self.scale.answer(molecules, energy, reliability.expected)
        return Answer(self, predictions, reliability, first, self.scale.second(molecules, first))

    def zero(
        self, reference: str, solvent: str, *, in_cell: bool = False, second: bool = False
    ) -> tuple[float, float]:
        """Return what puts a potential vs Fc/Fc⁺ in acetonitrile on another reference and solvent.

        Parameters
        ----------
        reference : str
            The electrode.
        solvent : str
            Its code.
        in_cell : bool
            Whether as an electrode of a lithium cell shows it, not a voltammogram.
        second : bool
            Whether of second waves.

        Returns
        -------
        shift, spread : float
            V; the latter is the standard deviation of the solvent's effect. How well the reference
            is known against Fc/Fc⁺ is not in it: that moves all potentials together.

        Raises
        ------
        UsageError
            If the reference electrode is not known.
        """
        shift, spread = self.scale.effect(solvent, second=second)
        if in_cell:
            cells = self.scale.in_cells
            shift, spread = shift + cells.shift, math.hypot(spread, cells.spread)
        return shift - against_fc(reference, solvent).volts, spread


@dataclass(frozen=True)
class Answer:
    """What a model says of n molecules.

    Attributes
    ----------
    model : Model
        That answers.
    predictions : numpy.ndarray
        Shape (k, n), eV: of each network.
    reliability : Reliability
        What is thought of them.
    potential, second : Potential
        Of the first and of the second wave, V vs Fc/Fc⁺ in acetonitrile.
    """

    model: Model
    predictions: np.ndarray
    reliability: Reliability
    potential: Potential
    second: Potential

    @property
    def value(self) -> np.ndarray:
        """The prediction in eV, shape (n,)."""
        return np.asarray(self.predictions.mean(axis=0))

    def interval(self, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Return lower and upper bounds in eV, each of shape (n,)."""
        predictive = self.model.uncertainty.predictive
        return predictive.interval(self.predictions, self.reliability.expected, level)

    def measured(
        self, reference: str, solvent: str, *, in_cell: bool = False
    ) -> tuple[Potential, Potential]:
        """Return both waves in a solvent, vs a reference electrode in it: `Model.zero`."""
        first, second = (
            self.model.zero(reference, solvent, in_cell=in_cell, second=which)
            for which in (False, True)
        )
        return self.potential.moved(*first), self.second.moved(*second)

    def table(
        self, level: float, reference: str = LI, solvent: str = HOME, *, in_cell: bool = False
    ) -> pd.DataFrame:
        """Return n rows of the columns `energy_types`.

        eV, and V vs the reference electrode in the solvent, or as in a cell; remarks say why a
        molecule is outside the model's domain, or why an error bar is wide.
        """
        inside = pd.array([not reason for reason in self.reliability.reasons], "boolean")
        waves = self.measured(reference, solvent, in_cell=in_cell)
        of_waves = [
            column for wave in waves for column in (wave.volts, *wave.interval(level), wave.remarks)
        ]
        columns = (self.value, *self.interval(level), inside, self.reliability.reasons, *of_waves)
        return pd.DataFrame(dict(zip(energy_types(self.model.target), columns, strict=True)))


def columns_of(target: str) -> list[str]:
    """Return the columns of a target's computed energy."""
    return [target, *(f"{target}_{name}" for name in ("lower", "upper", "in_domain", "remark"))]


def potential_columns(wave: str) -> list[str]:
    """Return the columns of a wave, such as `E_ox` or `E_ox2`, on the laboratory scale."""
    return [wave, *(f"{wave}_{what}" for what in ("lower", "upper", "remark"))]


def energy_types(target: str) -> dict[str, str]:
    """Return the columns of a target's model, energy and potentials, with their types."""
    energy = columns_of(target)
    waves = [potential_columns(waves[target]) for waves in (POTENTIALS, SECOND)]
    types = dict.fromkeys((*energy, *(name for wave in waves for name in wave)), "float64")
    *_, inside, remark = energy
    return types | {inside: "boolean"} | dict.fromkeys((remark, *(w[-1] for w in waves)), "str")


def predict(
    models: Sequence[Model],
    smiles: Sequence[object],
    *,
    stability: Stability | None = None,
    problems: Sequence[str] = (),
    cap: str = "",
    level: float = LEVEL,
    reference: str = LI,
    solvent: str = HOME,
) -> pd.DataFrame:
    """Predict from structure, one row for each cell.

    Parameters
    ----------
    models : sequence of Model
        One a target; each molecule is parsed once for all of them.
    smiles : sequence of object
        n cells; what is no organic species gets a reason, not an exception.
    stability : Stability, optional
        What says how likely the forms are to last that the potentials are about.
    problems : sequence of str
        Why a row cannot be read at all, empty where it can; n of them, or none.
    cap : str
        What ends repeat units, see `organode.chem.structure`.
    level : float
        Of the intervals: the share of values that are to lie inside.
    reference : str
        Electrode that potentials are given against.
    solvent : str
        Code of the solvent that they are given in.

    Returns
    -------
    pandas.DataFrame
        n rows in the same order: `smiles` as given, `status` (``ok`` or the reason), `note` (what
        was done to the structure first, mostly empty), and for each model what `Answer.table`
        gives and the columns of `SIDES`, missing where there is no prediction.
    """
    parts = []
    for part, molecules, place in _chunks(smiles, problems, cap):
        known = [part]
        examined = [Examined(one) for one in molecules.molecules] if stability else []
        for model in models:
            side = FORM[model.target]
            answers = lasting = None
            if molecules.n:
                answers = model.answer(molecules).table(level, reference, solvent)
                if stability is not None:
                    lasting = stability.table(examined, side, molecules.densities)
            known.append(_in_place(answers, energy_types(model.target), place, len(part)))
            known.append(_in_place(lasting, stable_types(side), place, len(part)))
        parts.append(pd.concat(known, axis=1))
    return pd.concat(parts, ignore_index=True)


def predict_stability(stability: Stability, smiles: Sequence[object]) -> pd.DataFrame:
    """Say of each cell how likely its oxidised and its reduced form are to last.

    Returns
    -------
    pandas.DataFrame
        n rows in the same order: `smiles`, `status` and `note` as of `predict`, and the columns of
        `SIDES`, missing where there is no species.
    """
    parts = []
    for part, molecules, place in _chunks(smiles):
        examined = [Examined(one) for one in molecules.molecules]
        tables = [
            _in_place(
                stability.table(examined, side, molecules.densities) if examined else None,
                stable_types(side), place, len(part),
            )
            for side in SIDES
        ]  # fmt: skip
        parts.append(pd.concat([part, *tables], axis=1))
    return pd.concat(parts, ignore_index=True)


def _chunks(
    smiles: Sequence[object], problems: Sequence[str] = (), cap: str = ""
) -> Iterator[tuple[pd.DataFrame, Molecules, np.ndarray]]:
    """Read cells, some at a time; at least once.

    Yields
    ------
    rows : pandas.DataFrame
        `smiles`, `status` and `note` of each cell.
    molecules : Molecules
        Those that are there.
    place : numpy.ndarray
        Their rows.
    """
    for at in range(0, max(len(smiles), 1), CHUNK):
        cells = smiles[at : at + CHUNK]
        molecules, status, notes = read_molecules(cells, problems[at : at + CHUNK], cap)
        texts = [cell if isinstance(cell, str) else "" for cell in cells]
        yield (
            pd.DataFrame({"smiles": texts, "status": status, "note": notes}, dtype="str"),
            Molecules([molecule for molecule in molecules if molecule is not None]),
            np.flatnonzero([molecule is not None for molecule in molecules]),
        )


def _in_place(
    answers: pd.DataFrame | None, types: Mapping[str, str], place: np.ndarray, n: int
) -> pd.DataFrame:
    """Return n rows, with answers at some of them; the others are empty."""
    empty = {"float64": np.nan, "boolean": pd.NA, "str": ""}
    whole = pd.DataFrame({
        name: pd.Series([empty[kind]] * n, dtype=kind) for name, kind in types.items()
    })  # fmt: skip
    if answers is not None:
        for name in types:
            whole.loc[place, name] = answers[name].set_axis(place)
    return whole


def digest(networks: Path, error_bars: Path) -> str:
    """Return the SHA-256 of a saved model: what it answers with, nothing else."""
    kinds = (Ensemble, networks), (Uncertainty, error_bars), (Scale, error_bars)
    return files.digest(path for kind, folder in kinds for path in kind.files(folder))
