"""What measured potentials say of the models that screen, and which of them is near a candidate."""

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
from organode.models.predictor import Model

RETURNED = ("yes", "quasi")


@dataclass(frozen=True)
class Known:
    """Molecules whose potential was measured: what a candidate is compared with.

    Attributes
    ----------
    names, smiles : list of str
        Length n.
    volts : numpy.ndarray
        Shape (n,): as measured, each in its solvent, V vs the reference electrode.
    second : numpy.ndarray
        Shape (n,): the same of the second wave; NaN where none was measured.
    returned : numpy.ndarray
        Shape (n,), bool: whether the wave was seen to be reversible, at least at some rates.
    bits : numpy.ndarray
        Shape (n, words): `organode.chem.similarity.packed_bits`.
    """

    names: list[str]
    smiles: list[str]
    volts: np.ndarray
    second: np.ndarray
    returned: np.ndarray
    bits: np.ndarray

    @classmethod
    def of(cls, scale: Scale, zero: float) -> Known:
        """Return those that a laboratory scale was fitted to.

        Parameters
        ----------
        scale : Scale
            In V vs Fc/Fc+.
        zero : float
            The reference electrode, V vs Fc/Fc+.
        """
        rows = scale.rows
        names = rows["name"].where(rows["name"] != "", rows["smiles"])
        returned = rows["reversible"].isin(RETURNED).to_numpy()
        smiles = rows["smiles"].tolist()
        volts, second = (one - zero for one in (scale.measured, _second(scale)))
        return cls(names.tolist(), smiles, volts, second, returned, scale.bits)

    def electrons(self, window: Window) -> np.ndarray:
        """Return how many of each one's measured waves lie inside a window, shape (n,), from 1."""
        inside = (self.second >= window.low.volts) & (self.second <= window.high.volts)
        return np.where(inside, 2, 1)


def _second(scale: Scale) -> np.ndarray:
    """Return the second wave of each molecule that a scale was fitted to, V vs Fc/Fc+, or NaN."""
    if scale.splitting is None:
        return np.full(len(scale.measured), np.nan)
    rows = scale.splitting.rows.assign(apart=scale.splitting.measured)
    apart = rows[rows["target"] == scale.target].groupby(["smiles", "solvent"])["apart"].mean()
    own = pd.MultiIndex.from_frame(scale.rows[["smiles", "solvent"]])
    sign = CHARGE_CHANGE[scale.target]
    return np.asarray(scale.measured + sign * apart.reindex(own).to_numpy(float))


def coverage(models: Iterable[Model], level: float) -> dict[str, dict[str, Any]]:
    """Say how well potentials were predicted of families that the fit had not seen.

    Returns
    -------
    dict
        Of `E_ox` and `E_red`: `n` measured potentials of `families`, how many (`inside`) and which
        share (`covered`) of them lie inside their error bar, `mae` in V, and the error bars'
        `level`.
    """
    found = {}
    for model in models:
        table = model.scale.table(level)
        inside = int(table["measured"].between(table["lower"], table["upper"]).sum())
        found[POTENTIALS[model.target]] = {
            "n": len(table),
            "families": int(table["family"].nunique()),
            "inside": inside,
            "covered": round(inside / len(table), 4),
            "mae": round(float((table["measured"] - table["left_out"]).abs().mean()), 4),
            "level": level,
        }
    return found


def shifts(models: Iterable[Model], solvent: str) -> dict[str, dict[str, Any]]:
    """Say what moves potentials vs Fc/Fc+ from acetonitrile into a solvent.

    Returns
    -------
    dict
        Of `E_ox` and `E_red`: `shift` and `spread` (standard deviation) in V, and `n`, the
        potentials measured in that solvent that this rests on.
    """
    found = {}
    for model in models:
        shift, spread = model.scale.effect(solvent)
        n = int((model.scale.rows["solvent"] == solvent).sum())
        found[POTENTIALS[model.target]] = {
            "shift": round(shift, 3), "spread": round(spread, 3), "n": n,
        }  # fmt: skip
    return found


def check_level(models: Iterable[Model], level: float) -> None:
    """Refuse a level that too few measured potentials can vouch for.

    Raises
    ------
    UsageError
        If error bars of this level would be endless; the message gives the highest level.
    """
    for model in models:
        n = len(model.scale.measured)
        if not model.scale.predictive.is_finite_at(level):
            highest = np.floor(1000 * (1 - 2 / (n + 1))) / 1000
            raise UsageError(
                f"screen.level = {level:g}: {n} measured {POTENTIALS[model.target]} can vouch for "
                f"error bars of at most {highest:g}; choose that or less"
            )


def cells(models: Iterable[Model]) -> dict[str, dict[str, Any]]:
    """Say what lithium cells make of potentials in solution.

    Returns
    -------
    dict
        Of `E_ox` and `E_red`: `shift` and `spread` (standard deviation) in V, and `n`, the cells
        that this rests on.
    """
    return {POTENTIALS[model.target]: asdict(model.scale.in_cells) for model in models}
