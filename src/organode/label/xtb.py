"""Labels by extended tight binding: vertical energies, and relaxed ions if they are asked for."""

from __future__ import annotations

import numpy as np
from rdkit import Chem

from organode.label.conformer import check_bonds, embed, placed
from organode.label.ions import relaxed_ions
from organode.label.record import Ion, Label, LabelError, check_energies
from organode.label.relaxation import Charge, Relaxed, charge_states, relax
from organode.label.singlepoint import Medium, atomic_numbers

# Empirical shift of both raw energies, fitted for IPEA1-xTB's ionization energies and
# electron affinities: Ásgeirsson, Bauer, Grimme, Chem. Sci. 8 (2017) 4879,
# doi 10.1039/c7sc00601b. The xtb program applies it to GFN2-xTB too.
SHIFT = 4.8455  # eV


def label(molecule: Chem.Mol, solvent: str | None = None, *, adiabatic: bool = False) -> Label:
    """Compute IE and EA of one species.

    ETKDGv3 and MMFF94 conformer; GFN2-xTB geometry in the gas phase (Bannwarth et al.,
    J. Chem. Theory Comput. 15, 2019, 1652, doi 10.1021/acs.jctc.8b01176); single points of
    the species and of its ions, with one electron less and one more, on that geometry by
    IPEA1-xTB and by GFN2-xTB. In a solvent, the solvation free energies of the three charge
    states by GFN2-xTB with ALPB (Ehlert et al., J. Chem. Theory Comput. 17, 2021, 4250, doi
    10.1021/acs.jctc.1c00471) close the thermodynamic cycle; the continuum is in equilibrium
    with each charge state. All of it runs on one thread: with more, the sums are done in another
    order each time, and small molecules only get slower.

    Parameters
    ----------
    molecule : Chem.Mol
        One fragment of any charge, without explicit hydrogens. Spins are those of `ground_states`.
    solvent : str, optional
        Name of an ALPB solvent, such as ``acetonitrile``; gas phase when omitted.
    adiabatic : bool
        Relax the ions too, see `organode.label.ions`; `IE` and `EA` are adiabatic then: between the
        lowest geometries known of ion and species. An ion that cannot be relaxed, or has other
        bonds then, keeps the species' geometry, and `remark` says so.

    Raises
    ------
    LabelError
        If no conformer exists, the relaxation does not converge or changes a bond, or a
        charge state has no self-consistent solution.
    """
    import tblite.interface  # noqa: F401 (has to be loaded for its threads to be limited)
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        return _label(molecule, solvent, adiabatic)


def _label(molecule: Chem.Mol, solvent: str | None, adiabatic: bool) -> Label:
    conformer, states, found = relaxed(molecule)
    positions = found.positions
    medium = Medium(atomic_numbers(conformer), solvent)
    states = ground_states(medium, positions, states)
    ipea1 = np.array([medium.ipea1(positions, state) for state in states])
    gfn2 = np.array([medium.gfn2(positions, state, gas=True) for state in states])
    solvation = np.zeros(3)
    if solvent:
        solvation = np.array([medium.gfn2(positions, state) for state in states]) - gfn2
    (ie, ea), (ie_ipea1, ea_ipea1), (ie_gfn2, ea_gfn2) = (
        (float(oxidised - own - SHIFT), float(own - reduced - SHIFT))
        for own, oxidised, reduced in (ipea1 + solvation, ipea1, gfn2)
    )
    ie_vertical, ea_vertical = ie, ea
    ions: tuple[Ion, ...] = ()
    if adiabatic:
        oxidised, reduced = relaxed_ions(conformer, medium, states, found)
        ie = _lowest(ie + SHIFT, oxidised) - SHIFT
        ea = -_lowest(-ea - SHIFT, reduced) - SHIFT
        ions = oxidised, reduced
    values = (ie, ea, ie_vertical, ea_vertical, ie_ipea1, ea_ipea1, ie_gfn2, ea_gfn2)
    check_energies(*values)
    homo, lumo = medium.frontier(positions, states[0])
    return Label(
        *values, unbound=ea_ipea1 <= 0, HOMO_gfn2=homo, LUMO_gfn2=lumo, ions=ions,
        remark="; ".join(filter(None, map(_remark, ions, ("oxidised", "reduced")))),
    )  # fmt: skip


def _lowest(vertical: float, ion: Ion) -> float:
    """Return `E(ion) − E(species)` between the lowest geometries that are known, eV.

    GFN2-xTB relaxes some ions, unbound anions most of all, to where IPEA1-xTB is higher.
    """
    if ion.adiabatic is None or ion.settled is None or ion.changes:
        return vertical
    return min(vertical, ion.adiabatic + ion.settled) - min(0.0, ion.settled)


def _remark(ion: Ion, name: str) -> str:
    """Say why an ion counts as it is at the species' geometry."""
    if ion.changes:
        return f"{name}: {', '.join(ion.changes)}"
    return f"{name}: {ion.status}" if ion.adiabatic is None else ""


def relaxed(molecule: Chem.Mol) -> tuple[Chem.Mol, tuple[Charge, Charge, Charge], Relaxed]:
    """Embed a species and relax it as drawn, in the gas phase.

    Parameters
    ----------
    molecule : Chem.Mol
        Without explicit hydrogens.

    Returns
    -------
    conformer : Chem.Mol
        With its hydrogens and the relaxed conformer, ångström.
    states : tuple of Charge
        Its own charge state, with one electron less, and with one more.
    found : Relaxed
        The conformer's positions, and the curvature there.

    Raises
    ------
    LabelError
        If no conformer exists, or the relaxation fails or changes a bond.
    """
    conformer = embed(molecule)
    states = charge_states(conformer)
    found = relax(conformer, states[0])
    check_bonds(conformer, found.positions)
    return placed(conformer, found.positions), states, found


def ground_states(
    medium: Medium, positions: np.ndarray, states: tuple[Charge, Charge, Charge]
) -> tuple[Charge, Charge, Charge]:
    """Return the states with the spins that are lowest by spin-polarised GFN2-xTB.

    The ions of a radical may be singlets or triplets, and so may a species with two unpaired
    electrons; all other states are what they are.

    Parameters
    ----------
    medium : Medium
        The species' atoms, n of them, and its solvent.
    positions : numpy.ndarray
        Shape (n, 3), ångström: the species' geometry.
    states : tuple of Charge
        Its own charge state, with one electron less, and with one more, all as low in spin as
        can be.
    """

    def energy(state: Charge) -> float:
        try:
            return medium.polarised(positions, state)[0]
        except LabelError:  # this spin has no solution: the other one decides
            return np.inf

    def lower(charge: int) -> Charge:
        return min((Charge(charge, spin) for spin in (0, 2)), key=energy)

    own, oxidised, reduced = states
    even = [state.unpaired % 2 == 0 for state in states]
    if even == [False, True, True]:
        return own, lower(oxidised.charge), lower(reduced.charge)
    if own.unpaired and even[0]:
        return lower(own.charge), Charge(oxidised.charge, 1), Charge(reduced.charge, 1)
    return states  # the ions of a closed shell are doublets
