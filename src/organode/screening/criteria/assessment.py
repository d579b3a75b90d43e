"""Assess molecules whose potentials meet the limits: energy, filters, stability of the ion."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from organode.electrochemistry.cells import NEGATIVE, POSITIVE, N, P
from organode.screening.columns import (
    FIRST_WAVE,
    PROBABILITIES,
    SECOND_WAVE,
    STABILITY,
    STABLE_ELECTRONS,
)
from organode.screening.criteria.criteria import Criteria
from organode.screening.criteria.filters import refusals
from organode.screening.criteria.potentials import count_electrons
from organode.screening.criteria.properties import energies
from organode.screening.criteria.stability import stability_verdicts


def energies_in_role(
    criteria: Criteria,
    table: pd.DataFrame,
    mass: np.ndarray,
    role: str,
    stable_electrons: np.ndarray,
) -> pd.DataFrame:
    """Return the `ENERGIES` of n molecules in a role that the cell uses.

    Parameters
    ----------
    criteria : Criteria
        Tasks and limits.
    table : pandas.DataFrame
        n rows with both waves' potentials and `PROBABILITIES`.
    mass : numpy.ndarray
        Shape (n,), g/mol.
    role : str
        Of `ROLES`.
    stable_electrons : numpy.ndarray
        Shape (n,): electrons that each is known to exchange without harm, 1 or 2.
    """
    task, roles = criteria.tasks[role], criteria.filled_roles(role)
    waves = {each: table[[FIRST_WAVE[each], SECOND_WAVE[each]]].to_numpy() for each in roles}
    if task.electrode == POSITIVE:
        volts = waves[role] - task.partner
    elif task.electrode == NEGATIVE:
        volts = task.partner - waves[role]
    else:
        volts = waves[P] - waves[N]
    inside = np.prod([table[list(PROBABILITIES[each])].to_numpy() for each in roles], axis=0)
    electrons = np.minimum(count_electrons(table, criteria)[role], stable_electrons)
    # A cell with its poles reversed stores nothing.
    return energies(mass, np.maximum(volts, 0), inside, electrons)


def assess(
    criteria: Criteria,
    structures: Sequence[str],
    table: pd.DataFrame,
    mass: np.ndarray,
    role: str,
) -> tuple[np.ndarray, pd.DataFrame]:
    """Apply filters and stability tiers to n molecules whose potentials meet the limits.

    Parameters
    ----------
    criteria : Criteria
        Filters, tiers and the stability model.
    structures : sequence of str
        n SMILES.
    table, mass, role
        As for `energies_in_role`.

    Returns
    -------
    refused : numpy.ndarray
        Shape (n,), str: why each is refused; empty where it is not.
    assessed : pandas.DataFrame
        n rows: `ENERGIES`, `STABILITY` and `STABLE_ELECTRONS`.
    """
    verdicts = stability_verdicts(structures, criteria.filled_roles(role), criteria.stability)
    stable_electrons = verdicts[STABLE_ELECTRONS].to_numpy()
    assessed = energies_in_role(criteria, table, mass, role, stable_electrons)
    assessed = assessed.join(verdicts[[*STABILITY, STABLE_ELECTRONS]])
    refused = np.array(refusals(criteria.settings.filter, structures, assessed), object)
    wrong_tier = (refused == "") & ~verdicts["tier"].isin(criteria.settings.tiers).to_numpy()
    refused[wrong_tier] = verdicts.loc[wrong_tier, "tier_remark"]
    return refused, assessed
