"""Assess molecules whose potentials suit the cell: energy, filters, stability of the ion."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from organode.electrochemistry.cells import NEGATIVE, POSITIVE, N, P
from organode.electrochemistry.stability.inputs import StabilityInputs
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
    """Return the capacity and specific energy of n molecules in one role of the cell.

    Parameters
    ----------
    criteria : Criteria
        Limits of the potentials, and the potential of the partner electrode (the other electrode of
        the cell).
    table : pandas.DataFrame
        n rows with the first and second redox potentials (`E_ox`, `E_ox2`, `E_red`, `E_red2`; the
        second potentials also with `_lower` and `_upper`), V, and the probabilities that these
        potentials lie inside the cell's window (`P_ox`, `P_ox2`, `P_red`, `P_red2`).
    mass : numpy.ndarray
        Shape (n,), molar masses in g/mol.
    role : str
        ``p`` (the molecule gives off electrons) or ``n`` (the molecule takes up electrons). In a
        symmetric cell, where a molecule does both, the result is the same for both roles.
    stable_electrons : numpy.ndarray
        Shape (n,), 1 or 2: how many electrons each molecule is known to exchange while its ion
        stays stable. No further electrons are counted.

    Returns
    -------
    pandas.DataFrame
        n rows with the columns `molar_mass_g_mol`, `electrons`, `g_per_mol_e` (molar mass per
        electron), `capacity_mAh_g`, `energy_Wh_kg`, and `expected_Wh_kg`, in which the energy of
        each electron is weighted by the probability that its potential is inside the window.
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
    # A negative voltage means reversed poles; such a cell stores no energy.
    return energies(mass, np.maximum(volts, 0), inside, electrons)


def assess(
    criteria: Criteria,
    structures: Sequence[str],
    inputs: StabilityInputs,
    table: pd.DataFrame,
    mass: np.ndarray,
    role: str,
) -> tuple[np.ndarray, pd.DataFrame]:
    """Apply filters and stability tiers to n molecules whose potentials meet the limits.

    Parameters
    ----------
    criteria : Criteria
        Filters, the accepted stability tiers (of ``fine``, ``caution``, ``fatal``), and the
        stability model.
    structures : sequence of str
        n SMILES.
    inputs : StabilityInputs
        What is read of the molecules of `structures` to judge the stability of their ions.
    table : pandas.DataFrame
        n rows with potentials and probabilities, as for `energies_in_role`.
    mass : numpy.ndarray
        Shape (n,), molar masses in g/mol.
    role : str
        ``p`` (the molecule gives off electrons) or ``n`` (the molecule takes up electrons).

    Returns
    -------
    refused : numpy.ndarray
        Shape (n,), str: why each molecule is refused; an empty text if it is not refused.
    assessed : pandas.DataFrame
        n rows, for refused molecules too: the columns of `energies_in_role`; `tier`, the stability
        tier of the ion, with `tier_reason`; `core`, the group that is known to be stable as an ion;
        `P_stable`, the probability that the ion is stable; and `stable_electrons`, how many
        electrons the molecule is known to exchange while its ion stays stable.
    """
    verdicts = stability_verdicts(inputs, criteria.filled_roles(role), criteria.stability)
    stable_electrons = verdicts[STABLE_ELECTRONS].to_numpy()
    assessed = energies_in_role(criteria, table, mass, role, stable_electrons)
    assessed = assessed.join(verdicts[[*STABILITY, STABLE_ELECTRONS]])
    refused = np.array(refusals(criteria.settings.filter, structures, assessed), object)
    wrong_tier = (refused == "") & ~verdicts["tier"].isin(criteria.settings.tiers).to_numpy()
    refused[wrong_tier] = verdicts.loc[wrong_tier, "tier_remark"]
    return refused, assessed
