"""Relax the oxidised and the reduced ion of a species, and compute energies of their reactions."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from rdkit import Chem

from organode.label.geometry.bonds import bond_changes, check_bonds
from organode.label.geometry.conformer import rotamers, with_positions
from organode.label.geometry.relaxation import ChargeState, Relaxed, relax, rmsd
from organode.label.ions.fragments import fragmentation, loosest
from organode.label.ions.protons import deprotonation
from organode.label.record import Ion, LabelError
from organode.label.singlepoint import Medium

# Largest absolute energy of a second electron transfer. A larger one shows that xTB has converged
# to a wrong solution, as for the double anion of a silacyclopentane (−4,900 eV).
MAX_FURTHER = 30.0  # eV


def relaxed_ions(
    conformer: Chem.Mol, medium: Medium, states: Sequence[ChargeState], start: Relaxed
) -> tuple[Ion, Ion]:
    """Relax the ions of a species with one electron less and one more, and compute their energies.

    Both ions are relaxed by GFN2-xTB in the solvent, from the species' geometry in the gas phase.
    If substituents of an aromatic ring can rotate (`organode.label.geometry.conformer.ROTORS`), an
    ion may prefer another rotamer than the species does. Then, for the species and for each ion,
    the rotamer with the lowest energy before relaxation is relaxed too, and of the two relaxed
    geometries, the geometry with the lower energy is taken.

    Parameters
    ----------
    conformer : Chem.Mol
        The species with explicit hydrogens and its conformer, relaxed in the gas phase.
    medium : Medium
        The species' atoms and the solvent.
    states : sequence of ChargeState
        Charge states of the species itself, with one electron less, and with one more.
    start : Relaxed
        The conformer's positions, and the Hessian at these positions.

    Returns
    -------
    (Ion, Ion)
        The oxidised and the reduced ion. If an ion, or the species itself, cannot be relaxed, the
        ion's `status` says why and the ion's energies are None.
    """
    try:
        own, *relaxed = geometries(conformer, medium, states, start)
        _, of_species = medium.polarised(own.positions, states[0])
    except LabelError as error:
        oxidised, reduced = (
            Ion(state.charge, state.unpaired, f"as drawn: {error}") for state in states[1:]
        )
        return oxidised, reduced
    oxidised, reduced = (
        Ion(state.charge, state.unpaired, str(geometry))
        if isinstance(geometry, LabelError)
        else _ion(conformer, medium, (states[0], state), (start, own, geometry), of_species.orders)
        for state, geometry in zip(states[1:], relaxed, strict=True)
    )
    return oxidised, reduced


def geometries(
    conformer: Chem.Mol, medium: Medium, states: Sequence[ChargeState], start: Relaxed
) -> tuple[Relaxed, Relaxed | LabelError, Relaxed | LabelError]:
    """Relax a species and its oxidised and reduced ion by GFN2-xTB in the solvent of `medium`.

    Parameters
    ----------
    conformer : Chem.Mol
        The species with explicit hydrogens and its conformer, relaxed in the gas phase.
    medium : Medium
        The species' atoms and the solvent.
    states : sequence of ChargeState
        Charge states of the species itself, with one electron less, and with one more.
    start : Relaxed
        The conformer's positions, and the Hessian at these positions.

    Returns
    -------
    own, oxidised, reduced : Relaxed
        Geometry of the species and of each ion. For an ion that cannot be relaxed, the `LabelError`
        that says why is returned in place of the geometry; it is not raised.

    Raises
    ------
    LabelError
        If the species itself cannot be relaxed, or its bonds change.
    """
    others = rotamers(conformer)
    own, oxidised, reduced = states

    def relaxed_ion(state: ChargeState) -> Relaxed | LabelError:
        try:
            return _lowest(conformer, medium, state, start, others)
        except LabelError as error:
            return error

    relaxed_species = _lowest(conformer, medium, own, start, others)
    check_bonds(conformer, relaxed_species.positions)
    return relaxed_species, relaxed_ion(oxidised), relaxed_ion(reduced)


def _lowest(
    conformer: Chem.Mol,
    medium: Medium,
    state: ChargeState,
    start: Relaxed,
    others: Sequence[np.ndarray],
) -> Relaxed:
    """Relax a charge state from `start`, and from the best rotamer in `others` if there is any.

    The best rotamer is the rotamer with the lowest energy by GFN2-xTB before relaxation. Of the two
    relaxed geometries, return the geometry with the lower energy.
    """
    relaxed = [relax(conformer, state, start=start, solvent=medium.solvent)]
    if not others:
        return relaxed[0]
    with suppress(LabelError):  # a rotamer without a self-consistent solution is ignored
        best = min(others, key=lambda positions: medium.gfn2(positions, state))
        relaxed.append(relax(with_positions(conformer, best), state, solvent=medium.solvent))
    return min(relaxed, key=lambda geometry: medium.gfn2(geometry.positions, state))


def _ion(
    conformer: Chem.Mol,
    medium: Medium,
    states: tuple[ChargeState, ChargeState],
    geometries: tuple[Relaxed, Relaxed, Relaxed],
    species_orders: np.ndarray,
) -> Ion:
    """Return the record of a relaxed ion: its energies, charges, spins and reactions.

    Parameters
    ----------
    conformer, medium : Chem.Mol, Medium
        The species with explicit hydrogens; the species' atoms and the solvent.
    states : (ChargeState, ChargeState)
        Charge states of the species and of the ion.
    geometries : (Relaxed, Relaxed, Relaxed)
        Relaxed geometries of the species in the gas phase, of the species in the solvent, and of
        the ion in the solvent.
    species_orders : numpy.ndarray
        Wiberg bond orders of the species, shape (n, n).
    """
    (before, state), (start, own, of_ion) = states, (g.positions for g in geometries)
    values: dict[str, Any] = {
        "rmsd": rmsd(conformer, own, of_ion),
        "changes": tuple(
            f"{change.how} {change.first}-{change.second}"
            for change in bond_changes(conformer, of_ion)
        ),
    }
    status = "ok"
    try:  # if an ion falls apart, an SCF may not converge: the values before that are kept
        energy, energy_own = medium.gfn2(of_ion, state), medium.gfn2(own, before)
        gas, gas_own = medium.gfn2(of_ion, state, gas=True), medium.gfn2(own, before, gas=True)
        values |= {"energy": energy, "energy_own": energy_own, "adiabatic_gfn2": gas - gas_own}
        _, populations = medium.polarised(of_ion, state)
        values |= {
            "loosest": _text(loosest(conformer, populations.orders, species_orders)),
            "charges": _on_heavy_atoms(conformer, populations.charges),
            "spins": _on_heavy_atoms(conformer, populations.spins),
        }
        forward, backward = medium.gfn2(own, state) - energy, medium.gfn2(of_ion, before)
        values["reorganisation"] = forward + backward - energy_own
        ipea1 = medium.ipea1(of_ion, state) - medium.ipea1(own, before)
        solvation = (energy - gas) - (energy_own - gas_own)
        values |= {"adiabatic_ipea1": ipea1, "adiabatic": ipea1 + solvation}
        solvation_start = medium.gfn2(start, before) - medium.gfn2(start, before, gas=True)
        settled = medium.ipea1(own, before) - medium.ipea1(start, before)
        values["settled"] = settled + (energy_own - gas_own) - solvation_start
        orders = populations.orders, species_orders
        cleavage = fragmentation(conformer, geometries[2], state, medium, orders)
        if cleavage is not None:
            bond = f"{cleavage.charged}-{cleavage.other}"
            values |= {"fragmentation": cleavage.energy, "cleaved": bond}
        values |= _proton(conformer, geometries[1:], states, medium, orders[::-1])
        values["further"] = _further(of_ion, states, medium)
    except LabelError as error:
        status = str(error)
    return Ion(state.charge, state.unpaired, status, **values)


def _proton(
    conformer: Chem.Mol,
    geometries: tuple[Relaxed, Relaxed],
    states: tuple[ChargeState, ChargeState],
    medium: Medium,
    orders: tuple[np.ndarray, np.ndarray],
) -> dict[str, Any]:
    """Return the values of the attributes `deprotonation` and `deprotonated` of an `Ion`, by name.

    If the ion is oxidised, the ion loses the proton; if it is reduced, the species does. The result
    is empty if `organode.label.ions.protons.deprotonation` finds no proton. Each tuple in the
    arguments holds a value for the species and a value for the ion: relaxed geometries, charge
    states, and Wiberg bond orders.
    """
    oxidised = states[1].charge > states[0].charge
    acid = int(oxidised)  # an oxidised ion itself (1), but beside a reduced ion the species (0)
    loss = deprotonation(
        conformer, geometries[acid], states[acid], medium, orders[acid], oxidised=oxidised
    )
    return {} if loss is None else {"deprotonation": loss.energy, "deprotonated": loss.atom}


def _further(
    positions: np.ndarray, states: tuple[ChargeState, ChargeState], medium: Medium
) -> float | None:
    """Return the energy of a second electron transfer at `positions`, E(second ion) − E(ion), eV.

    `states` are the charge states of the species and of the ion. An oxidised ion loses a second
    electron, and a reduced ion gains a second electron. The second ion has |n − 1| unpaired
    electrons if the ion has n. The result is None if an SCF does not converge, or if the absolute
    energy is above 30 eV (`MAX_FURTHER`), which shows that an SCF solution is wrong.
    """
    before, ion = states
    second = ChargeState(2 * ion.charge - before.charge, abs(ion.unpaired - 1))
    with suppress(LabelError):
        energy_ion, energy_second = (
            medium.ipea1(positions, state)
            + medium.gfn2(positions, state)
            - medium.gfn2(positions, state, gas=True)
            for state in (ion, second)
        )
        step = energy_second - energy_ion
        return step if abs(step) <= MAX_FURTHER else None
    return None


def _text(bond: tuple[float, int, int] | None) -> str:
    """Format a bond, as returned by `loosest`, as text such as ``0-3 0.930``.

    The text has the indices of the bond's two atoms, and the bond order in the ion divided by that
    in the species. If `bond` is None, the text is empty.
    """
    return "" if bond is None else f"{bond[1]}-{bond[2]} {bond[0]:.3f}"


def _on_heavy_atoms(conformer: Chem.Mol, values: np.ndarray) -> tuple[float, ...]:
    """Return for each heavy atom its value plus the values of the hydrogens bonded to it.

    `values` holds a value for each atom, such as a charge. Sums are rounded to 3 decimals.
    """
    heavy = conformer.GetNumHeavyAtoms()
    heavy_atom = [
        atom.GetIdx() if atom.GetAtomicNum() > 1 else atom.GetNeighbors()[0].GetIdx()
        for atom in conformer.GetAtoms()
    ]
    total = np.zeros(len(heavy_atom))
    np.add.at(total, heavy_atom, values)
    return tuple(total[:heavy].round(3).tolist())
