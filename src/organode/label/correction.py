"""Corrections of xTB energies to density functional theory (B3LYP), and their errors.

A correction predicts the B3LYP value of a quantity from xTB values. There are four quantities, all
in the gas phase and in eV: the vertical ionization energy `IE` and electron affinity `EA`, and the
relaxation energies of the two ions, `IE_relaxation` (vertical minus adiabatic IE) and
`EA_relaxation` (adiabatic minus vertical EA), both positive for an ion that relaxes to a lower
energy. A table has three columns for each quantity, such as ``IE_ipea1`` (by IPEA1-xTB),
``IE_gfn2`` (by GFN2-xTB) and ``IE_b3lyp``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from rdkit import Chem

from organode.chem.molecule import kind
from organode.chem.orbitals.huckel import NAMES, orbitals
from organode.chem.similarity import packed_bits
from organode.errors import OrganodeError
from organode.label.process import Inputs, Process

VERTICAL = ("IE", "EA")
RELAXATION = ("IE_relaxation", "EA_relaxation")
FRONTIER = {"IE": "HOMO", "EA": "LUMO"}  # the orbital that an electron leaves or enters
FOLDS = 5
MIN_MOLECULES = 50  # with B3LYP and xTB values, needed to fit a correction
# GFN2-xTB has no diffuse functions, so that its EA can become arbitrarily negative where the added
# electron is not bound. Lower values of either target are raised to this limit.
MIN_GFN2 = -2.0  # eV
# xTB's relaxation energies are clipped to these limits. A larger value means that a bond of the ion
# has broken, and the methods do not agree on such cleavages.
RELAXATION_LIMITS = (0.0, 1.5)  # eV
# Terms of the linear part of a correction.
LINE = ("constant", "IPEA1-xTB", "GFN2-xTB", "charge", "unpaired electrons")


@dataclass(frozen=True)
class Correction:
    """Correction of a quantity: a linear part, and a Gaussian process for the remaining deviations.

    Attributes
    ----------
    quantity : str
        One of `VERTICAL` or `RELAXATION`.
    n : int
        Number of species in the fit.
    process : Process
        The fitted linear part and Gaussian process in one. The terms of the linear part are named
        in `LINE`; xTB's values are limited by `MIN_GFN2` and `RELAXATION_LIMITS` before.
    """

    quantity: str
    n: int
    process: Process

    def apply(self, table: pd.DataFrame) -> np.ndarray:
        """Return the corrected energies, which approximate B3LYP's, in eV, shape (n_rows,).

        Parameters
        ----------
        table : pandas.DataFrame
            Column `smiles`, and the columns ``…_ipea1`` and ``…_gfn2`` of `IE`, of `EA` and of the
            corrected quantity, eV. The result is NaN where either column of that quantity is empty.
        """
        known = table[[f"{self.quantity}_ipea1", f"{self.quantity}_gfn2"]].notna().all(axis=1)
        calibrated = np.full(len(table), np.nan)
        if known.any():
            inputs = _inputs(table[known], self.quantity)
            calibrated[known.to_numpy()] = _possible(self.process.predict(inputs), self.quantity)
        return calibrated


def fit(table: pd.DataFrame, quantity: str) -> Correction:
    """Fit the correction of a quantity.

    The descriptors of the Gaussian process are the xTB values of `IE`, of `EA` and of the quantity,
    charge and number of unpaired electrons, and descriptors of the HOMO (quantities of oxidation)
    or the LUMO (of reduction) from the Hückel model `organode.chem.orbitals.huckel`.

    Parameters
    ----------
    table : pandas.DataFrame
        Column `smiles`; the columns ``…_ipea1`` and ``…_gfn2`` of `IE`, of `EA` and of the
        quantity; and the column ``…_b3lyp`` of the quantity, all in eV. Rows that lack a value of
        the quantity are left out.
    quantity : str
        One of `VERTICAL` or `RELAXATION`.

    Raises
    ------
    OrganodeError
        If fewer than `MIN_MOLECULES` rows have the quantity by B3LYP and by xTB.
    """
    both = table[_has_both(table, quantity)]
    if len(both) < MIN_MOLECULES:
        raise OrganodeError(
            f"only {len(both)} molecules have {quantity} by B3LYP and by xTB, {MIN_MOLECULES} are "
            "needed: label more of them with --level b3lyp"
        )
    exact = both[f"{quantity}_b3lyp"].to_numpy(float)
    return Correction(quantity, len(both), Process.fit(_inputs(both, quantity), exact))


def _has_both(table: pd.DataFrame, quantity: str) -> pd.Series:
    """Return for each row whether it has a quantity by B3LYP, IPEA1-xTB and GFN2-xTB."""
    return table[[f"{quantity}_{end}" for end in ("b3lyp", "ipea1", "gfn2")]].notna().all(axis=1)


def out_of_fold(
    table: pd.DataFrame, quantity: str, families: Sequence[str] | None = None
) -> pd.Series:
    """Return each row's energy, eV, as corrected by a fit to other rows.

    Only the hyperparameters are shared: they come from a fit to all rows.

    Parameters
    ----------
    table : pandas.DataFrame
        As for `fit`.
    quantity : str
        One of `VERTICAL` or `RELAXATION`.
    families : sequence of str, optional
        Chemical family of each row, such as ``carbazole``: a row is predicted by a fit without its
        family. When omitted, it is predicted by a fit without its fold of every fifth row.

    Returns
    -------
    pandas.Series
        A value for each row that has the quantity by B3LYP and by xTB, under the row's index in
        `table`; NaN if all these rows belong to one family.
    """
    chosen = _has_both(table, quantity).to_numpy()
    both = table[chosen]
    fold = np.arange(len(both)) % FOLDS if families is None else np.asarray(families)[chosen]
    inputs, exact = _inputs(both, quantity), both[f"{quantity}_b3lyp"].to_numpy(float)
    hyperparameters = Process.fit(inputs, exact).hyperparameters
    calibrated = np.full(len(both), np.nan)
    for number in np.unique(fold):
        out = fold == number
        if out.all():  # the only family: no rows are left for the fit
            break
        process = Process.fit(inputs.of(~out), exact[~out], hyperparameters)
        calibrated[out] = _possible(process.predict(inputs.of(out)), quantity)
    return pd.Series(calibrated, index=both.index)


def errors(table: pd.DataFrame, families: Sequence[str] | pd.Series) -> pd.DataFrame:
    """Compare xTB energies, uncorrected and corrected out of fold, with B3LYP.

    Parameters
    ----------
    table : pandas.DataFrame
        As for `fit`, with one or more quantities by B3LYP.
    families : sequence of str
        Chemical family of each row, such as ``carbazole``.

    Returns
    -------
    pandas.DataFrame
        A row for each `quantity` and `family`, which is ``all``, for `EA` also ``all, bound`` (rows
        whose EA by B3LYP is above 0), or one of `families`. `n` is the number of rows. Errors are
        values minus B3LYP, eV: `raw_mae` and `raw_mean_error` of IPEA1-xTB; `mae` and `mean_error`
        of the values corrected by a fit without the row's fold; `left_out_mae` of those corrected
        by a fit without the row's family. `r` is the Pearson correlation of the values corrected
        without the fold with B3LYP, NaN for fewer than three rows.
    """
    family = pd.Series(list(families), index=table.index)
    rows = []
    for quantity in (*VERTICAL, *RELAXATION):
        if f"{quantity}_b3lyp" not in table:
            continue
        calibrated = out_of_fold(table, quantity)
        exact = table.loc[calibrated.index, f"{quantity}_b3lyp"]
        frame = pd.DataFrame(
            {
                "raw": table.loc[calibrated.index, f"{quantity}_ipea1"] - exact,
                "calibrated": calibrated - exact,
                "exact": exact,
                "value": calibrated,
                "left_out": out_of_fold(table, quantity, family.tolist()) - exact,
                "family": family[calibrated.index],
            }
        )
        parts = [("all", frame)]
        if quantity == "EA":
            parts.append(("all, bound", frame[frame["exact"] > 0]))
        parts += [(str(name), part) for name, part in frame.groupby("family")]
        rows += [{"quantity": quantity, "family": name, **_measures(part)} for name, part in parts]
    return pd.DataFrame(rows)


def _measures(part: pd.DataFrame) -> dict[str, float]:
    """Return the numeric columns of `errors` for the rows of one quantity and family."""
    has_correlation = len(part) > 2
    return {
        "n": len(part),
        "raw_mae": float(part["raw"].abs().mean()),
        "raw_mean_error": float(part["raw"].mean()),
        "mae": float(part["calibrated"].abs().mean()),
        "mean_error": float(part["calibrated"].mean()),
        "left_out_mae": float(part["left_out"].abs().mean()),
        "r": float(part["value"].corr(part["exact"])) if has_correlation else float("nan"),
    }


def _inputs(table: pd.DataFrame, quantity: str) -> Inputs:
    """Return what the process predicts each row from: linear terms, descriptors, Morgan bits."""
    molecules = [Chem.MolFromSmiles(smiles) for smiles in table["smiles"]]
    kinds = np.array([kind(molecule) for molecule in molecules], float)
    line = np.column_stack([np.ones(len(table)), _energies(table, quantity), kinds])
    chosen = [
        column
        for column, name in enumerate(NAMES)
        if name == "centres" or (name.startswith(FRONTIER[quantity[:2]]) and "textbook" not in name)
    ]
    of_orbitals = orbitals(molecules).descriptors[:, chosen].astype(float)
    quantities = dict.fromkeys((*VERTICAL, quantity))
    energies = [_energies(table, name) for name in quantities]
    return Inputs(line, np.hstack([*energies, of_orbitals, kinds]), packed_bits(molecules))


def _possible(corrected: np.ndarray, quantity: str) -> np.ndarray:
    """Return corrected energies, where a negative relaxation energy is 0: no ion relaxes upwards.

    Values by B3LYP at xTB's geometries may be negative: down to -0.03 eV for IE, -0.15 eV for EA.
    """
    return np.maximum(corrected, 0.0) if quantity in RELAXATION else corrected


def _energies(table: pd.DataFrame, quantity: str) -> np.ndarray:
    """Return a quantity by IPEA1-xTB and by GFN2-xTB, eV, shape (n_rows, 2).

    Values by GFN2-xTB are at least `MIN_GFN2`, relaxation energies within `RELAXATION_LIMITS`.
    """
    ipea1, gfn2 = (table[f"{quantity}_{end}"].to_numpy(float) for end in ("ipea1", "gfn2"))
    both = np.column_stack([ipea1, np.maximum(gfn2, MIN_GFN2)])
    return np.clip(both, *RELAXATION_LIMITS) if quantity in RELAXATION else both
