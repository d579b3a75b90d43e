"""The relaxed ions of a species: what a voltammogram sees, and what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from rdkit import Chem

from organode.label.conformer import changes, check_bonds, placed, rotamers
from organode.label.fragments import fragmentation, loosest
from organode.label.protons import deprotonation
from organode.label.record import Ion, LabelError
from organode.label.relaxation import Charge, Relaxed, relax, rmsd
from organode.label.singlepoint import Medium


def relaxed_ions(
    conformer: Chem.Mol, medium: Medium, states: Sequence[Charge], start: Relaxed
) -> tuple[Ion, Ion]:
    """Relax a species with one electron less and with one more, in its medium.

    By GFN2-xTB, from the species' own geometry. Where rings and their substituents turn
    (`organode.label.conformer.ROTORS`), an ion may want another rotamer than the species does:
    for each charge state the rotamer of lowest energy before relaxation is relaxed too, and the
    lower one of the two counts.

    Parameters
    ----------
    conformer : Chem.Mol
        The species with its hydrogens and its relaxed conformer.
    medium : Medium
        Its atoms and the solvent.
    states : sequence of Charge
        Its own charge state, with one electron less, and with one more.
    start : Relaxed
        Where the conformer is, and the curvature there.

    Returns
    -------
    (Ion, Ion)
        Oxidised and reduced. One that cannot be relaxed says why.
    """
    try:
        own, *there = geometries(conformer, medium, states, start)
        _, usual = medium.polarised(own.positions, states[0])
    except LabelError as error:
        oxidised, reduced = (
            Ion(state.charge, state.unpaired, f"as drawn: {error}") for state in states[1:]
        )
        return oxidised, reduced
    oxidised, reduced = (
        Ion(state.charge, state.unpaired, str(found))
        if isinstance(found, LabelError)
        else _ion(conformer, medium, (states[0], state), (start, own, found), usual.orders)
        for state, found in zip(states[1:], there, strict=True)
    )
    return oxidised, reduced


def geometries(
    conformer: Chem.Mol, medium: Medium, states: Sequence[Charge], start: Relaxed
) -> tuple[Relaxed, Relaxed | LabelError, Relaxed | LabelError]:
    """Relax each charge state of a species by GFN2-xTB in its medium.

    Parameters are those of `relaxed_ions`.

    Returns
    -------
    own, oxidised, reduced : Relaxed
        Of an ion that cannot be relaxed, why.

    Raises
    ------
    LabelError
        If the species itself cannot be relaxed, or has other bonds then.
    """
    turned = rotamers(conformer)
    own, oxidised, reduced = states

    def ion(state: Charge) -> Relaxed | LabelError:
        try:
            return _relax(conformer, medium, state, start, turned)
        except LabelError as error:
            return error

    settled = _relax(conformer, medium, own, start, turned)
    check_bonds(conformer, settled.positions)
    return settled, ion(oxidised), ion(reduced)


def _relax(
    conformer: Chem.Mol,
    medium: Medium,
    state: Charge,
    start: Relaxed,
    turned: Sequence[np.ndarray],
) -> Relaxed:
    """Return a state's geometry of lowest energy among those relaxed."""
    found = [relax(conformer, state, start=start, solvent=medium.solvent)]
    if not turned:
        return found[0]
    with suppress(LabelError):  # a rotamer that has no solution is none
        lowest = min(turned, key=lambda positions: medium.gfn2(positions, state))
        found.append(relax(placed(conformer, lowest), state, solvent=medium.solvent))
    return min(found, key=lambda one: medium.gfn2(one.positions, state))


def _ion(
    conformer: Chem.Mol,
    medium: Medium,
    states: tuple[Charge, Charge],
    geometries: tuple[Relaxed, Relaxed, Relaxed],
    usual: np.ndarray,
) -> Ion:
    """Describe an ion.

    `states` are before and after; `geometries` the species' start, its own in the medium, and the
    ion's; `usual` are the species' bond orders.
    """
    (before, state), (start, own, there) = states, (one.positions for one in geometries)
    found: dict[str, Any] = {
        "rmsd": rmsd(conformer, own, there),
        "changes": tuple(f"{c.how} {c.one}-{c.other}" for c in changes(conformer, there)),
    }
    status = "ok"
    try:  # of one that falls apart, some states have no solution; what is known is kept
        energy, energy_own = medium.gfn2(there, state), medium.gfn2(own, before)
        gas, gas_own = medium.gfn2(there, state, gas=True), medium.gfn2(own, before, gas=True)
        found |= {"energy": energy, "energy_own": energy_own, "adiabatic_gfn2": gas - gas_own}
        _, populations = medium.polarised(there, state)
        found |= {
            "loosest": _text(loosest(conformer, populations.orders, usual)),
            "charges": _on_heavy_atoms(conformer, populations.charges),
            "spins": _on_heavy_atoms(conformer, populations.spins),
        }
        forward, backward = medium.gfn2(own, state) - energy, medium.gfn2(there, before)
        found["reorganisation"] = forward + backward - energy_own
        ipea1 = medium.ipea1(there, state) - medium.ipea1(own, before)
        solvation = (energy - gas) - (energy_own - gas_own)
        found |= {"adiabatic_ipea1": ipea1, "adiabatic": ipea1 + solvation}
        here = medium.gfn2(start, before) - medium.gfn2(start, before, gas=True)
        settled = medium.ipea1(own, before) - medium.ipea1(start, before)
        found["settled"] = settled + (energy_own - gas_own) - here
        split = fragmentation(conformer, geometries[2], state, medium, (populations.orders, usual))
        if split is not None:
            found |= {"fragmentation": split.energy, "cleaved": f"{split.charged}-{split.other}"}
        found |= _proton(conformer, geometries[1:], states, medium, (usual, populations.orders))
        found["further"] = _further(there, states, medium)
    except LabelError as error:
        status = str(error)
    return Ion(state.charge, state.unpaired, status, **found)


def _proton(
    conformer: Chem.Mol,
    geometries: tuple[Relaxed, Relaxed],
    states: tuple[Charge, Charge],
    medium: Medium,
    orders: tuple[np.ndarray, np.ndarray],
) -> dict[str, Any]:
    """Describe the loss of a proton; the arguments are pairs, of the species and of the ion."""
    oxidised = states[1].charge > states[0].charge
    lost = deprotonation(
        conformer, geometries[oxidised], states[oxidised], medium, orders[oxidised],
        oxidised=oxidised,
    )  # fmt: skip
    return {} if lost is None else {"deprotonation": lost.energy, "deprotonated": lost.atom}


def _further(there: np.ndarray, states: tuple[Charge, Charge], medium: Medium) -> float | None:
    """Return the energy of the second step to as low a spin as can be; None if none is found."""
    before, ion = states
    second = Charge(2 * ion.charge - before.charge, abs(ion.unpaired - 1))
    with suppress(LabelError):  # an ion need not have a further one
        one, two = (
            medium.ipea1(there, state)
            + medium.gfn2(there, state)
            - medium.gfn2(there, state, gas=True)
            for state in (ion, second)
        )
        return two - one
    return None


def _text(bond: tuple[float, int, int] | None) -> str:
    """Return a bond and the share of its order that is left, as the record has it."""
    return "" if bond is None else f"{bond[1]}-{bond[2]} {bond[0]:.3f}"


def _on_heavy_atoms(conformer: Chem.Mol, values: np.ndarray) -> tuple[float, ...]:
    """Add the hydrogens' values to those of the atoms that bear them; rounded."""
    heavy = conformer.GetNumHeavyAtoms()
    place = [
        atom.GetIdx() if atom.GetAtomicNum() > 1 else atom.GetNeighbors()[0].GetIdx()
        for atom in conformer.GetAtoms()
    ]
    total = np.zeros(len(place))
    np.add.at(total, place, values)
    return tuple(total[:heavy].round(3).tolist())
