"""The laboratory scale: from a computed energy to the potential that a voltammogram shows.

A `GaussianProcess` is fitted to measured potentials. It predicts reversible waves: in the fit,
irreversible waves have their own shift and noise. If the transfer of the electron breaks a bond of
the ion, as in an alkyl halide (dissociative electron transfer: Houmam, Chem. Rev. 108 (2008) 2180),
the wave is shifted and far less certain. A model fitted to results of xTB predicts such breaks.

Each family of molecules is left out in turn and predicted by a fit to all other families. The
errors of these predictions, divided by their predicted standard deviations, give the error bars of
new predictions (conformal prediction with normalised scores: Papadopoulos, Gammerman and Vovk,
Proc. IASTED AIA 2008, 64; Lei et al., J. Am. Stat. Assoc. 113 (2018) 1094, doi
10.1080/01621459.2017.1307116).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from organode.chem.features import ModelFeatures
from organode.chem.similarity import tanimoto
from organode.electrochemistry.references import FC, LI, against_fc
from organode.electrochemistry.scale.frontier import process_inputs
from organode.electrochemistry.scale.gaussian_process import HOME, GaussianProcess, Saved
from organode.electrochemistry.scale.potential import POTENTIALS, Potential
from organode.electrochemistry.scale.remarks import falls_apart, unlike_measured
from organode.electrochemistry.scale.second_wave import WaveSplitting, without_prediction
from organode.electrochemistry.stability.breakage import Breakage
from organode.electrochemistry.stability.rules import OXIDISED, REDUCED
from organode.errors import OrganodeError
from organode.utils.arrays import load_arrays, save_arrays
from organode.utils.checksums import Checked, damaged
from organode.utils.files import write_json
from organode.utils.predictive import Predictive

ARRAYS, DESCRIPTION = "scale.npz", "scale.json"
FILES = (ARRAYS, DESCRIPTION)
FEWEST, FEWEST_FAMILIES = 20, 4  # least numbers of measurements, and of families, for a fit
FEWEST_CELLS = 5  # least number of lithium cells, for a fit of their shift
UNKNOWN = 0.5  # V; a choice: the spread of the shift where fewer cells were measured
LEAST = 0.1  # V; least spread of it: so far apart are papers on a plateau of the same material
MAD = 1.4826  # standard deviation over median absolute deviation of a normal distribution
CARBONATE = "PC"  # solvent whose Li/Li+ is taken for that of the cells
ION = {"IE": OXIDISED, "EA": REDUCED}  # what is left when the electron has left or come
IRREVERSIBLE = {"no": 1.0, "quasi": 0.5}  # probability; 0 for all other waves


@dataclass(frozen=True)
class InCells:
    """The difference between potentials in a lithium cell and in solution.

    The difference arises because lithium ions bind to the reduced form of a molecule, and because
    the electrode is a solid.

    Attributes
    ----------
    shift, spread : float
        V: median, and robust standard deviation (1.48 times the median absolute deviation, but at
        least 0.1 V), of average potentials measured in cells minus potentials predicted in
        propylene carbonate, both vs Li/Li+.
    n : int
        Number of cells. With fewer than 5 cells the shift is 0 and the spread 0.5 V.
    """

    shift: float
    spread: float
    n: int

    @classmethod
    def fit(cls, measured: np.ndarray, predicted: np.ndarray) -> InCells:
        """Fit to average potentials of n cells, measured and predicted: (n,), V vs Li/Li+."""
        n = len(measured)
        if n < FEWEST_CELLS:
            return cls(0.0, UNKNOWN, n)
        error = measured - predicted
        shift = float(np.median(error))
        spread = MAD * float(np.median(np.abs(error - shift)))
        return cls(round(shift, 3), round(max(spread, LEAST), 3), n)


@dataclass(frozen=True)
class Scale:
    """The laboratory scale of one target: predicts measured potentials from computed energies.

    Attributes
    ----------
    target : str
        ``IE`` for first oxidations, ``EA`` for first reductions.
    process : GaussianProcess
        Predicts the potentials.
    breakage : Breakage
        Gives the probability that a bond breaks or forms when the electron leaves or enters.
    bits : numpy.ndarray
        Shape (m, 32), uint64: Morgan fingerprints of the measured molecules, 64 bits in a number,
        as from `packed_bits`.
    measured, left_out, spread : numpy.ndarray
        Shape (m,), V vs Fc/Fc⁺: measured potential; prediction by a fit without the molecule's
        family; and the standard deviation of this prediction.
    by_line : numpy.ndarray
        Shape (m,), V: prediction by a straight line in the energy, fitted without the molecule's
        family, for comparison.
    rows : pandas.DataFrame
        The m measurements: columns `ROWS`, such as ``smiles`` and ``family``, as text.
    in_cells : InCells
        The difference between potentials in a lithium cell and in solution.
    splitting : WaveSplitting or None
        Predicts second waves; None if too few second waves were measured.
    """

    target: str
    process: GaussianProcess
    breakage: Breakage
    bits: np.ndarray
    measured: np.ndarray
    left_out: np.ndarray
    spread: np.ndarray
    by_line: np.ndarray
    rows: pd.DataFrame
    in_cells: InCells = InCells(0.0, UNKNOWN, 0)
    splitting: WaveSplitting | None = None

    @classmethod
    def fit(
        cls,
        target: str,
        rows: pd.DataFrame,
        molecules: ModelFeatures,
        energy: np.ndarray,
        error: np.ndarray,
        breakage: Breakage,
    ) -> Scale:
        """Fit the scale to m measured potentials.

        Parameters
        ----------
        target : str
            ``IE`` or ``EA``.
        rows : pandas.DataFrame
            m rows as from `organode.electrochemistry.measured.first_waves`: columns `ROWS`, and
            `E_Fc`, V vs Fc/Fc⁺.
        molecules : ModelFeatures
            Features of the molecules of these rows.
        energy, error : numpy.ndarray
            Shape (m,), eV: IE or EA as predicted by networks that had not seen the molecule, and
            the expected absolute error of that prediction.
        breakage : Breakage
            A model that was fitted to oxidised ions for ``IE``, or to reduced ions for ``EA``.

        Raises
        ------
        OrganodeError
            If there are fewer than `FEWEST` measurements or `FEWEST_FAMILIES` families.
        """
        families = rows["family"].to_numpy(str)
        if len(rows) < FEWEST or len(set(families)) < FEWEST_FAMILIES:
            raise OrganodeError(
                f"{len(rows)} measured {POTENTIALS[target]} of {len(set(families))} families are "
                f"too few for a laboratory scale: bring at least {FEWEST} of {FEWEST_FAMILIES} "
                "families (calibrate.measured in params.yaml)"
            )
        measured = rows["E_Fc"].to_numpy(float)
        irreversible = rows["reversible"].map(IRREVERSIBLE).fillna(0.0).to_numpy(float)
        solvent = rows["solvent"].to_numpy(str)
        bits = molecules.bits
        similarity = tanimoto(bits, bits).astype(float)
        breaks = breakage.chance(molecules)
        inputs = process_inputs(target, molecules, energy, error, irreversible, breaks, solvent)
        by_line = np.empty(len(rows))
        with threadpool_limits(1):  # the same sums on every machine
            process = GaussianProcess.fit(inputs, similarity, measured)
            left_out, spread = process.leave_families_out(families, similarity, measured)
            for family in sorted(set(families)):
                out, rest = families == family, families != family
                line = np.polyfit(energy[rest], measured[rest], 1)
                by_line[out] = np.polyval(line, energy[out])
        kept = rows[list(ROWS)].astype("str").reset_index(drop=True)
        return cls(target, process, breakage, bits, measured, left_out, spread, by_line, kept)

    @property
    def predictive(self) -> Predictive:
        """Distribution of prediction errors, from which prediction intervals are computed.

        The errors are those of the fits without the molecule's family, each divided by the standard
        deviation of the prediction.
        """
        return Predictive([np.sort(self._scores)])

    @property
    def _scores(self) -> np.ndarray:
        return np.asarray((self.measured - self.left_out) / self.spread)

    def answer(self, molecules: ModelFeatures, energy: np.ndarray, error: np.ndarray) -> Potential:
        """Predict the first waves of n molecules in acetonitrile, all taken as reversible.

        Parameters
        ----------
        molecules : ModelFeatures
            Features of the molecules.
        energy, error : numpy.ndarray
            Shape (n,), eV: predicted IE or EA, and expected absolute error of this prediction.
        """
        with threadpool_limits(1):
            similarity = tanimoto(molecules.bits, self.bits).astype(float)
            reversible, home = np.zeros(molecules.n), np.full(molecules.n, HOME)
            breaks = self.breakage.chance(molecules)
            inputs = process_inputs(self.target, molecules, energy, error, reversible, breaks, home)
            volts, spread = self.process.predict(inputs, similarity)
        return Potential(volts, spread, self.predictive, self._remarks(similarity, volts, breaks))

    def second(self, molecules: ModelFeatures, first: Potential) -> Potential:
        """Predict the second waves of n molecules from the first waves that `answer` returned.

        All predictions are NaN if the scale has no model of second waves (`splitting` is None).
        """
        if self.splitting is None:
            return without_prediction(first)
        return self.splitting.answer(self.target, molecules, first)

    def with_cells(
        self,
        molecules: ModelFeatures,
        energy: np.ndarray,
        error: np.ndarray,
        volts: np.ndarray,
        electrons: np.ndarray,
    ) -> Scale:
        """Return a copy of the scale whose `in_cells` is fitted to measured lithium cells.

        Parameters
        ----------
        molecules, energy, error
            Features of n molecules; their predicted IE or EA, and the expected absolute error of
            this prediction, each of shape (n,), eV.
        volts : numpy.ndarray
            Shape (n,): measured average potentials, V vs Li/Li+.
        electrons : numpy.ndarray
            Shape (n,): 1 or 2, the number of electrons over which each potential is averaged.
        """
        first = self.answer(molecules, energy, error)
        second = self.second(molecules, first).volts
        both = (electrons == 2) & np.isfinite(second)
        predicted = np.where(both, (first.volts + second) / 2, first.volts)
        shift, _ = self.effect(CARBONATE)
        zero = against_fc(LI, CARBONATE).volts
        return replace(self, in_cells=InCells.fit(volts, predicted + shift - zero))

    def effect(self, solvent: str, *, second: bool = False) -> tuple[float, float]:
        """Return the shift of waves, in V vs Fc/Fc⁺, from acetonitrile to a solvent.

        `second` chooses second waves instead of first waves.

        Returns
        -------
        shift, spread : float
            V: expected shift, and its standard deviation. For a solvent in which nothing was
            measured, the shift is 0 and the standard deviation that of the prior.
        """
        shift, spread = self.process.solvent_effect(solvent)
        if not second or self.splitting is None:
            return shift, spread
        more_shift, more_spread = self.splitting.effect(self.target, solvent)
        return shift + more_shift, math.hypot(spread, more_spread)

    def _remarks(self, similarity: np.ndarray, volts: np.ndarray, breaks: np.ndarray) -> list[str]:
        """Return for each of n potentials a text on why it may be wrong, else an empty text.

        `similarity`, shape (n, m): Tanimoto similarity to the m measured molecules; `volts`, shape
        (n,), V vs Fc/Fc⁺; `breaks`, shape (n,): probability that a bond of the ion breaks or forms.
        """
        falling = falls_apart(ION[self.target], breaks)
        low, high = self.measured.min(), self.measured.max()
        outside = f"beyond all that was measured ({low:.1f} to {high:.1f} V vs {FC})"
        beyond = ["" if low <= potential <= high else outside for potential in volts]
        unlike = unlike_measured(similarity, self.rows["name"].tolist())
        return ["; ".join(filter(None, all_)) for all_ in zip(falling, beyond, unlike, strict=True)]

    def table(self, level: float) -> pd.DataFrame:
        """Return a table of the measurements and predictions by fits without the molecule's family.

        Returns
        -------
        pandas.DataFrame
            m rows: columns `ROWS`; `measured`, `left_out` and `by_line` as in `Scale`; and `lower`
            and `upper`, the ends of an interval that is to contain the measured potential with
            probability `level`, from the errors of all other families. V vs Fc/Fc⁺.
        """
        lower, upper = np.empty(len(self.rows)), np.empty(len(self.rows))
        scores = self._scores
        families = self.rows["family"].to_numpy(str)
        for family in set(families):
            out = families == family
            others = Predictive([np.sort(scores[~out])])
            lower[out], upper[out] = others.interval(
                self.left_out[None, out], self.spread[out], level
            )
        return self.rows.assign(
            measured=self.measured,
            left_out=self.left_out,
            by_line=self.by_line,
            lower=lower,
            upper=upper,
        )

    def save(self, folder: Path) -> None:
        """Write the scale to a folder: arrays to ``scale.npz``, all else to ``scale.json``."""
        process, splitting = self.process.saved(), self.splitting
        arrays = [self.bits, self.measured, self.left_out, self.spread, self.by_line]
        arrays += [*self.breakage.arrays(), *process.arrays]
        texts: dict[str, object] = {
            "target": self.target,
            "potential": f"{POTENTIALS[self.target]}, V vs {FC}, in {HOME}",
            "process": process.texts,
            "in_cells": asdict(self.in_cells),
            "rows": self.rows.to_dict("list"),
        }
        if splitting is not None:
            saved = splitting.saved()
            arrays += saved.arrays
            texts["splitting"] = saved.texts
        save_arrays(folder / ARRAYS, arrays)
        write_json(folder / DESCRIPTION, texts)

    @staticmethod
    def files(folder: Path) -> list[Path]:
        """Return the paths of the two files that `save` writes to a folder."""
        return [folder / name for name in FILES]

    @classmethod
    def load(cls, folder: Path) -> Scale:
        """Read the scale that `save` wrote to a folder.

        Raises
        ------
        OrganodeError
            If a file is missing or damaged, or was written by an earlier version of organode.
        """
        if not (folder / DESCRIPTION).exists():
            raise OrganodeError(EARLIER.format("the laboratory scale"))
        files = Checked.open(folder, "run `organode calibrate` or `dvc repro` again", needed=False)
        texts, content = files.json(DESCRIPTION), files.read(ARRAYS)
        if "hyperparameters" in texts:  # where an earlier version, with one process, stored them
            raise OrganodeError(EARLIER.format("second waves"))
        try:
            if "breaks" not in texts["process"]["hyperparameters"]:
                raise OrganodeError(EARLIER.format("ions that fall apart"))
            arrays = load_arrays(content)
            bits, measured, left_out, spread, by_line = arrays[:5]
            first, n = 5 + Breakage.N_ARRAYS, GaussianProcess.N_ARRAYS
            breakage, rest = Breakage.restored(arrays[5:first]), arrays[first:]
            process = GaussianProcess.restored(Saved(rest[:n], texts["process"]))
            rows = pd.DataFrame(texts["rows"], columns=list(ROWS), dtype="str")
            if not len(rows) == len(bits) == len(measured) == len(process.solved):
                raise ValueError("rows and arrays differ in length")
            splitting = None
            if "splitting" in texts:
                splitting = WaveSplitting.restored(Saved(rest[n:], texts["splitting"]))
            in_cells = InCells(**texts["in_cells"])
            return cls(
                texts["target"],
                process,
                breakage,
                bits,
                measured,
                left_out,
                spread,
                by_line,
                rows,
                in_cells,
                splitting,
            )
        except (ValueError, KeyError, TypeError) as problem:
            raise damaged(folder, files.remedy) from problem


EARLIER = (
    "it was made before organode knew {0}: run `dvc repro`, or `organode calibrate` and `organode "
    "register`, then `organode promote TARGET --force --reason '{0}'`"
)
ROWS = ("name", "smiles", "family", "solvent", "reversible", "kind", "doi", "row")
