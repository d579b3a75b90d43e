"""Second waves: by how much the potentials of a species' first two electrons differ.

What separates them is what two electrons (or holes) in one frontier orbital cost each other, less
what the solvent gives back: it falls with the orbital's size, and is much the same for oxidation
and reduction (Evans, Chem. Rev. 108 (2008) 2113, doi 10.1021/cr068066l). So one `Process` is fitted
to measured separations of both kinds, with the orbital's concentration in the place of the energy.
A radical's second electron comes from, or goes to, another orbital: for radicals there is no
answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from organode.chem.features import ModelFeatures
from organode.chem.orbitals.huckel import NAMES
from organode.chem.similarity import tanimoto
from organode.electrochemistry.scale.frontier import FRONTIER, inputs
from organode.electrochemistry.scale.potential import Potential
from organode.electrochemistry.scale.process import HOME, Inputs, Process, Saved

FEWEST, FEWEST_FAMILIES = 20, 4  # second waves, and families of them, that it is fitted to
UNTESTED = 0.2  # V; a choice: standard deviation added where fewer of that kind were measured
FAR = 0.25  # Tanimoto; a molecule less similar to all whose second wave was measured is a stranger
SIGNS = {"IE": 1, "EA": -1}  # of the second wave, as seen from the first
OF_A_RADICAL = "the second electron of a radical is not predicted"
NOT_KNOWN = "too few second waves were measured for a prediction"
ROWS = ("name", "smiles", "family", "solvent", "target", "doi", "row")


@dataclass(frozen=True)
class Splitting:
    """What is known of the separation of first and second waves.

    Attributes
    ----------
    process : Process
        What it is predicted with.
    bits : numpy.ndarray
        Shape (m, words): `packed_bits` of the molecules measured.
    measured, left_out, spread : numpy.ndarray
        Shape (m,), V: as measured; as predicted without the molecule's family, and the spread
        expected then.
    rows : pandas.DataFrame
        m rows of `ROWS`: what was measured.
    """

    process: Process
    bits: np.ndarray
    measured: np.ndarray
    left_out: np.ndarray
    spread: np.ndarray
    rows: pd.DataFrame

    @classmethod
    def fit(cls, rows: pd.DataFrame, molecules: ModelFeatures) -> Splitting | None:
        """Fit to measured separations.

        Parameters
        ----------
        rows : pandas.DataFrame
            m rows of `ROWS` and `splitting`, V: see `organode.electrochemistry.measured`.
        molecules : ModelFeatures
            Those rows' molecules.

        Returns
        -------
        Splitting or None
            None if there are too few of them, or of too few families.
        """
        families = rows["family"].to_numpy(str)
        if len(rows) < FEWEST or len(set(families)) < FEWEST_FAMILIES:
            return None
        volts, targets = rows["splitting"].to_numpy(float), rows["target"].to_numpy(str)
        given = _inputs(targets, molecules, rows["solvent"].to_numpy(str))
        similarity = tanimoto(molecules.bits, molecules.bits).astype(float)
        left_out, spread = np.empty(len(rows)), np.empty(len(rows))
        with threadpool_limits(1):  # the same sums on every machine
            process = Process.fit(given, similarity, volts)
            for family in sorted(set(families)):
                out, rest = families == family, families != family
                fitted = Process.fit(
                    given[rest], similarity[np.ix_(rest, rest)], volts[rest], process.found
                )
                left_out[out], spread[out] = fitted.predict(
                    given[out], similarity[np.ix_(out, rest)]
                )
        kept = rows[list(ROWS)].astype("str").reset_index(drop=True)
        return cls(process, molecules.bits, volts, left_out, spread, kept)

    def answer(self, target: str, molecules: ModelFeatures, first: Potential) -> Potential:
        """Return the second wave of n molecules, in the solvent of the first.

        Parameters
        ----------
        target : str
            ``IE`` for the second oxidation, ``EA`` for the second reduction.
        molecules : ModelFeatures
            n molecules.
        first : Potential
            Their first wave.

        Returns
        -------
        Potential
            Of a radical NaN, with a remark. Where fewer than `FEWEST` waves of that kind were
            measured, `UNTESTED` widens the error.
        """
        targets, home = np.full(molecules.n, target), np.full(molecules.n, HOME)
        with threadpool_limits(1):
            similarity = tanimoto(molecules.bits, self.bits).astype(float)
            apart, spread = self.process.predict(_inputs(targets, molecules, home), similarity)
        if (self.rows["target"] == target).sum() < FEWEST:
            spread = np.hypot(spread, UNTESTED)
        radical = molecules.descriptors[:, NAMES.index("unpaired")] > 0
        volts = np.where(radical, np.nan, first.volts + SIGNS[target] * apart)
        wider = np.hypot(first.spread, spread)
        return Potential(volts, wider, first.predictive, self._remarks(similarity, radical))

    def effect(self, target: str, solvent: str) -> tuple[float, float]:
        """Return by how much second waves move more than first ones from `HOME` into a solvent.

        Returns
        -------
        shift, spread : float
            V, as of `Process.solvent_effect`.
        """
        shift, spread = self.process.solvent_effect(solvent)
        return SIGNS[target] * shift, spread

    def saved(self) -> Saved:
        """Return what `restored` needs."""
        process = self.process.saved()
        arrays = [self.bits, self.measured, self.left_out, self.spread, *process.arrays]
        return Saved(arrays, {"process": process.texts, "rows": self.rows.to_dict("list")})

    @classmethod
    def restored(cls, saved: Saved) -> Splitting:
        """Return the same again.

        Raises
        ------
        ValueError, KeyError, TypeError
            If anything is missing.
        """
        bits, measured, left_out, spread, *arrays = saved.arrays
        process = Process.restored(Saved(arrays, saved.texts["process"]))
        rows = pd.DataFrame(saved.texts["rows"], columns=list(ROWS), dtype="str")
        if not len(rows) == len(bits) == len(measured) == len(process.solved):
            raise ValueError("rows and arrays are not of the same measurements")
        return cls(process, bits, measured, left_out, spread, rows)

    def _remarks(self, similarity: np.ndarray, radical: np.ndarray) -> list[str]:
        """Say of each of n molecules what speaks against its second wave; `similarity`: (n, m)."""
        names = self.rows["name"].tolist()
        nearest, most = similarity.argmax(axis=1), similarity.max(axis=1)
        return [
            OF_A_RADICAL if alone
            else "" if close >= FAR
            else f"unlike every molecule whose second wave was measured ({names[at]} is nearest, "
            f"similarity {close:.2f})"
            for alone, at, close in zip(radical.tolist(), nearest.tolist(), most, strict=True)
        ]  # fmt: skip


def unknown(first: Potential) -> Potential:
    """Return the second wave of n molecules where none can be predicted."""
    n = len(first.volts)
    return Potential(np.full(n, np.nan), first.spread, first.predictive, [NOT_KNOWN] * n)


def _inputs(targets: np.ndarray, molecules: ModelFeatures, solvent: np.ndarray) -> Inputs:
    """Describe the orbital that a molecule of each target gives electrons from, or takes them."""
    of_each = {
        target: inputs(
            target, molecules, molecules.descriptors[:, NAMES.index(f"{orbital} self")],
            np.zeros(molecules.n), np.zeros(molecules.n), solvent,
        )
        for target, orbital in FRONTIER.items()
    }  # fmt: skip
    oxidised = targets == "IE"
    return Inputs(*(
        np.where(oxidised if one.ndim == 1 else oxidised[:, None], one, other)
        for one, other in zip(of_each["IE"].columns(), of_each["EA"].columns(), strict=True)
    ))  # fmt: skip
