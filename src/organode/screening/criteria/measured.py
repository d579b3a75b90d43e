"""Measured potentials: test of the models that screen, and molecules to compare candidates with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from organode.electrochemistry import Window
from organode.electrochemistry.scale.laboratory import Scale
from organode.electrochemistry.scale.potential import CHARGE_CHANGE, POTENTIALS
from organode.errors import UsageError
from organode.models.predictor import TargetModel

REVERSIBLE = ("yes", "quasi")


@dataclass(frozen=True)
class MeasuredMolecules:
    """Molecules whose potential was measured, to compare candidates with.

    Attributes
    ----------
    names, smiles : list of str
        Length n.
    volts : numpy.ndarray
        Shape (n,): as measured, each in its solvent, V vs the reference electrode.
    second : numpy.ndarray
        Shape (n,): the same of the second wave; NaN where none was measured.
    reversible : numpy.ndarray
        Shape (n,), bool: whether the wave was seen to be reversible, at least at some scan rates.
    bits : numpy.ndarray
        Shape (n, words): `organode.chem.similarity.packed_bits`.
    """

    names: list[str]
    smiles: list[str]
    volts: np.ndarray
    second: np.ndarray
    reversible: np.ndarray
    bits: np.ndarray

    @classmethod
    def from_scale(cls, scale: Scale, zero: float) -> MeasuredMolecules:
        """Return the molecules that a laboratory scale was fitted to.

        Parameters
        ----------
        scale : Scale
            In V vs Fc/Fc+.
        zero : float
            The reference electrode, V vs Fc/Fc+.
        """
        rows = scale.rows
        names = rows["name"].where(rows["name"] != "", rows["smiles"])
        reversible = rows["reversible"].isin(REVERSIBLE).to_numpy()
        volts, second = scale.measured - zero, _second_waves(scale) - zero
        return cls(names.tolist(), rows["smiles"].tolist(), volts, second, reversible, scale.bits)

    def electrons(self, window: Window) -> np.ndarray:
        """Return the electrons of each molecule, shape (n,): 2 if its second wave is inside."""
        inside = (self.second >= window.low.volts) & (self.second <= window.high.volts)
        return np.where(inside, 2, 1)


def _second_waves(scale: Scale) -> np.ndarray:
    """Return the second wave of each molecule that a scale was fitted to, V vs Fc/Fc+, or NaN."""
    if scale.splitting is None:
        return np.full(len(scale.measured), np.nan)
    rows = scale.splitting.rows.assign(apart=scale.splitting.measured)
    apart = rows[rows["target"] == scale.target].groupby(["smiles", "solvent"])["apart"].mean()
    own = pd.MultiIndex.from_frame(scale.rows[["smiles", "solvent"]])
    sign = CHARGE_CHANGE[scale.target]
    return np.asarray(scale.measured + sign * apart.reindex(own).to_numpy(float))


def coverage(models: Iterable[TargetModel], level: float) -> dict[str, dict[str, Any]]:
    """Return how well potentials of left-out families were predicted.

    Returns
    -------
    dict
        Of `E_ox` and `E_red`: `n` measured potentials of so many `families`; how many (`inside`)
        and which share (`covered`) of them lie inside their error bar; `mae` in V; the error bars'
        `level`.
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

    Returns
    -------
    dict
        Of `E_ox` and `E_red`: `shift` and `spread` (standard deviation) in V, and `n`, the
        potentials measured in that solvent.
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
    """Check that enough potentials were measured for error bars of a level.

    Raises
    ------
    UsageError
        If error bars of this level would be infinite; the message gives the highest level.
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
    """Return the shift of potentials from solution to an electrode of a lithium cell.

    Returns
    -------
    dict
        Of `E_ox` and `E_red`: `shift` and `spread` (standard deviation) in V, and `n`, the number
        of measured cells.
    """
    return {POTENTIALS[model.target]: asdict(model.scale.in_cells) for model in models}
