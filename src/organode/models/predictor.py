"""The model of one target (ensemble, error bars, laboratory scale), and predictions from SMILES."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from organode.chem.features import ModelFeatures, Molecules
from organode.electrochemistry.references import LI, against_fc
from organode.electrochemistry.scale.gaussian_process import HOME
from organode.electrochemistry.scale.laboratory import Scale
from organode.electrochemistry.scale.names import MeasuredNames
from organode.electrochemistry.scale.potential import POTENTIALS, SECOND, Potential
from organode.electrochemistry.stability import OXIDISED, REDUCED
from organode.electrochemistry.stability.chance import SIDES, Stability, stable_types
from organode.electrochemistry.stability.inputs import ComputedInputs
from organode.models.networks import Networks
from organode.models.stored_networks import load_networks, network_files
from organode.models.uncertainty.error_bars import LEVEL, Reliability, Uncertainty
from organode.utils import files

CHUNK = 2_000  # molecules
FORM = {"IE": OXIDISED, "EA": REDUCED}  # the ion whose stability belongs to a target


@dataclass(frozen=True)
class TargetModel:
    """The model of one target, IE or EA.

    It predicts the energy of a molecule with an error bar, the redox potentials of the molecule,
    and whether the molecule is in the applicability domain.

    Attributes
    ----------
    networks : Networks
        Predict the energy: an ensemble, or a student, a small network that imitates an ensemble.
    uncertainty : Uncertainty
        Error bars of the predicted energies, and the applicability domain.
    scale : Scale
        Converts predicted energies to potentials as measured by voltammetry (laboratory scale).
    """

    networks: Networks
    uncertainty: Uncertainty
    scale: Scale

    @classmethod
    def load(cls, networks: Path, error_bars: Path) -> TargetModel:
        """Read a model from the files in two folders.

        Parameters
        ----------
        networks : Path
            Folder of the target's ensemble, which `organode train` wrote, or of a student.
        error_bars : Path
            Folder to which `organode calibrate` wrote the error bars and the laboratory scale.

        Raises
        ------
        OrganodeError
            If a file is missing or damaged.
        """
        return cls(load_networks(networks), Uncertainty.load(error_bars), Scale.load(error_bars))

    @property
    def target(self) -> str:
        """The target: ``IE`` (ionisation energy) or ``EA`` (electron affinity)."""
        return self.networks.target

    def answer(self, molecules: ModelFeatures) -> Answer:
        """Predict energies and potentials of n ≥ 1 molecules.

        `molecules` holds the features of molecules that `organode.chem.structure` standardised.
        """
        predictions = self.networks.predict(self.networks.inputs.matrix(molecules))
        energy = predictions.mean(axis=0)
        reliability = self.uncertainty.reliability(molecules, energy)
        first = self.scale.answer(molecules, energy, reliability.expected)
        return Answer(self, predictions, reliability, first, self.scale.second(molecules, first))

    def zero(
        self, reference: str, solvent: str, *, in_cell: bool = False, second: bool = False
    ) -> tuple[float, float]:
        """Return the shift of predicted potentials to another reference electrode or solvent.

        The shift starts from the potentials of `Answer`, which are vs Fc/Fc⁺ in acetonitrile.

        Parameters
        ----------
        reference : str
            Reference electrode to convert to, such as ``Li/Li+``.
        solvent : str
            Code of the solvent to convert to, such as ``DMF``.
        in_cell : bool
            Whether to convert to the potential of an electrode in a lithium cell instead of the
            potential in a voltammogram.
        second : bool
            Whether to convert the potentials of second waves instead of those of first waves.

        Returns
        -------
        shift, spread : float
            V: the number to add to a potential, and the standard deviation of this number from
            the effects of solvent and cell. The uncertainty of the reference electrode's potential
            is not part of `spread`, because its error shifts all potentials by the same amount.

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
    """The predictions of a model for n molecules.

    Attributes
    ----------
    model : TargetModel
        The model that made the predictions.
    predictions : numpy.ndarray
        Shape (k, n): energies predicted by each of the k ensemble members, eV.
    reliability : Reliability
        Expected errors and applicability domain.
    potential, second : Potential
        Potentials of the first and of the second wave, V vs Fc/Fc⁺ in acetonitrile.
    """

    model: TargetModel
    predictions: np.ndarray
    reliability: Reliability
    potential: Potential
    second: Potential

    @property
    def value(self) -> np.ndarray:
        """The predicted energies, means over the ensemble members, eV, shape (n,)."""
        return np.asarray(self.predictions.mean(axis=0))

    def interval(self, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Return lower and upper bounds of the energies, eV, each of shape (n,).

        `level` is the share of true energies that are to lie between the bounds, 0 to 1.
        """
        predictive = self.model.uncertainty.predictive
        return predictive.interval(self.predictions, self.reliability.expected, level)

    def measured(
        self, reference: str, solvent: str, *, in_cell: bool = False
    ) -> tuple[Potential, Potential]:
        """Return predicted potentials of first and second waves vs `reference` in `solvent`, V.

        Reference electrode and solvent are named as in `TargetModel.zero`, such as ``Li/Li+`` and
        ``DMF``. With `in_cell`, potentials are those of an electrode in a lithium cell.
        """
        first, second = (
            self.model.zero(reference, solvent, in_cell=in_cell, second=is_second)
            for is_second in (False, True)
        )
        return self.potential.moved(*first), self.second.moved(*second)

    def table(
        self, level: float, reference: str = LI, solvent: str = HOME, *, in_cell: bool = False
    ) -> pd.DataFrame:
        """Return the predictions as a table of n rows, with the columns named by `energy_types`.

        Energies are in eV and potentials in V vs the reference electrode: in the solvent or, with
        `in_cell`, in a lithium cell. `level` is the share of true values that are to lie inside
        their interval, 0 to 1. A remark says why a molecule is outside the applicability domain, or
        why its potential may be wrong; most remarks are empty.
        """
        inside = pd.array([not reason for reason in self.reliability.reasons], "boolean")
        waves = self.measured(reference, solvent, in_cell=in_cell)
        of_waves = [
            column
            for wave in waves
            for column in (wave.volts, *wave.interval(level), self._with_domain(wave.remarks))
        ]
        columns = (self.value, *self.interval(level), inside, self.reliability.reasons, *of_waves)
        return pd.DataFrame(dict(zip(energy_types(self.model.target), columns, strict=True)))

    def _with_domain(self, remarks: Sequence[str]) -> list[str]:
        """Add to remarks on potentials that the energy is outside the domain, where it is."""
        doubt = f"rests on an {self.model.target} outside the domain"
        return [
            "; ".join(filter(None, (remark, doubt if reason else "")))
            for remark, reason in zip(remarks, self.reliability.reasons, strict=True)
        ]


def columns_of(target: str) -> list[str]:
    """Return the names of the five columns of a target's energy, such as `IE` and `IE_lower`."""
    return [target, *(f"{target}_{name}" for name in ("lower", "upper", "in_domain", "remark"))]


def potential_columns(wave: str) -> list[str]:
    """Return the names of the four columns of a wave's potential, such as `E_ox`, `E_ox_lower`."""
    return [wave, *(f"{wave}_{what}" for what in ("lower", "upper", "remark"))]


def energy_types(target: str) -> dict[str, str]:
    """Return the pandas dtype of each column that the model of a target predicts.

    The columns are those of the energy and of the potentials of the first and the second wave.
    """
    energy = columns_of(target)
    waves = [potential_columns(waves[target]) for waves in (POTENTIALS, SECOND)]
    types = dict.fromkeys((*energy, *(name for wave in waves for name in wave)), "float64")
    *_, inside, remark = energy
    return types | {inside: "boolean"} | dict.fromkeys((remark, *(w[-1] for w in waves)), "str")


def predict(
    models: Sequence[TargetModel],
    smiles: Sequence[object],
    *,
    stability: Stability | None = None,
    problems: Sequence[str] = (),
    cap: str = "",
    level: float = LEVEL,
    reference: str = LI,
    solvent: str = HOME,
) -> pd.DataFrame:
    """Predict energies, redox potentials and the stability of the ions of n structures.

    Parameters
    ----------
    models : sequence of TargetModel
        One model for each target; each molecule is parsed once for all models.
    smiles : sequence of object
        n cells of a table: structures, or names in the table of measured potentials. A cell that
        cannot be read as a molecule raises no exception; the column `status` of the result says
        why.
    stability : Stability, optional
        Predicts the probability that the oxidised or the reduced form is stable.
    problems : sequence of str
        n texts: why the row of the table cannot be read; an empty text if it can be read. An empty
        sequence means that all rows can be read.
    cap : str
        End group in place of the ``*`` of a polymer's repeat unit: ``H`` or ``methyl``. If empty,
        repeat units get no prediction.
    level : float
        Share of true values that are to lie inside their interval, 0 to 1.
    reference : str
        Reference electrode of the potentials, such as ``Li/Li+``.
    solvent : str
        Code of the solvent of the potentials, such as ``ACN``.

    Returns
    -------
    pandas.DataFrame
        n rows in the order of `smiles`: `smiles` as given, `status` (``ok`` or the reason why there
        is no prediction), `note` (how the structure was changed before the prediction, mostly
        empty). Then, for each model, the columns of `energy_types`; the probability `stable_ox` or
        `stable_red` that the oxidised or reduced form is stable; and the reason for it,
        `stable_ox_reason` or `stable_red_reason`. Values without a prediction are missing.
    """
    parts = []
    names = MeasuredNames(model.scale.rows for model in models)
    for rows, molecules, positions in _chunks(smiles, problems, cap, names):
        tables = [rows]
        inputs = ComputedInputs(molecules)
        for model in models:
            side = FORM[model.target]
            predicted = stable = None
            if molecules.n:
                predicted = model.answer(molecules).table(level, reference, solvent)
                if stability is not None:
                    stable = stability.table(inputs, side)
            tables.append(_at_rows(predicted, energy_types(model.target), positions, len(rows)))
            tables.append(_at_rows(stable, stable_types(side), positions, len(rows)))
        parts.append(pd.concat(tables, axis=1))
    return pd.concat(parts, ignore_index=True)


def predict_stability(stability: Stability, smiles: Sequence[object]) -> pd.DataFrame:
    """Predict the probability that the oxidised and the reduced form of each structure is stable.

    Returns
    -------
    pandas.DataFrame
        n rows in the order of `smiles`: `smiles`, `status` and `note` as from `predict`, the
        probabilities `stable_ox` and `stable_red`, and the reasons for them, `stable_ox_reason` and
        `stable_red_reason`. If a structure cannot be read, its probabilities and reasons are
        missing.
    """
    parts = []
    for rows, molecules, positions in _chunks(smiles):
        inputs = ComputedInputs(molecules)
        tables = [rows]
        for side in SIDES:
            stable = stability.table(inputs, side) if inputs.n else None
            tables.append(_at_rows(stable, stable_types(side), positions, len(rows)))
        parts.append(pd.concat(tables, axis=1))
    return pd.concat(parts, ignore_index=True)


def _chunks(
    smiles: Sequence[object],
    problems: Sequence[str] = (),
    cap: str = "",
    names: MeasuredNames | None = None,
) -> Iterator[tuple[pd.DataFrame, Molecules, np.ndarray]]:
    """Read structures in chunks of `CHUNK`; an empty sequence gives one empty chunk.

    The parameters are those of `predict`, and the names that are read besides structures.

    Yields
    ------
    rows : pandas.DataFrame
        `smiles`, `status` and `note` of each structure in the chunk.
    molecules : Molecules
        The structures that could be read.
    positions : numpy.ndarray
        Positions of these molecules in the chunk.
    """
    names = names or MeasuredNames(())
    for start in range(0, max(len(smiles), 1), CHUNK):
        cells = smiles[start : start + CHUNK]
        molecules, status, notes = names.read(cells, problems[start : start + CHUNK], cap)
        texts = [cell if isinstance(cell, str) else "" for cell in cells]
        yield (
            pd.DataFrame({"smiles": texts, "status": status, "note": notes}, dtype="str"),
            Molecules([molecule for molecule in molecules if molecule is not None]),
            np.flatnonzero([molecule is not None for molecule in molecules]),
        )


def _at_rows(
    table: pd.DataFrame | None, types: Mapping[str, str], positions: np.ndarray, n: int
) -> pd.DataFrame:
    """Return a table of n rows: the rows of `table` at `positions`, missing values elsewhere.

    If `table` is None, all values are missing. `types` maps the names of the columns to pandas
    dtypes.
    """
    if table is not None and len(table) == n:
        return table[[*types]].astype(dict(types))
    empty = {"float64": np.nan, "boolean": pd.NA, "str": ""}
    columns = {name: pd.Series([empty[kind]] * n, dtype=kind) for name, kind in types.items()}
    whole = pd.DataFrame(columns)
    if table is not None:
        for name in types:
            whole.loc[positions, name] = table[name].set_axis(positions)
    return whole


def digest(networks: Path, error_bars: Path) -> str:
    """Return the SHA-256 of those files of a saved model on which its predictions depend.

    The parameters are those of `TargetModel.load`.
    """
    kinds = (Uncertainty, Scale)
    others = [path for kind in kinds for path in kind.files(error_bars)]
    return files.digest([*network_files(networks), *others])
