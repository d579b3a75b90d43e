"""Properties of candidates other than the potential, such as energy, synthesis and novelty.

`organode.screening.columns.PROPERTIES` states the meaning and the source of each column.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from rdkit import Chem
from rdkit.Chem import rdMolDescriptors
from rdkit.Chem.FilterCatalog import FilterCatalog, FilterCatalogParams
from rdkit.Contrib.SA_Score import sascorer

from organode.chem.motifs import family
from organode.chem.reading.names import registered
from organode.chem.similarity import nearest, packed_bits
from organode.screening.columns import ENERGIES
from organode.screening.criteria.measured import MeasuredMolecules

# mAh/mol: the Faraday constant (CODATA 2018, 96485.332 C/mol) over 3.6 C/mAh.
FARADAY_MAH = 26_801.5


def energies(
    mass: np.ndarray, volts: np.ndarray, inside: np.ndarray, electrons: np.ndarray
) -> pd.DataFrame:
    """Return mass, electrons, capacity and specific energy of n molecules.

    Parameters
    ----------
    mass : numpy.ndarray
        Shape (n,), g/mol.
    volts : numpy.ndarray
        Shape (n, 2): cell voltage of the first and second electron against the partner electrode
        (the other electrode of the cell), V.
    inside : numpy.ndarray
        Shape (n, 2): probabilities that the potential of each electron is inside the cell's
        stability window.
    electrons : numpy.ndarray
        Shape (n,): how many electrons each molecule exchanges, 1 or 2.

    Returns
    -------
    pandas.DataFrame
        n rows with the columns `molar_mass_g_mol`, `electrons`, `g_per_mol_e` (molar mass per
        electron), `capacity_mAh_g`, `energy_Wh_kg`, and `expected_Wh_kg`, in which the energy of
        each electron is weighted by `inside`.
    """
    counted = np.arange(1, 3) <= electrons[:, None]
    each = FARADAY_MAH / mass[:, None] * np.where(counted, volts, 0)
    expected = (each * np.where(counted, inside, 0)).sum(axis=1)
    capacity = FARADAY_MAH * electrons / mass
    values = (mass, electrons, mass / electrons, capacity, each.sum(axis=1), expected)
    return pd.DataFrame(dict(zip(ENERGIES, values, strict=True)))


def details(
    molecules: Sequence[Chem.Mol], similarity: np.ndarray, measured: MeasuredMolecules
) -> pd.DataFrame:
    """Return those properties of n candidates that are too slow to compute for a whole library.

    Parameters
    ----------
    molecules : sequence of Chem.Mol
        Length n.
    similarity : numpy.ndarray
        Shape (n,): Tanimoto similarity to the nearest training molecule.
    measured : MeasuredMolecules
        Molecules with a measured potential. For each candidate, the most similar of these molecules
        is given.

    Returns
    -------
    pandas.DataFrame
        n rows: `formula`, `SA_score`, `logP`, `alerts`, `motif`, `known`, `known_similarity`,
        `known_V`, `compound`, `compound_CAS` and `novelty`. `organode.screening.columns.PROPERTIES`
        states the meaning of each column.
    """
    neighbours = nearest(packed_bits(molecules), measured.bits, 1)
    nearest_rows = neighbours.position[:, 0]
    compounds = [compound or ("", "") for compound in registered(molecules)]
    columns = {
        "formula": [rdMolDescriptors.CalcMolFormula(molecule) for molecule in molecules],
        "SA_score": [sa_score(molecule) for molecule in molecules],
        "logP": [_log_p(molecule) for molecule in molecules],
        "alerts": ["; ".join(alerts(molecule)) for molecule in molecules],
        "motif": [family(molecule) for molecule in molecules],
        "known": [measured.names[row] for row in nearest_rows],
        "known_similarity": neighbours.similarity[:, 0].astype(float),
        "known_V": measured.volts[nearest_rows],
        "compound": [name for name, _ in compounds],
        "compound_CAS": [number for _, number in compounds],
        "novelty": 1 - similarity,
    }
    return pd.DataFrame(columns)


def sa_score(molecule: Chem.Mol) -> float:
    """Return a molecule's synthetic accessibility (Ertl and Schuffenhauer), from 1 (easy) to 10."""
    return float(sascorer.calculateScore(molecule))


def _log_p(molecule: Chem.Mol) -> float:
    return float(rdMolDescriptors.CalcCrippenDescriptors(molecule)[0])


@cache
def _catalog() -> Any:
    parameters = FilterCatalogParams()
    parameters.AddCatalog(FilterCatalogParams.FilterCatalogs.BRENK)
    return FilterCatalog(parameters)


def alerts(molecule: Chem.Mol) -> list[str]:
    """Return the names of a molecule's reactive or unstable groups (Brenk's alerts in RDKit)."""
    return [match.GetDescription().replace("_", " ") for match in _catalog().GetMatches(molecule)]
