"""What else decides about a candidate beside its potential.

Each column's name bears its unit; `COLUMNS` says what it means and where it is from.
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
from organode.screen.criteria.measured import Known

# C/mol over 3.6 C/mAh: CODATA 2018, F = 96485.332 C/mol.
FARADAY_MAH = 26_801.5
COLUMNS = {
    "formula": "molecular formula",
    "molar_mass_g_mol": "molar mass; of a salt that was given as one, with its counter-ions",
    "electrons": "that a molecule exchanges: 2 if it has a core that is known to last with two, or "
    "two cores, and the second wave, with its error bar, is inside the window as well",
    "g_per_mol_e": "molar mass per electron",
    "capacity_mAh_g": "theoretical capacity, 26801.5 · n / M, of the molecule alone",
    "energy_Wh_kg": "capacity × mean voltage against the partner electrode, of the molecule alone",
    "expected_Wh_kg": "the same with each electron's energy times the probability that its "
    "potential is inside the window",
    "SA_score": "synthetic accessibility, 1 (easy) to 10: Ertl and Schuffenhauer, J. Cheminform. 1 "
    "(2009) 8, doi 10.1186/1758-2946-1-8",
    "logP": "Crippen's octanol-water partition: Wildman and Crippen, J. Chem. Inf. Comput. Sci. 39 "
    "(1999) 868, doi 10.1021/ci990307l",
    "alerts": "reactive or unstable groups: Brenk et al., ChemMedChem 3 (2008) 435, doi "
    "10.1002/cmdc.200700139, as RDKit has them; quinones are among them",
    "motif": "most telling redox-active group",
    "known": "the most similar molecule whose potential was measured, of those that the laboratory "
    "scale is fitted to",
    "known_similarity": "Tanimoto similarity to it (Morgan bits, radius 2)",
    "known_V": "its measured potential in V vs the cell's reference electrode, its own solvent's "
    "ferrocene taken for the cell's",
    "compound": "name of the substance in the package chemicals' table of real compounds; empty if "
    "it is not there, or the package is not installed",
    "compound_CAS": "its CAS number there",
    "novelty": "1 − similarity to the nearest training molecule",
}

ENERGIES = (
    "molar_mass_g_mol", "electrons", "g_per_mol_e", "capacity_mAh_g", "energy_Wh_kg",
    "expected_Wh_kg",
)  # fmt: skip


def energies(
    mass: np.ndarray, volts: np.ndarray, inside: np.ndarray, electrons: np.ndarray
) -> pd.DataFrame:
    """Return what a score is made of, for every candidate.

    Parameters
    ----------
    mass : numpy.ndarray
        Shape (n,), g/mol.
    volts : numpy.ndarray
        Shape (n, 2): of the cell with the partner electrode, for the first and the second
        electron, V.
    inside : numpy.ndarray
        Shape (n, 2): probabilities that the potential of each is inside the window.
    electrons : numpy.ndarray
        Shape (n,): how many of them count, 1 or 2.

    Returns
    -------
    pandas.DataFrame
        n rows, `ENERGIES`.
    """
    counted = np.arange(1, 3) <= electrons[:, None]
    each = FARADAY_MAH / mass[:, None] * np.where(counted, volts, 0)
    expected = (each * np.where(counted, inside, 0)).sum(axis=1)
    capacity = FARADAY_MAH * electrons / mass
    values = (mass, electrons, mass / electrons, capacity, each.sum(axis=1), expected)
    return pd.DataFrame(dict(zip(ENERGIES, values, strict=True)))


def details(molecules: Sequence[Chem.Mol], similarity: np.ndarray, measured: Known) -> pd.DataFrame:
    """Describe the candidates that are listed in the end.

    Parameters
    ----------
    molecules : sequence of Chem.Mol
        Length n.
    similarity : numpy.ndarray
        Shape (n,): to the nearest training molecule.
    measured : Known
        What each is compared with.

    Returns
    -------
    pandas.DataFrame
        n rows, those of `COLUMNS` that are not in `ENERGIES`.
    """
    found = nearest(packed_bits(molecules), measured.bits, 1)
    compounds = [registered(one) or ("", "") for one in molecules]
    return pd.DataFrame({
        "formula": [rdMolDescriptors.CalcMolFormula(one) for one in molecules],
        "SA_score": [sa_score(one) for one in molecules],
        "logP": [_log_p(one) for one in molecules],
        "alerts": ["; ".join(alerts(one)) for one in molecules],
        "motif": [family(one) for one in molecules],
        "known": [measured.names[at] for at in found.position[:, 0]],
        "known_similarity": found.similarity[:, 0].astype(float),
        "known_V": measured.volts[found.position[:, 0]],
        "compound": [name for name, _ in compounds],
        "compound_CAS": [number for _, number in compounds],
        "novelty": 1 - similarity,
    })  # fmt: skip


def sa_score(molecule: Chem.Mol) -> float:
    """Return the synthetic accessibility, 1 (easy) to 10."""
    return float(sascorer.calculateScore(molecule))


def _log_p(molecule: Chem.Mol) -> float:
    return float(rdMolDescriptors.CalcCrippenDescriptors(molecule)[0])


@cache
def _catalog() -> Any:
    wanted = FilterCatalogParams()
    wanted.AddCatalog(FilterCatalogParams.FilterCatalogs.BRENK)
    return FilterCatalog(wanted)


def alerts(molecule: Chem.Mol) -> list[str]:
    """Return the names of the structural alerts that a molecule has."""
    return [match.GetDescription().replace("_", " ") for match in _catalog().GetMatches(molecule)]
