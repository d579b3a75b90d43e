"""Second waves, predicted by their splitting: the difference between second and first potential.

Two electrons (or holes) in the same frontier orbital repel each other, and solvation compensates a
part of that. The splitting falls with the size of the orbital and is similar for oxidation and
reduction (Evans, Chem. Rev. 108 (2008) 2113, doi 10.1021/cr068066l). Therefore a single
`GaussianProcess` is fitted to measured splittings of both kinds, with the concentration of the
orbital (the sum of squared densities) in place of the energy. The second electron of a radical
comes from, or goes to, another orbital: for radicals there is no prediction.
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

    The splitting is positive if the second electron needs the more extreme potential.

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
        """Fit the model to measured splittings, differences of second and first potential.

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
            None if there are fewer than `FEWEST` measurements or `FEWEST_FAMILIES` families.
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
        """Predict the second waves of n molecules, in the solvent of the first ones.

        Parameters
        ----------
        target : str
            ``IE`` for the second oxidation, ``EA`` for the second reduction.
        molecules : ModelFeatures
            Features of the n molecules.
        first : Potential
            The predicted first waves of the same molecules.

        Returns
        -------
        Potential
            The second waves; NaN with a remark for a radical. If fewer than `FEWEST` second
            oxidations (for ``IE``) or reductions (for ``EA``) were measured, `UNTESTED` is added to
            the spread in quadrature.
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

        The shift is that from acetonitrile to `solvent`, both given by codes such as ``DMF``.

        Returns
        -------
        shift, spread : float
            V: expected difference between the shifts, and its standard deviation. The shift is zero
            for acetonitrile and for a solvent without measured second waves.
        """
        shift, spread = self.process.solvent_effect(solvent)
        return CHARGE_CHANGE[target] * shift, spread

    def saved(self) -> Saved:
        """Return the fitted model as arrays, and values for a JSON file; `restored` reads them."""
        process = self.process.saved()
        arrays = [self.bits, self.measured, self.left_out, self.spread, *process.arrays]
        return Saved(arrays, {"process": process.texts, "rows": self.rows.to_dict("list")})

    @classmethod
    def restored(cls, saved: Saved) -> WaveSplitting:
        """Return the fitted model from what its method `saved` returned.

        Raises
        ------
        ValueError, KeyError, TypeError
            If an array or a value is missing.
        """
        bits, measured, left_out, spread, *arrays = saved.arrays
        process = GaussianProcess.restored(Saved(arrays, saved.texts["process"]))
        rows = pd.DataFrame(saved.texts["rows"], columns=list(ROWS), dtype="str")
        if not len(rows) == len(bits) == len(measured) == len(process.solved):
            raise ValueError("rows and arrays differ in length")
        return cls(process, bits, measured, left_out, spread, rows)

    def _remarks(self, similarity: np.ndarray, radical: np.ndarray) -> list[str]:
        """Return for each of n second waves why it may be wrong, else an empty text.

        `similarity` has shape (n, m): Tanimoto similarity to the measured molecules.
        """
        names = self.rows["name"].tolist()
        unlike = unlike_measured(similarity, names, "molecule whose second wave was measured")
        return [
            RADICAL if is_radical else remark
            for is_radical, remark in zip(radical.tolist(), unlike, strict=True)
        ]


def without_prediction(first: Potential) -> Potential:
    """Return NaN as second waves of the molecules in `first`: too few were measured for a fit."""
    n = len(first.volts)
    return Potential(np.full(n, np.nan), first.spread, first.predictive, [TOO_FEW] * n)


def _inputs(targets: np.ndarray, molecules: ModelFeatures, solvent: np.ndarray) -> ProcessInputs:
    """Return inputs with the HOMO of molecules whose target is ``IE``, the LUMO for ``EA``.

    `targets` and `solvent` have shape (n,). The orbital's concentration takes the energy's place.
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
