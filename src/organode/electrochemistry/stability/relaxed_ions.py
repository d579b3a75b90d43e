"""Ions relaxed by xTB, and the inputs of linear models that predict the results of xTB."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from rdkit import Chem
from scipy.sparse import csr_matrix, hstack

from organode.chem.features import Molecules, NetworkFeatures
from organode.chem.fingerprint import fold, sparse_rows

RADIUS, N_BITS = 1, 1024  # of the Morgan environments, which are folded to N_BITS counts
DIGITS = 5  # significant digits of stored weights


@dataclass(frozen=True)
class RelaxedIons:
    """Ions relaxed by xTB, and the inputs of linear models that predict the results of xTB.

    Attributes
    ----------
    table : pandas.DataFrame
        m rows, one for each ion, as `organode.label.ions.table.read_ions` returns them; `ion` is
        ``oxidised`` or ``reduced``.
    inputs : scipy.sparse.csr_matrix
        Shape (m, N_BITS + d): counts of Morgan environments and d standardised orbital descriptors
        of the species from which each ion was made.
    centre, scale : numpy.ndarray
        Shape (d,): mean and standard deviation by which the descriptors are standardised.
    """

    table: pd.DataFrame
    inputs: csr_matrix
    centre: np.ndarray
    scale: np.ndarray

    @classmethod
    def of(cls, table: pd.DataFrame) -> RelaxedIons:
        """Compute the inputs of linear models for the ions in a table from `read_ions`."""
        row, smiles = pd.factorize(table["smiles"])
        molecules = Molecules([Chem.MolFromSmiles(text) for text in smiles])
        centre, scale = molecules.descriptors.mean(axis=0), molecules.descriptors.std(axis=0)
        centre, scale = rounded(centre), rounded(np.where(scale > 0, scale, 1.0))
        inputs = linear_inputs(molecules, centre, scale)[row]
        return cls(table.reset_index(drop=True), inputs, centre, scale)

    def of_side(self, side: str) -> RelaxedIons:
        """Return the ions of one kind: ``oxidised`` or ``reduced``."""
        return self[(self.table["ion"] == side).to_numpy()]

    def __getitem__(self, chosen: np.ndarray) -> RelaxedIons:
        table = self.table[chosen].reset_index(drop=True)
        return RelaxedIons(table, self.inputs[np.flatnonzero(chosen)], self.centre, self.scale)


def linear_inputs(molecules: NetworkFeatures, centre: np.ndarray, scale: np.ndarray) -> csr_matrix:
    """Return Morgan counts and standardised orbital descriptors, shape (n, N_BITS + d).

    There are N_BITS counts, and d descriptors, from which `centre` is subtracted and which are then
    divided by `scale`, both of shape (d,).
    """
    environments = fold(molecules.environments(RADIUS), molecules.n, N_BITS, counts=True)
    standardised = sparse_rows((molecules.descriptors - centre) / scale)
    return csr_matrix(hstack([environments, standardised], format="csr"))


def has_reacted(ions: pd.DataFrame) -> np.ndarray:
    """Return for each ion in a table from `read_ions` whether it has reacted, shape (m,).

    An ion has reacted if a bond broke or formed while xTB relaxed it, or if the cleavage of a bond
    releases energy.
    """
    return ((ions["changes"].map(len) > 0) | (ions["fragmentation"] < 0)).to_numpy()


def rounded(values: np.ndarray) -> np.ndarray:
    """Return values rounded to `DIGITS` significant digits.

    Files of rounded values are small, and the same on every machine.
    """
    return np.array([float(f"{value:.{DIGITS}g}") for value in values.ravel()]).reshape(
        values.shape
    )
