"""Fit corrections that predict B3LYP energies from xTB energies, and compute their errors.

A correction predicts the B3LYP value of a quantity from xTB values. There are four quantities, all
in the gas phase and in eV: the vertical ionization energy `IE` and electron affinity `EA`, and the
relaxation energies of the oxidised ion, `IE_relaxation` (vertical minus adiabatic IE), and of the
reduced ion, `EA_relaxation` (adiabatic minus vertical EA). A relaxation energy is positive if the
ion relaxes to a lower energy. Tables in this module have three columns for each quantity, such as
``IE_ipea1`` (by IPEA1-xTB), ``IE_gfn2`` (by GFN2-xTB) and ``IE_b3lyp`` (by B3LYP).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

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
MIN_MOLECULES = 50  # molecules with B3LYP and xTB values that the fit of a correction needs
# GFN2-xTB has no diffuse functions, so that its EA can become arbitrarily negative where the added
# electron is not bound. GFN2-xTB values of any quantity below this limit are raised to it.
MIN_GFN2 = -2.0  # eV
# xTB's relaxation energies are clipped to these limits. A value above the upper limit means that a
# bond of the ion has broken, and xTB and B3LYP do not agree on the energies of such cleavages.
RELAXATION_LIMITS = (0.0, 1.5)  # eV
# Groups that shift xTB's energies. IPEA1-xTB's IE of the embedded set's molecules with S(VI), Si or
# P(V) is lower than B3LYP's by 0.41, 0.63 and 0.36 eV on average, with B higher by 0.41 eV, of
# others equal to 0.01 eV; of aromatic acids with several sulfonic groups it is lower by 0.57 eV.
# Of EA, terms for further sulfonic groups improve nothing. Relaxation energies are too few for any.
GROUPS = {
    "S(VI)": "[SX4](=O)=O",
    "2 S(VI)": "[SX4](=O)=O.[SX4](=O)=O",
    "3 S(VI)": "[SX4](=O)=O.[SX4](=O)=O.[SX4](=O)=O",
    "Si": "[Si]",
    "P(V)": "[PX4]",
    "B": "[#5]",
}
OF_QUANTITY = {"IE": tuple(GROUPS), "EA": ("S(VI)", "Si", "P(V)", "B")}


@dataclass(frozen=True)
class Correction:
    """Correction of a quantity from xTB to B3LYP: a linear part, and a Gaussian process.

    The Gaussian process predicts the deviations from the linear part.

    Attributes
    ----------
    quantity : str
        ``IE``, ``EA``, ``IE_relaxation`` or ``EA_relaxation``.
    n : int
        Number of species (molecules or ions) that the correction was fitted to.
    process : Process
        The fitted process, which includes the linear part. The terms of the linear part are a
        constant, the quantity by IPEA1-xTB and by GFN2-xTB, the net charge, the number of unpaired
        electrons, and whether the species has each group that `OF_QUANTITY` names for the quantity
        (0 or 1). The function `_energies` limits xTB values before a fit or prediction.
    """

    quantity: str
    n: int
    process: Process

    def apply(self, table: pd.DataFrame) -> np.ndarray:
        """Return the predicted B3LYP values of the quantity for the rows of a table.

        Parameters
        ----------
        table : pandas.DataFrame
            Column `smiles`, and the columns ``…_ipea1`` and ``…_gfn2`` of `IE`, of `EA` and of the
            corrected quantity, eV.

        Returns
        -------
        numpy.ndarray
            Shape (n_rows,), eV; NaN for a row where the IPEA1-xTB or the GFN2-xTB value of the
            corrected quantity is missing.
        """
        known = table[[f"{self.quantity}_ipea1", f"{self.quantity}_gfn2"]].notna().all(axis=1)
        calibrated = np.full(len(table), np.nan)
        if known.any():
            inputs = _inputs(table[known], self.quantity)
            calibrated[known.to_numpy()] = _possible(self.process.predict(inputs), self.quantity)
        return calibrated

    def in_solvent(self, table: pd.DataFrame) -> np.ndarray:
        """Return the predicted B3LYP values in a solvent: solvation energies remain xTB's.

        Parameters
        ----------
        table : pandas.DataFrame
            As for `apply`, and the column ``…_vertical`` of the quantity, ``IE`` or ``EA``: by
            xTB in the solvent, eV.

        Returns
        -------
        numpy.ndarray
            Shape (n_rows,), eV; NaN for a row where an xTB value of the quantity is missing.
        """
        solvation = table[f"{self.quantity}_vertical"] - table[f"{self.quantity}_ipea1"]
        return np.asarray(self.apply(table) + solvation.to_numpy(float))


def fit(table: pd.DataFrame, quantity: str) -> Correction:
    """Fit the correction that predicts the B3LYP value of a quantity from xTB values.

    The descriptors of the Gaussian process are: the xTB values of `IE`, of `EA` and of the
    quantity; net charge and number of unpaired electrons; and descriptors from the Hückel model
    `organode.chem.orbitals.huckel`, of the HOMO if the quantity is `IE` or `IE_relaxation`, of the
    LUMO otherwise.

    Parameters
    ----------
    table : pandas.DataFrame
        Column `smiles`; the columns ``…_ipea1`` and ``…_gfn2`` of `IE`, of `EA` and of the
        quantity; and the column ``…_b3lyp`` of the quantity, all in eV. Rows that lack any of the
        three values of the quantity are left out.
    quantity : str
        ``IE``, ``EA``, ``IE_relaxation`` or ``EA_relaxation``.

    Raises
    ------
    OrganodeError
        If fewer than 50 rows (`MIN_MOLECULES`) have the quantity by B3LYP, IPEA1-xTB and GFN2-xTB.
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
    """Return for each row whether it has values of a quantity by B3LYP, IPEA1-xTB and GFN2-xTB."""
    return table[[f"{quantity}_{end}" for end in ("b3lyp", "ipea1", "gfn2")]].notna().all(axis=1)


def out_of_fold(
    table: pd.DataFrame, quantity: str, families: Sequence[str] | None = None
) -> pd.Series:
    """Predict the B3LYP value of a quantity in each row by a correction fitted to other rows.

    The rows are split into parts, and each part is predicted by a correction fitted to the rows of
    all other parts. The hyperparameters of the Gaussian process, however, come from one fit to all
    rows.

    Parameters
    ----------
    table : pandas.DataFrame
        As for `fit`.
    quantity : str
        ``IE``, ``EA``, ``IE_relaxation`` or ``EA_relaxation``.
    families : sequence of str, optional
        Chemical family of each row, such as ``carbazole``. If given, each family is a part. When
        omitted, there are five parts, each with every fifth row.

    Returns
    -------
    pandas.Series
        A predicted value in eV for each row that has the quantity by B3LYP, IPEA1-xTB and GFN2-xTB,
        under the row's index in `table`. All values are NaN if all rows belong to the same family.
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
    """Compute the errors of xTB energies, uncorrected and corrected, relative to B3LYP.

    The corrected energies of a row come from a fit without this row (`out_of_fold`).

    Parameters
    ----------
    table : pandas.DataFrame
        As for `fit`, with one or more quantities by B3LYP.
    families : sequence of str
        Chemical family of each row, such as ``carbazole``.

    Returns
    -------
    pandas.DataFrame
        A row for each pair of `quantity` and `family`. The column `family` is ``all``, one of
        `families` or, for the quantity `EA`, ``all, bound`` (rows whose EA by B3LYP is above 0).
        The column `n` is the number of rows of `table` that the errors come from. An error is a
        value minus the B3LYP value, eV; "mae" means mean absolute error. `raw_mae` and
        `raw_mean_error` are for the uncorrected IPEA1-xTB values. `mae` and `mean_error` are for
        values corrected by a fit without the row's fold (one of five parts of all rows).
        `left_out_mae` is for values corrected by a fit without the row's family. `r` is the Pearson
        correlation between the B3LYP values and the values corrected by a fit without the row's
        fold; `r` is NaN for fewer than three rows.
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
    """Return the numbers in one row of the result of `errors`: one quantity and one family.

    `part` has a row for each molecule, with the columns `raw`, `calibrated` and `left_out` (errors,
    eV), `value` (corrected value, eV) and `exact` (B3LYP value, eV).
    """
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
    """Return the inputs of the Gaussian process for the rows of a table.

    They are the terms of the linear part, the descriptors and the Morgan bits of each row.
    """
    molecules = [Chem.MolFromSmiles(smiles) for smiles in table["smiles"]]
    kinds = np.array([kind(molecule) for molecule in molecules], float)
    terms = [np.ones(len(table)), _energies(table, quantity), kinds]
    terms += [
        np.array([molecule.HasSubstructMatch(pattern) for molecule in molecules])
        for pattern in _patterns(quantity)
    ]
    chosen = [
        column
        for column, name in enumerate(NAMES)
        if name == "centres" or (name.startswith(FRONTIER[quantity[:2]]) and "textbook" not in name)
    ]
    of_orbitals = orbitals(molecules).descriptors[:, chosen].astype(float)
    quantities = dict.fromkeys((*VERTICAL, quantity))
    energies = [_energies(table, name) for name in quantities]
    return Inputs(
        np.column_stack(terms), np.hstack([*energies, of_orbitals, kinds]), packed_bits(molecules)
    )


@cache
def _patterns(quantity: str) -> list[Chem.Mol]:
    return [Chem.MolFromSmarts(GROUPS[name]) for name in OF_QUANTITY.get(quantity, ())]


def _possible(corrected: np.ndarray, quantity: str) -> np.ndarray:
    """Return the corrected values of a quantity, eV, with negative relaxation energies set to 0.

    A relaxation cannot raise an ion's energy. B3LYP values of relaxation energies may be negative
    all the same, because the geometries are by xTB: down to -0.03 eV for `IE_relaxation` and
    -0.15 eV for `EA_relaxation`.
    """
    return np.maximum(corrected, 0.0) if quantity in RELAXATION else corrected


def _energies(table: pd.DataFrame, quantity: str) -> np.ndarray:
    """Return the values of a quantity by IPEA1-xTB and by GFN2-xTB, eV, shape (n_rows, 2).

    GFN2-xTB values below −2 eV (`MIN_GFN2`) are raised to this limit. Relaxation energies are
    clipped to the range 0 to 1.5 eV (`RELAXATION_LIMITS`).
    """
    ipea1, gfn2 = (table[f"{quantity}_{end}"].to_numpy(float) for end in ("ipea1", "gfn2"))
    both = np.column_stack([ipea1, np.maximum(gfn2, MIN_GFN2)])
    return np.clip(both, *RELAXATION_LIMITS) if quantity in RELAXATION else both
