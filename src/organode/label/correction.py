"""From xTB to density functional theory: a map for each quantity, and how well it holds.

A quantity is an energy of the gas phase in columns ``<quantity>_ipea1``, ``<quantity>_gfn2`` and
``<quantity>_b3lyp``, eV: the vertical `IE` and `EA`, and the `IE_relaxation` and `EA_relaxation`
by which an ion gets lower when it relaxes, vertical less adiabatic or the other way round so that
it is positive.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from rdkit import Chem

from organode.chem.orbitals.huckel import NAMES, orbitals
from organode.errors import OrganodeError

VERTICAL = ("IE", "EA")
RELAXATION = ("IE_relaxation", "EA_relaxation")
FRONTIER = {"IE": "HOMO", "EA": "LUMO"}  # which orbital an electron leaves, or comes to
FOLDS = 5
FEWEST = 50  # molecules with both levels, below which no map is fitted
# GFN2-xTB has no diffuse functions: its affinity for an electron that is not bound falls without
# limit. Below this it says no more than that.
LOWEST_GFN2 = -2.0  # eV
# No ion gets higher by it; more is a cleavage, on which the methods do not agree.
RELAXATIONS = (0.0, 1.5)  # eV
# Where the Gaussian process's search for its own begins: deviations of 0.3 eV, which change over
# some standard deviations of the descriptors, and 0.1 eV of noise.
START = {"deviation": 0.3, "length": 4.0, "noise": 0.1}


@dataclass(frozen=True)
class Correction:
    """A map of one quantity: a line, and a Gaussian process on what it leaves.

    Attributes
    ----------
    quantity : str
        One of `VERTICAL` or `RELAXATION`.
    line : numpy.ndarray
        Shape (3,): ``B3LYP ≈ line · (1, IPEA1-xTB, GFN2-xTB)``, eV; xTB's within the bounds
        above.
    n : int
        Molecules it was fitted to.
    deviation, length, noise : float
        Of the process: size of the deviations from the line that it follows, eV; how far they
        reach, in standard deviations of the descriptors; what it takes for noise, eV.
    """

    quantity: str
    line: np.ndarray
    n: int
    deviation: float
    length: float
    noise: float
    _process: Any
    _scaler: Any

    def apply(self, table: pd.DataFrame) -> np.ndarray:
        """Return the calibrated energies, eV; shape (rows,).

        Parameters
        ----------
        table : pandas.DataFrame
            `smiles`, and what xTB says of both targets' vertical energies and of the quantity, eV;
            where that is missing, so is the result.
        """
        known = table[[f"{self.quantity}_ipea1", f"{self.quantity}_gfn2"]].notna().all(axis=1)
        rows = table[known]
        found = np.full(len(table), np.nan)
        design, described = _line_design(rows, self.quantity), _described(rows, self.quantity)
        found[known.to_numpy()] = self._of(design, described)
        return found

    def _of(self, design: np.ndarray, described: np.ndarray) -> np.ndarray:
        left = self._process.predict(self._scaler.transform(described))
        return np.asarray(design @ self.line + left)


def fit(table: pd.DataFrame, quantity: str) -> Correction:
    """Fit a quantity's map.

    The line by least squares; the process (Rasmussen and Williams, Gaussian Processes for Machine
    Learning, MIT Press 2006) with a squared-exponential kernel, whose three numbers maximise the
    marginal likelihood, on xTB's energies of both targets and of the quantity, and the frontier
    orbital of the Hückel model (`organode.chem.orbitals.huckel`).

    Parameters
    ----------
    table : pandas.DataFrame
        `smiles`; what xTB says of both targets' vertical energies and of the quantity, and the
        quantity by B3LYP, eV; rows without it are left out.
    quantity : str
        One of `VERTICAL` or `RELAXATION`.

    Raises
    ------
    OrganodeError
        If fewer than `FEWEST` rows have both levels.
    """
    both = table[_with_both(table, quantity)]
    if len(both) < FEWEST:
        raise OrganodeError(
            f"only {len(both)} molecules have {quantity} by B3LYP and by xTB, {FEWEST} are needed: "
            "label more of them with --level b3lyp"
        )
    return _solve(
        quantity,
        _line_design(both, quantity),
        _described(both, quantity),
        both[f"{quantity}_b3lyp"].to_numpy(float),
        START,
        search=True,
    )


def _with_both(table: pd.DataFrame, quantity: str) -> pd.Series:
    """Return which rows have a quantity by B3LYP and by xTB."""
    return table[[f"{quantity}_{end}" for end in ("b3lyp", "ipea1", "gfn2")]].notna().all(axis=1)


def _solve(
    quantity: str,
    design: np.ndarray,
    described: np.ndarray,
    exact: np.ndarray,
    start: dict[str, float],
    *,
    search: bool,
) -> Correction:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
    from sklearn.preprocessing import StandardScaler
    from threadpoolctl import threadpool_limits

    line, *_ = np.linalg.lstsq(design, exact, rcond=None)
    scaler = StandardScaler().fit(described)
    left, scaled = exact - design @ line, scaler.transform(described)

    def process(numbers: dict[str, float], **options: Any) -> Any:
        kernel = ConstantKernel(numbers["deviation"] ** 2) * RBF(numbers["length"], (0.5, 50))
        kernel += WhiteKernel(numbers["noise"] ** 2, (1e-4, 1.0))
        with warnings.catch_warnings():  # where the line says all, the search ends at a bound
            warnings.simplefilter("ignore", ConvergenceWarning)
            return GaussianProcessRegressor(kernel, **options).fit(scaled, left)

    with threadpool_limits(1):  # the same sums in the same order each time
        numbers = start
        if search:
            kernel = process(start).kernel_
            numbers = {
                "deviation": float(np.sqrt(kernel.k1.k1.constant_value)),
                "length": float(kernel.k1.k2.length_scale),
                "noise": float(np.sqrt(kernel.k2.noise_level)),
            }
            # Rounded, so that the last digits of a search do not decide on those of a label.
            numbers = {name: float(f"{value:.2g}") for name, value in numbers.items()}
        found = process(numbers, optimizer=None)
    return Correction(quantity, line, len(exact), **numbers, _process=found, _scaler=scaler)


def out_of_fold(
    table: pd.DataFrame, quantity: str, families: Sequence[str] | None = None
) -> pd.Series:
    """Return each row's calibrated energy by a map that has not seen it, eV.

    Parameters
    ----------
    table : pandas.DataFrame
        As for `fit`; the result's index is that of its rows with both levels.
    quantity : str
        One of `VERTICAL` or `RELAXATION`.
    families : sequence of str, optional
        Of each row: a row's whole family is left out, and the only one there is has no value.
        Without them, folds of every fifth row.
    """
    chosen = _with_both(table, quantity).to_numpy()
    both = table[chosen]
    fold = np.arange(len(both)) % FOLDS if families is None else np.asarray(families)[chosen]
    design, described = _line_design(both, quantity), _described(both, quantity)
    exact = both[f"{quantity}_b3lyp"].to_numpy(float)
    whole = _solve(quantity, design, described, exact, START, search=True)
    numbers = {name: getattr(whole, name) for name in START}
    calibrated = np.full(len(both), np.nan)
    for one in np.unique(fold):
        out = fold == one
        if out.all():  # the only family: nothing is left to learn from
            break
        seen = design[~out], described[~out], exact[~out]
        found = _solve(quantity, *seen, numbers, search=False)
        calibrated[out] = found._of(design[out], described[out])
    return pd.Series(calibrated, index=both.index)


def errors(table: pd.DataFrame, families: Sequence[str] | pd.Series) -> pd.DataFrame:
    """Compare xTB, raw and calibrated by maps that had not seen the row, with B3LYP.

    Parameters
    ----------
    table : pandas.DataFrame
        As for `fit`, of all quantities that it has by B3LYP.
    families : sequence of str
        Of each row.

    Returns
    -------
    pandas.DataFrame
        `quantity`, `family` (``all``, ``all, bound`` for affinities above 0, then each), `n`,
        `raw_mae`, `raw_mean_error`, `mae`, `mean_error` (less B3LYP, eV), `left_out_mae` (by a map
        that had seen nothing of the family) and `r` (Pearson, of the calibrated).
    """
    family = pd.Series(list(families), index=table.index)
    rows = []
    for quantity in (*VERTICAL, *RELAXATION):
        if f"{quantity}_b3lyp" not in table:
            continue
        calibrated = out_of_fold(table, quantity)
        exact = table.loc[calibrated.index, f"{quantity}_b3lyp"]
        frame = pd.DataFrame({
            "raw": table.loc[calibrated.index, f"{quantity}_ipea1"] - exact,
            "calibrated": calibrated - exact, "exact": exact, "value": calibrated,
            "left_out": out_of_fold(table, quantity, family.tolist()) - exact,
            "family": family[calibrated.index],
        })  # fmt: skip
        parts = [("all", frame)]
        if quantity == "EA":
            parts.append(("all, bound", frame[frame["exact"] > 0]))
        parts += [(str(name), part) for name, part in frame.groupby("family")]
        rows += [{"quantity": quantity, "family": name, **_measures(part)} for name, part in parts]
    return pd.DataFrame(rows)


def _measures(part: pd.DataFrame) -> dict[str, float]:
    correlated = len(part) > 2
    return {
        "n": len(part),
        "raw_mae": float(part["raw"].abs().mean()),
        "raw_mean_error": float(part["raw"].mean()),
        "mae": float(part["calibrated"].abs().mean()),
        "mean_error": float(part["calibrated"].mean()),
        "left_out_mae": float(part["left_out"].abs().mean()),
        "r": float(part["value"].corr(part["exact"])) if correlated else float("nan"),
    }


def _line_design(table: pd.DataFrame, quantity: str) -> np.ndarray:
    return np.column_stack([np.ones(len(table)), _energies(table, quantity)])


def _energies(table: pd.DataFrame, quantity: str) -> np.ndarray:
    """Return what IPEA1-xTB and GFN2-xTB say of a quantity, shape (rows, 2), within bounds."""
    ipea1, gfn2 = (table[f"{quantity}_{end}"].to_numpy(float) for end in ("ipea1", "gfn2"))
    both = np.column_stack([ipea1, np.maximum(gfn2, LOWEST_GFN2)])
    return np.clip(both, *RELAXATIONS) if quantity in RELAXATION else both


def _described(table: pd.DataFrame, quantity: str) -> np.ndarray:
    """Return what the process looks at: energies, size, and the fitted model's frontier orbital."""
    molecules = [Chem.MolFromSmiles(smiles) for smiles in table["smiles"]]
    chosen = [
        place
        for place, name in enumerate(NAMES)
        if name == "centres" or (name.startswith(FRONTIER[quantity[:2]]) and "textbook" not in name)
    ]
    described = orbitals(molecules).descriptors[:, chosen].astype(float)
    energies = dict.fromkeys((*VERTICAL, quantity))
    return np.hstack([*(_energies(table, one) for one in energies), described])
