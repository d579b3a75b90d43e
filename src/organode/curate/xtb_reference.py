"""Predict (IE + EA) / 2 by the tight-binding method xTB, to find the zero of a table's energies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rdkit import Chem
from scipy.sparse import csr_matrix

from organode.chem.fingerprint import environments, fold
from organode.errors import OrganodeError
from organode.utils.resources import explained
from organode.utils.tables import read_csv

N_BITS = 1_024
RIDGE = 3.0
COLUMNS = ["smiles", "IE_ipea1", "EA_ipea1"]  # energies by IPEA1-xTB


def xtb_reference(molecules: Sequence[Chem.Mol], labels: Path) -> np.ndarray:
    """Predict xTB's (IE + EA) / 2 vs vacuum, by ridge regression on Morgan fingerprint counts.

    (IE + EA) / 2 is Mulliken's electronegativity (J. Chem. Phys. 2, 1934, 782,
    doi 10.1063/1.1749394). It depends on the zero of the energies, but hardly with the medium: a
    solvent stabilises cation and anion alike (Born, Z. Phys. 1, 1920, 45, doi 10.1007/BF01881023),
    so that IE falls by as much as EA rises. Relaxation of the ions, too, lowers IE and raises EA.
    Comparison with gas-phase xTB therefore shows the zero of a table's energies at any level of
    theory and in any solvent.

    Parameters
    ----------
    molecules : sequence of Chem.Mol
        Length n.
    labels : Path
        CSV with `smiles`, `IE_ipea1`, `EA_ipea1` (eV vs vacuum, gas phase), to which the regression
        is fitted, such as ``data/embedded/molecules.csv``.

    Returns
    -------
    numpy.ndarray
        Shape (n,): predicted (IE + EA) / 2 of each molecule, eV.

    Raises
    ------
    OrganodeError
        If `labels` cannot be read.
    """
    try:
        known = read_csv(labels, usecols=COLUMNS)
    except (OSError, ValueError) as error:
        raise explained(error, labels) or OrganodeError(
            f"cannot read {labels} ({error}): restore it with `git checkout -- {labels}`, or name "
            "a table with xTB labels as curate.xtb_reference in params.yaml"
        ) from error
    parsed = [Chem.MolFromSmiles(smiles) for smiles in known["smiles"]]
    x = _counts(parsed)
    y = known[["IE_ipea1", "EA_ipea1"]].mean(axis=1).to_numpy()
    centre = y.mean()
    normal = (x.T @ x).toarray() + RIDGE * np.eye(N_BITS)
    weights = np.linalg.solve(normal, x.T @ (y - centre))
    predicted: np.ndarray = _counts(molecules) @ weights + centre
    return predicted


def _counts(molecules: Sequence[Chem.Mol]) -> csr_matrix:
    return fold(environments(molecules, 1), len(molecules), N_BITS, counts=True).astype(float)
