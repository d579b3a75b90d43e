"""Predict second waves by the splitting: the difference between second and first potential.

Two electrons (or holes) in the same frontier orbital repel each other, and solvation compensates a
part of this repulsion. The larger the orbital, the smaller the splitting, which is similar for
oxidation and reduction (Evans, Chem. Rev. 108 (2008) 2113, doi 10.1021/cr068066l). Therefore a
single `GaussianProcess` is fitted to measured splittings of oxidations and reductions. The input
`energy` of this process is the concentration of the orbital (the sum of squared densities). The
second electron of a radical comes from, or goes to, another orbital than the first: for radicals
there is no prediction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from organode.chem.features import ModelFeatures
from organode.chem.orbitals.huckel import NAMES
from organode.chem.similarity import tanimoto
from organode.electrochemistry.scale.frontier import FRONTIER_ORBITAL, process_inputs
from organode.electrochemistry.scale.gaussian_process import (
    HOME,
    GaussianProcess,
    ProcessInputs,
    Saved,
)
from organode.electrochemistry.scale.potential import Potential
from organode.electrochemistry.scale.remarks import unlike_measured
from organode.electrochemistry.types import CHARGE_CHANGE

FEWEST, FEWEST_FAMILIES = 20, 4  # least number of second waves, and of families, for a fit
# V; a choice: added to the spread of second oxidations (reductions) if fewer than FEWEST of that
# kind were measured.
UNTESTED = 0.2
RADICAL = "the second electron of a radical is not predicted"
TOO_FEW = "too few second waves were measured for a prediction"
ROWS = ("name", "smiles", "family", "solvent", "target", "doi", "row")


@dataclass(frozen=True)
class WaveSplitting:
    """A fitted model of the splitting, the difference between second and first potential.

    The splitting is positive if the second potential is higher than the first for an oxidation, or
    lower than the first for a reduction.

    Attributes
    ----------
    process : GaussianProcess
        Predicts the splitting.
    bits : numpy.ndarray
        Shape (m, 32), uint64: Morgan fingerprints of the measured molecules, 64 bits in a number.
    measured, left_out, spread : numpy.ndarray
        Shape (m,), V: measured splitting; prediction by a fit without the molecule's family; and
        the standard deviation of that prediction.
    rows : pandas.DataFrame
        The m measurements, with the columns `ROWS` as text: `target` is ``IE`` for a second
        oxidation and ``EA`` for a second reduction, `row` the number in the table of measured
        potentials.
    """

    process: GaussianProcess
    bits: np.ndarray
    measured: np.ndarray
    left_out: np.ndarray
    spread: np.ndarray
    rows: pd.DataFrame

    @classmethod
    def fit(cls, rows: pd.DataFrame, molecules: ModelFeatures) -> WaveSplitting | None:
        """Fit the model to measured splittings, differences between second and first potential.

        Parameters
        ----------
        rows : pandas.DataFrame
            m rows, as from `organode.electrochemistry.measured.second_waves`: the columns `ROWS`
            and `splitting`, V.
        molecules : ModelFeatures
            Features of the molecules in these rows.

        Returns
        -------
        WaveSplitting or None
            The fitted model; None if there are fewer than `FEWEST` measurements or
            `FEWEST_FAMILIES` families.
        """
        families = rows["family"].to_numpy(str)
        if len(rows) < FEWEST or len(set(families)) < FEWEST_FAMILIES:
            return None
        volts, targets = rows["splitting"].to_numpy(float), rows["target"].to_numpy(str)
        inputs = _inputs(targets, molecules, rows["solvent"].to_numpy(str))
        similarity = tanimoto(molecules.bits, molecules.bits).astype(float)
        with threadpool_limits(1):  # the same sums on every machine
            process = GaussianProcess.fit(inputs, similarity, volts)
            left_out, spread = process.leave_families_out(families, similarity, volts)
        kept = rows[list(ROWS)].astype("str").reset_index(drop=True)
        return cls(process, molecules.bits, volts, left_out, spread, kept)

    def answer(self, target: str, molecules: ModelFeatures, first: Potential) -> Potential:
        """Predict the second waves of n molecules in acetonitrile.

        Parameters
        ----------
        target : str
            ``IE`` for the second oxidation, ``EA`` for the second reduction.
        molecules : ModelFeatures
            Features of the n molecules.
        first : Potential
            The predicted first waves of the same molecules in acetonitrile.

        Returns
        -------
        Potential
            The second waves; NaN with a remark for a radical. If fewer than `FEWEST` second
            oxidations (for ``IE``) or reductions (for ``EA``) were measured, a further standard
            deviation, `UNTESTED` (0.2 V), is added in quadrature to the standard deviations.
        """
        targets, home = np.full(molecules.n, target), np.full(molecules.n, HOME)
        with threadpool_limits(1):
            similarity = tanimoto(molecules.bits, self.bits).astype(float)
            splitting, spread = self.process.predict(_inputs(targets, molecules, home), similarity)
        if (self.rows["target"] == target).sum() < FEWEST:
            spread = np.hypot(spread, UNTESTED)
        radical = molecules.descriptors[:, NAMES.index("unpaired")] > 0
        volts = np.where(radical, np.nan, first.volts + CHARGE_CHANGE[target] * splitting)
        wider = np.hypot(first.spread, spread)
        return Potential(volts, wider, first.predictive, self._remarks(similarity, radical))

    def effect(self, target: str, solvent: str) -> tuple[float, float]:
        """Return how much further second waves shift than first waves in another solvent.

        Both kinds of wave shift from acetonitrile to `solvent`, a code such as ``DMF``.

        Returns
        -------
        shift, spread : float
            V: expected shift of second waves minus that of first waves, and the standard deviation
            of this difference. The difference is expected to be zero for acetonitrile and for a
            solvent without measured second waves.
        """
        shift, spread = self.process.solvent_effect(solvent)
        return CHARGE_CHANGE[target] * shift, spread

    def saved(self) -> Saved:
        """Return the fitted model as arrays and JSON values, from which `restored` builds it."""
        process = self.process.saved()
        arrays = [self.bits, self.measured, self.left_out, self.spread, *process.arrays]
        return Saved(arrays, {"process": process.texts, "rows": self.rows.to_dict("list")})

    @classmethod
    def restored(cls, saved: Saved) -> WaveSplitting:
        """Build a fitted model from what its method `saved` returned.

        Raises
        ------
        ValueError, KeyError, TypeError
            If an array or a value is missing, or arrays differ in length.
        """
        bits, measured, left_out, spread, *arrays = saved.arrays
        process = GaussianProcess.restored(Saved(arrays, saved.texts["process"]))
        rows = pd.DataFrame(saved.texts["rows"], columns=list(ROWS), dtype="str")
        if not len(rows) == len(bits) == len(measured) == len(process.solved):
            raise ValueError("rows and arrays differ in length")
        return cls(process, bits, measured, left_out, spread, rows)

    def _remarks(self, similarity: np.ndarray, radical: np.ndarray) -> list[str]:
        """Return for each of n predictions a text on why it may be wrong, else an empty text.

        `similarity`, shape (n, m): Tanimoto similarity to the m measured molecules. `radical`,
        shape (n,): whether the molecule is a radical, for which there is no prediction.
        """
        names = self.rows["name"].tolist()
        unlike = unlike_measured(similarity, names, "molecule whose second wave was measured")
        return [
            RADICAL if is_radical else remark
            for is_radical, remark in zip(radical.tolist(), unlike, strict=True)
        ]


def without_prediction(first: Potential) -> Potential:
    """Return NaN for all second waves, since too few were measured for a fit.

    `first` are the predicted first waves of the same molecules.
    """
    n = len(first.volts)
    return Potential(np.full(n, np.nan), first.spread, first.predictive, [TOO_FEW] * n)


def _inputs(targets: np.ndarray, molecules: ModelFeatures, solvent: np.ndarray) -> ProcessInputs:
    """Return the inputs of the Gaussian process that predicts splittings of n molecules.

    `targets`, shape (n,): ``IE`` for molecules whose HOMO the inputs describe, ``EA`` for the LUMO.
    `solvent`, shape (n,): codes of solvents. The input `energy` is the orbital's concentration.
    """
    none = np.zeros(molecules.n)
    columns = []
    for target, orbital in FRONTIER_ORBITAL.items():
        concentration = molecules.descriptors[:, NAMES.index(f"{orbital} self")]
        inputs = process_inputs(target, molecules, concentration, none, none, none, solvent)
        columns.append(inputs.columns())
    oxidised = targets == "IE"
    return ProcessInputs(
        *(
            np.where(oxidised if of_ie.ndim == 1 else oxidised[:, None], of_ie, of_ea)
            for of_ie, of_ea in zip(*columns, strict=True)
        )
    )
