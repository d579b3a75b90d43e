"""From xTB to density functional theory: a map for each target, and how well it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from organode.errors import OrganodeError

TARGETS = ("IE", "EA")
FOLDS = 5
FEWEST = 50  # molecules with both levels, below which no map is fitted
# GFN2-xTB has no diffuse functions: its affinity for an electron that is not bound falls without
# limit. Below this it says no more than that.
LOWEST_GFN2 = -2.0  # eV


@dataclass(frozen=True)
class Calibration:
    """A linear map of one target, gas phase, vertical.

    Attributes
    ----------
    target : str
        ``IE`` or ``EA``.
    constant, ipea1, gfn2 : float
        ``B3LYP ≈ constant + ipea1 · IPEA1-xTB + gfn2 · GFN2-xTB``, eV; GFN2-xTB's not below
        `LOWEST_GFN2`.
    n : int
        Molecules it was fitted to.
    """

    target: str
    constant: float
    ipea1: float
    gfn2: float
    n: int

    def apply(self, table: pd.DataFrame) -> np.ndarray:
        """Return the calibrated energies, eV; shape (rows,).

        Parameters
        ----------
        table : pandas.DataFrame
            `<target>_ipea1` and `<target>_gfn2`, eV.
        """
        weights = np.array([self.constant, self.ipea1, self.gfn2])
        calibrated: np.ndarray = _design(table, self.target) @ weights
        return calibrated


def fit(table: pd.DataFrame, target: str) -> Calibration:
    """Fit a target's map by least squares.

    Parameters
    ----------
    table : pandas.DataFrame
        `<target>_ipea1`, `<target>_gfn2` and `<target>_b3lyp` (eV, gas phase, vertical); rows
        without the last are left out.
    target : {'IE', 'EA'}
        Which energy.

    Raises
    ------
    OrganodeError
        If fewer than `FEWEST` rows have both levels.
    """
    both = table[table[f"{target}_b3lyp"].notna()]
    if len(both) < FEWEST:
        raise OrganodeError(
            f"only {len(both)} molecules have {target} by B3LYP and by xTB, {FEWEST} are needed: "
            "label more of them with --level b3lyp"
        )
    return _solve(both, target)


def _solve(both: pd.DataFrame, target: str) -> Calibration:
    weights, *_ = np.linalg.lstsq(
        _design(both, target), both[f"{target}_b3lyp"].to_numpy(float), rcond=None
    )
    constant, ipea1, gfn2 = map(float, weights)
    return Calibration(target, constant, ipea1, gfn2, len(both))


def out_of_fold(table: pd.DataFrame, target: str) -> pd.Series:
    """Return each row's calibrated energy by a map that has not seen it, eV.

    Folds are dealt in the order of the rows; the index is that of the rows with both levels.
    """
    both = table[table[f"{target}_b3lyp"].notna()]
    fold = np.arange(len(both)) % FOLDS
    calibrated = np.empty(len(both))
    for k in range(FOLDS):
        calibrated[fold == k] = _solve(both[fold != k], target).apply(both[fold == k])
    return pd.Series(calibrated, index=both.index)


def errors(table: pd.DataFrame, families: Sequence[str] | pd.Series) -> pd.DataFrame:
    """Compare xTB, raw and calibrated out of fold, with density functional theory.

    Parameters
    ----------
    table : pandas.DataFrame
        As for `fit`, both targets.
    families : sequence of str
        Of each row.

    Returns
    -------
    pandas.DataFrame
        `target`, `family` (``all``, ``all, bound`` for affinities above 0, then each), `n`,
        `raw_mae`, `raw_mean_error`, `mae`, `mean_error` (less B3LYP, eV) and `r` (Pearson, of the
        calibrated).
    """
    family = pd.Series(list(families), index=table.index)
    rows = []
    for target in TARGETS:
        calibrated = out_of_fold(table, target)
        exact = table.loc[calibrated.index, f"{target}_b3lyp"]
        frame = pd.DataFrame({
            "raw": table.loc[calibrated.index, f"{target}_ipea1"] - exact,
            "calibrated": calibrated - exact, "exact": exact, "value": calibrated,
            "family": family[calibrated.index],
        })  # fmt: skip
        parts = [("all", frame)]
        if target == "EA":
            parts.append(("all, bound", frame[frame["exact"] > 0]))
        parts += [(str(name), part) for name, part in frame.groupby("family")]
        rows += [{"target": target, "family": name, **_measures(part)} for name, part in parts]
    return pd.DataFrame(rows)


def _measures(part: pd.DataFrame) -> dict[str, float]:
    correlated = len(part) > 2
    return {
        "n": len(part),
        "raw_mae": float(part["raw"].abs().mean()),
        "raw_mean_error": float(part["raw"].mean()),
        "mae": float(part["calibrated"].abs().mean()),
        "mean_error": float(part["calibrated"].mean()),
        "r": float(part["value"].corr(part["exact"])) if correlated else float("nan"),
    }


def _design(table: pd.DataFrame, target: str) -> np.ndarray:
    ipea1 = table[f"{target}_ipea1"].to_numpy(float)
    gfn2 = np.maximum(table[f"{target}_gfn2"].to_numpy(float), LOWEST_GFN2)
    return np.column_stack([np.ones(len(table)), ipea1, gfn2])
