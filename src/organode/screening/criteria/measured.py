"""Measured redox potentials, to test the models of a screening and to compare with candidates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from organode.electrochemistry import Window
from organode.electrochemistry.scale.laboratory import Scale
from organode.electrochemistry.scale.potential import POTENTIALS
from organode.electrochemistry.types import CHARGE_CHANGE
from organode.errors import UsageError
from organode.models.predictor import TargetModel

REVERSIBLE = ("yes", "quasi")  # texts of the measured table that count as reversible


@dataclass(frozen=True)
class MeasuredMolecules:
    """n molecules whose first oxidation or first reduction potential was measured.

    All n potentials are of the same kind, oxidation or reduction. Candidates of a screening are
    compared with these molecules.

    Attributes
    ----------
    names, smiles : list of str
        Length n.
    volts : numpy.ndarray
        Shape (n,): measured first potentials, V vs the cell's reference electrode. Each potential
        was measured in its own solvent; the potential of Fc/Fc+ is taken to be the same in all
        solvents.
    second : numpy.ndarray
        Shape (n,): potentials of the second electron transfer, V vs the cell's reference electrode;
        NaN where none was measured.
    reversible : numpy.ndarray
        Shape (n,), bool: whether the first wave is recorded as reversible or quasi-reversible.
    bits : numpy.ndarray
        Shape (n, 32), uint64: Morgan fingerprints of radius 2, 2048 bits in words of 64.
    """

    names: list[str]
    smiles: list[str]
    volts: np.ndarray
    second: np.ndarray
    reversible: np.ndarray
    bits: np.ndarray

    @classmethod
    def from_scale(cls, scale: Scale, zero: float) -> MeasuredMolecules:
        """Return the molecules that a laboratory scale was fitted to, with measured potentials.

        Parameters
        ----------
        scale : Scale
            A laboratory scale: a fit that converts computed energies to potentials as a
            voltammogram shows them. It holds the measured potentials of this fit, oxidations or
            reductions, V vs Fc/Fc+.
        zero : float
            Potential of the cell's reference electrode, V vs Fc/Fc+; it is subtracted from each
            measured potential.
        """
        rows = scale.rows
        names = rows["name"].where(rows["name"] != "", rows["smiles"])
        reversible = rows["reversible"].isin(REVERSIBLE).to_numpy()
        volts, second = scale.measured - zero, _second_waves(scale) - zero
        return cls(names.tolist(), rows["smiles"].tolist(), volts, second, reversible, scale.bits)

    def electrons(self, window: Window) -> np.ndarray:
        """Return how many electrons each molecule exchanges, shape (n,).

        The number is 2 if the second potential was measured and is inside `window`, else 1.
        """
        inside = (self.second >= window.low.volts) & (self.second <= window.high.volts)
        return np.where(inside, 2, 1)


def _second_waves(scale: Scale) -> np.ndarray:
    """Return the second potential of each molecule that a scale was fitted to, V vs Fc/Fc+.

    The potential is NaN for molecules whose second potential was not measured. Otherwise it is the
    first potential plus or minus the measured distance between the two, a mean over measurements in
    the same solvent.
    """
    if scale.splitting is None:
        return np.full(len(scale.measured), np.nan)
    rows = scale.splitting.rows.assign(apart=scale.splitting.measured)
    apart = rows[rows["target"] == scale.target].groupby(["smiles", "solvent"])["apart"].mean()
    own = pd.MultiIndex.from_frame(scale.rows[["smiles", "solvent"]])
    sign = CHARGE_CHANGE[scale.target]
    return np.asarray(scale.measured + sign * apart.reindex(own).to_numpy(float))


def coverage(models: Iterable[TargetModel], level: float) -> dict[str, dict[str, Any]]:
    """Compare measured potentials with their predictions, to test the error bars.

    Each potential is predicted by a fit that leaves out all molecules of the same family.

    Parameters
    ----------
    models : iterable of TargetModel
        The models of IE (for oxidation potentials) and EA (for reduction potentials).
    level : float
        Level of the error bars, such as 0.95.

    Returns
    -------
    dict
        For ``E_ox`` and ``E_red``, a dictionary: `n`, the number of measured potentials;
        `families`, the number of families of molecules; `inside` and `covered`, the number and the
        share of potentials that lie inside their error bar; `mae`, the mean absolute error in V;
        `level` as given.
    """
    tested = {}
    for model in models:
        table = model.scale.table(level)
        inside = int(table["measured"].between(table["lower"], table["upper"]).sum())
        tested[POTENTIALS[model.target]] = {
            "n": len(table),
            "families": int(table["family"].nunique()),
            "inside": inside,
            "covered": round(inside / len(table), 4),
            "mae": round(float((table["measured"] - table["left_out"]).abs().mean()), 4),
            "level": level,
        }
    return tested


def shifts(models: Iterable[TargetModel], solvent: str) -> dict[str, dict[str, Any]]:
    """Return the shift of potentials vs Fc/Fc+ from acetonitrile to another solvent.

    Parameters
    ----------
    models : iterable of TargetModel
        The models of IE (for oxidation potentials) and EA (for reduction potentials).
    solvent : str
        Code of the other solvent, such as ``DMF``.

    Returns
    -------
    dict
        For ``E_ox`` and ``E_red``, a dictionary: `shift` and `spread`, the expected shift and its
        standard deviation in V, and `n`, the number of potentials measured in `solvent`. If `n` is
        0, `shift` is 0 too.
    """
    effects = {}
    for model in models:
        shift, spread = model.scale.effect(solvent)
        n = int((model.scale.rows["solvent"] == solvent).sum())
        effects[POTENTIALS[model.target]] = {
            "shift": round(shift, 3),
            "spread": round(spread, 3),
            "n": n,
        }
    return effects


def check_level(models: Iterable[TargetModel], level: float) -> None:
    """Check that enough potentials were measured for error bars of a level such as 0.95.

    Raises
    ------
    UsageError
        If error bars of this level would be infinite; the message gives the highest possible level.
    """
    for model in models:
        n = len(model.scale.measured)
        if not model.scale.predictive.is_finite_at(level):
            highest = np.floor(1000 * (1 - 2 / (n + 1))) / 1000
            raise UsageError(
                f"screen.level = {level:g}: {n} measured {POTENTIALS[model.target]} can vouch for "
                f"error bars of at most {highest:g}; choose that or less"
            )


def cell_shifts(models: Iterable[TargetModel]) -> dict[str, dict[str, Any]]:
    """Return the shift of potentials from a dissolved molecule to an electrode of a lithium cell.

    Returns
    -------
    dict
        For ``E_ox`` and ``E_red``, a dictionary: `shift` and `spread`, the shift and its standard
        deviation in V, and `n`, the number of measured lithium cells. If there are too few cells
        for a fit, `shift` is 0.
    """
    return {POTENTIALS[model.target]: asdict(model.scale.in_cells) for model in models}
