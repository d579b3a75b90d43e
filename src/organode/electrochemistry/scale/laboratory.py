"""The laboratory scale: from a computed energy to the potential that a voltammogram shows.

A `Process` is fitted to measured potentials. What it predicts is a reversible wave: irreversible
ones have a shift and an error of their own in the fit. How far off it is where nothing like a
molecule has been measured is known from families that were left out, each in turn: their errors, in
units of the spread expected there, make the error bars (conformal prediction with normalised
scores: Papadopoulos, Gammerman and Vovk, Proc. IASTED AIA 2008, 64; Lei et al., J. Am. Stat. Assoc.
113 (2018) 1094, doi 10.1080/01621459.2017.1307116).
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
from organode.electrochemistry.scale.frontier import inputs
from organode.electrochemistry.scale.potential import POTENTIALS, Potential
from organode.electrochemistry.scale.process import HOME, Process, Saved
from organode.electrochemistry.scale.second import Splitting, unknown
from organode.errors import OrganodeError
from organode.utils.arrays import load_arrays, save_arrays
from organode.utils.checksums import Checked, damaged
from organode.utils.files import write_json
from organode.utils.predictive import Predictive

ARRAYS, DESCRIPTION = "scale.npz", "scale.json"
FILES = (ARRAYS, DESCRIPTION)
FEWEST, FEWEST_FAMILIES = 20, 4  # measurements, and families of them, that a scale is fitted to
FAR = 0.25  # Tanimoto; a molecule less similar to all that were measured is a stranger
FEWEST_CELLS = 5
UNKNOWN = 0.5  # V; a choice, where nobody has measured a cell
LEAST = 0.1  # V; by which plateaus of one material differ between papers
MAD = 1.4826  # of a normal distribution
CARBONATE = "PC"  # solvent whose Li/Li+ stands for that of the cells
IRREVERSIBLE = {"no": 1.0, "quasi": 0.5}  # how likely; else it is taken as reversible


@dataclass(frozen=True)
class InCells:
    """What lithium cells make of potentials in solution.

    Ions of lithium bind to what is reduced, and a solid is no solution.

    Attributes
    ----------
    shift, spread : float
        V: median, and robust standard deviation (1.48 times the median absolute deviation), of the
        average potential in a cell less that predicted, both vs Li/Li+, the latter in `CARBONATE`.
    n : int
        Cells that they are known from; with fewer than `FEWEST_CELLS` there is no shift, and
        `UNKNOWN` is the spread.
    """

    shift: float
    spread: float
    n: int

    @classmethod
    def fit(cls, measured: np.ndarray, predicted: np.ndarray) -> InCells:
        """Compare averages with potentials predicted, shape (n,), V vs Li/Li+ each."""
        n = len(measured)
        if n < FEWEST_CELLS:
            return cls(0.0, UNKNOWN, n)
        error = measured - predicted
        shift = float(np.median(error))
        spread = MAD * float(np.median(np.abs(error - shift)))
        return cls(round(shift, 3), round(max(spread, LEAST), 3), n)


@dataclass(frozen=True)
class Scale:
    """One target's laboratory scale.

    Attributes
    ----------
    target : str
        ``IE`` for first oxidations, ``EA`` for first reductions.
    process : Process
        What is predicted with.
    bits : numpy.ndarray
        Shape (m, words): `packed_bits` of the measured molecules.
    measured, left_out, spread : numpy.ndarray
        Shape (m,), V vs Fc/Fc⁺: as measured; as predicted without the molecule's family, and the
        spread expected then.
    by_line : numpy.ndarray
        Shape (m,): the same by one straight line, for comparison.
    rows : pandas.DataFrame
        m rows of `ROWS`: what was measured.
    in_cells : InCells
        What lithium cells make of it.
    splitting : Splitting or None
        What leads from first to second waves; None if too few of these were measured.
    """

    target: str
    process: Process
    bits: np.ndarray
    measured: np.ndarray
    left_out: np.ndarray
    spread: np.ndarray
    by_line: np.ndarray
    rows: pd.DataFrame
    in_cells: InCells = InCells(0.0, UNKNOWN, 0)
    splitting: Splitting | None = None

    @classmethod
    def fit(
        cls, target: str, rows: pd.DataFrame, molecules: ModelFeatures, energy: np.ndarray,
        error: np.ndarray,
    ) -> Scale:  # fmt: skip
        """Fit to measured potentials.

        Parameters
        ----------
        target : str
            ``IE`` or ``EA``.
        rows : pandas.DataFrame
            m rows of `ROWS` and `E_Fc`.
        molecules : ModelFeatures
            Those rows' molecules.
        energy, error : numpy.ndarray
            Shape (m,), eV: IE or EA as predicted by networks that had not seen the molecule, and
            the absolute error expected of it.

        Raises
        ------
        OrganodeError
            If there are too few measurements or families.
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
        bits = molecules.bits
        similarity = tanimoto(bits, bits).astype(float)
        given = inputs(
            target, molecules, energy, error, irreversible, rows["solvent"].to_numpy(str)
        )
        left_out, spread, by_line = (np.empty(len(rows)) for _ in range(3))
        with threadpool_limits(1):  # the same sums on every machine
            process = Process.fit(given, similarity, measured)
            for family in sorted(set(families)):
                out, rest = families == family, families != family
                new = replace(given[out], irreversible=np.zeros(out.sum()))
                fitted = Process.fit(
                    given[rest], similarity[np.ix_(rest, rest)], measured[rest], process.found
                )
                left_out[out], spread[out] = fitted.predict(new, similarity[np.ix_(out, rest)])
                line = np.polyfit(energy[rest], measured[rest], 1)
                by_line[out] = np.polyval(line, energy[out])
        kept = rows[list(ROWS)].astype("str").reset_index(drop=True)
        return cls(target, process, bits, measured, left_out, spread, by_line, kept)

    @property
    def predictive(self) -> Predictive:
        """The errors of left-out families, in units of the spread that was expected of them."""
        return Predictive([np.sort(self._scores)])

    @property
    def _scores(self) -> np.ndarray:
        return np.asarray((self.measured - self.left_out) / self.spread)

    def answer(self, molecules: ModelFeatures, energy: np.ndarray, error: np.ndarray) -> Potential:
        """Put n molecules on the scale, in the solvent `HOME`, as reversible waves.

        Parameters
        ----------
        molecules : ModelFeatures
            n molecules.
        energy, error : numpy.ndarray
            Shape (n,), eV: computed energy and the absolute error expected of it.
        """
        with threadpool_limits(1):
            similarity = tanimoto(molecules.bits, self.bits).astype(float)
            reversible, home = np.zeros(molecules.n), np.full(molecules.n, HOME)
            given = inputs(self.target, molecules, energy, error, reversible, home)
            volts, spread = self.process.predict(given, similarity)
        return Potential(volts, spread, self.predictive, self._remarks(similarity, volts))

    def second(self, molecules: ModelFeatures, first: Potential) -> Potential:
        """Return the second waves of n molecules, from what `answer` said of the first."""
        if self.splitting is None:
            return unknown(first)
        return self.splitting.answer(self.target, molecules, first)

    def with_cells(
        self, molecules: ModelFeatures, energy: np.ndarray, error: np.ndarray, volts: np.ndarray,
        electrons: np.ndarray,
    ) -> Scale:  # fmt: skip
        """Return the same with what lithium cells say.

        Parameters
        ----------
        molecules, energy, error
            As for `answer`.
        volts : numpy.ndarray
            Shape (n,): averages as measured, V vs Li/Li+.
        electrons : numpy.ndarray
            Shape (n,): 1 or 2, that each is the average of.
        """
        first = self.answer(molecules, energy, error)
        second = self.second(molecules, first).volts
        both = (electrons == 2) & np.isfinite(second)
        predicted = np.where(both, (first.volts + second) / 2, first.volts)
        shift, _ = self.effect(CARBONATE)
        zero = against_fc(LI, CARBONATE).volts
        return replace(self, in_cells=InCells.fit(volts, predicted + shift - zero))

    def effect(self, solvent: str, *, second: bool = False) -> tuple[float, float]:
        """Return how first, or second, waves vs Fc/Fc⁺ differ in a solvent: shift and spread, V.

        See `Process.solvent_effect`.
        """
        shift, spread = self.process.solvent_effect(solvent)
        if not second or self.splitting is None:
            return shift, spread
        more, its = self.splitting.effect(self.target, solvent)
        return shift + more, math.hypot(spread, its)

    def _remarks(self, similarity: np.ndarray, volts: np.ndarray) -> list[str]:
        """Say of each of n molecules what speaks against its potential.

        `similarity`: shape (n, m); `volts`: shape (n,), V vs Fc/Fc⁺.
        """
        names = self.rows["name"].tolist()
        low, high = self.measured.min(), self.measured.max()
        beyond = f"beyond all that was measured ({low:.1f} to {high:.1f} V vs {FC})"
        said = []
        for position, most, potential in zip(
            similarity.argmax(axis=1).tolist(), similarity.max(axis=1), volts, strict=True
        ):
            reasons = [] if low <= potential <= high else [beyond]
            if most < FAR:
                reasons.append(
                    f"unlike every molecule measured ({names[position]} is nearest, similarity "
                    f"{most:.2f})"
                )
            said.append("; ".join(reasons))
        return said

    def table(self, level: float) -> pd.DataFrame:
        """Return what was measured beside what is predicted of each family by the others.

        Returns
        -------
        pandas.DataFrame
            m rows: `ROWS`, `measured`, `left_out`, `by_line`, and the interval `lower`, `upper`,
            made with the errors of other families alone; V vs Fc/Fc⁺.
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
            measured=self.measured, left_out=self.left_out, by_line=self.by_line, lower=lower,
            upper=upper,
        )  # fmt: skip

    def save(self, folder: Path) -> None:
        """Write the arrays, and what was measured in a form that a person can read."""
        process, splitting = self.process.saved(), self.splitting
        arrays = [
            self.bits, self.measured, self.left_out, self.spread, self.by_line, *process.arrays
        ]  # fmt: skip
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
        """Return the files that a saved scale consists of."""
        return [folder / name for name in FILES]

    @classmethod
    def load(cls, folder: Path) -> Scale:
        """Read what `save` wrote.

        Raises
        ------
        OrganodeError
            If the folder does not hold it whole, or a file in it is damaged.
        """
        if not (folder / DESCRIPTION).exists():
            raise OrganodeError(EARLIER.format("the laboratory scale"))
        files = Checked.open(folder, "run `organode calibrate` or `dvc repro` again", needed=False)
        texts, content = files.json(DESCRIPTION), files.read(ARRAYS)
        if "hyperparameters" in texts:  # they are the process's own since there are two
            raise OrganodeError(EARLIER.format("second waves"))
        try:
            arrays = load_arrays(content)
            n = Process.N_ARRAYS
            bits, measured, left_out, spread, by_line = arrays[:5]
            process = Process.restored(Saved(arrays[5 : 5 + n], texts["process"]))
            rows = pd.DataFrame(texts["rows"], columns=list(ROWS), dtype="str")
            if not len(rows) == len(bits) == len(measured) == len(process.solved):
                raise ValueError("rows and arrays are not of the same measurements")
            splitting = None
            if "splitting" in texts:
                splitting = Splitting.restored(Saved(arrays[5 + n :], texts["splitting"]))
            return cls(
                texts["target"], process, bits, measured, left_out, spread, by_line, rows,
                InCells(**texts["in_cells"]), splitting,
            )  # fmt: skip
        except (ValueError, KeyError, TypeError) as problem:
            raise damaged(folder, files.remedy) from problem


EARLIER = (
    "it was made before organode knew {0}: run `dvc repro`, or `organode calibrate` and `organode "
    "register`, then `organode promote TARGET --force --reason '{0}'`"
)
ROWS = ("name", "smiles", "family", "solvent", "reversible", "kind", "doi", "row")
