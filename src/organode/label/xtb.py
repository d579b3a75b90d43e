"""Compute labels by extended tight binding (xTB): vertical IE and EA or, on request, adiabatic."""

from __future__ import annotations

import numpy as np
from rdkit import Chem

from organode.label.geometry.bonds import check_bonds
from organode.label.geometry.conformer import embed, with_positions
from organode.label.geometry.relaxation import ChargeState, Relaxed, charge_states, relax
from organode.label.ions.relaxed import relaxed_ions
from organode.label.record import Ion, Label, LabelError, check_energies
from organode.label.singlepoint import Medium, atomic_numbers

# Empirical shift that is subtracted from raw ionization energies and electron affinities. It was
# fitted for IPEA1-xTB: Ásgeirsson, Bauer, Grimme, Chem. Sci. 8 (2017) 4879, doi 10.1039/c7sc00601b.
# The xtb program applies it to GFN2-xTB too.
SHIFT = 4.8455  # eV


def label(molecule: Chem.Mol, solvent: str | None = None, *, adiabatic: bool = False) -> Label:
    """Compute IE and EA of a species (molecule or ion) by xTB.

    A conformer by ETKDGv3 and MMFF94 is relaxed in the gas phase by GFN2-xTB (Bannwarth et al.,
    J. Chem. Theory Comput. 15, 2019, 1652, doi 10.1021/acs.jctc.8b01176). At that geometry, the
    energies of the species and of its ions, with one electron less and one more, are computed by
    IPEA1-xTB and by GFN2-xTB. In a solvent, the solvation free energies of these three charge
    states are added. They are computed by GFN2-xTB with ALPB (Ehlert et al., J. Chem. Theory
    Comput. 17, 2021, 4250, doi 10.1021/acs.jctc.1c00471), where the continuum is in equilibrium
    with each charge state. Everything runs on a single thread: with more threads, the order in
    which numbers are added varies, and with it the last digits of the energies, and small molecules
    only become slower.

    Parameters
    ----------
    molecule : Chem.Mol
        A single molecule or ion of any charge, without explicit hydrogens. Each charge state gets
        the number of unpaired electrons with the lowest energy (`ground_states`).
    solvent : str, optional
        Name of an ALPB solvent, such as ``acetonitrile``; gas phase when omitted.
    adiabatic : bool
        Relax the ions too (`organode.label.ions.relaxed`). Then `IE` and `EA` are adiabatic: energy
        differences between ion and species, each at the geometry with the lowest energy that was
        found for this ion or species. If an ion cannot be relaxed, or its bonds change, `IE` or
        `EA` is the vertical value, and `remark` says why.

    Raises
    ------
    LabelError
        If no conformer can be embedded, if the relaxation of the species fails or changes a bond,
        if the SCF of a charge state does not converge, or if IE or EA has an impossible value.
    """
    import tblite.interface  # noqa: F401 (its threads can be limited only once it is loaded)
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        return _label(molecule, solvent, adiabatic)


def _label(molecule: Chem.Mol, solvent: str | None, adiabatic: bool) -> Label:
    conformer, states, geometry = relaxed(molecule)
    positions = geometry.positions
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
        oxidised, reduced = relaxed_ions(conformer, medium, states, geometry)
        ie = _adiabatic(ie + SHIFT, oxidised) - SHIFT
        ea = -_adiabatic(-ea - SHIFT, reduced) - SHIFT
        ions = oxidised, reduced
    values = (ie, ea, ie_vertical, ea_vertical, ie_ipea1, ea_ipea1, ie_gfn2, ea_gfn2)
    check_energies(*values)
    homo, lumo = medium.frontier(positions, states[0])
    return Label(
        *values,
        unbound=ea_ipea1 <= 0,
        HOMO_gfn2=homo,
        LUMO_gfn2=lumo,
        ions=ions,
        remark="; ".join(filter(None, map(_remark, ions, ("oxidised", "reduced")))),
    )


def _adiabatic(vertical: float, ion: Ion) -> float:
    """Return the adiabatic ``E(ion) − E(species)``, eV, without the empirical shift.

    Two geometries are compared for the species and for the ion: the species' geometry relaxed in
    the gas phase, and the geometry of that charge state relaxed in the solvent. The geometry with
    the lower energy by IPEA1-xTB (with the solvation free energy) is taken. This need not be the
    geometry relaxed in the solvent, because GFN2-xTB relaxes some ions, above all unbound anions,
    to geometries where the energy by IPEA1-xTB is higher. If the ion was not relaxed or its bonds
    changed, return `vertical`, ``E(ion) − E(species)`` with species and ion at the species'
    geometry relaxed in the gas phase.
    """
    if ion.adiabatic is None or ion.settled is None or ion.changes:
        return vertical
    return min(vertical, ion.adiabatic + ion.settled) - min(0.0, ion.settled)


def _remark(ion: Ion, name: str) -> str:
    """Return why the vertical energy is used for an ion; empty if the relaxed ion is intact.

    `name`, ``oxidised`` or ``reduced``, begins the text.
    """
    if ion.changes:
        return f"{name}: {', '.join(ion.changes)}"
    return f"{name}: {ion.status}" if ion.adiabatic is None else ""


def relaxed(
    molecule: Chem.Mol,
) -> tuple[Chem.Mol, tuple[ChargeState, ChargeState, ChargeState], Relaxed]:
    """Embed a conformer of a species, and relax it in the gas phase by GFN2-xTB.

    The species has the charge and the number of unpaired electrons that are drawn.

    Parameters
    ----------
    molecule : Chem.Mol
        The species without explicit hydrogens.

    Returns
    -------
    conformer : Chem.Mol
        The species with explicit hydrogens and its relaxed conformer, positions in ångström.
    states : tuple of ChargeState
        Charge states of the species itself, with one electron less, and with one more.
    geometry : Relaxed
        The relaxed positions of `conformer`, and the Hessian at these positions.

    Raises
    ------
    LabelError
        If no conformer can be embedded, or the relaxation fails or changes a bond.
    """
    conformer = embed(molecule)
    states = charge_states(conformer)
    geometry = relax(conformer, states[0])
    check_bonds(conformer, geometry.positions)
    return with_positions(conformer, geometry.positions), states, geometry


def ground_states(
    medium: Medium, positions: np.ndarray, states: tuple[ChargeState, ChargeState, ChargeState]
) -> tuple[ChargeState, ChargeState, ChargeState]:
    """Return the charge states with the numbers of unpaired electrons that have the lowest energy.

    Energies are by spin-polarised GFN2-xTB. The ions of a radical may be singlets or triplets, and
    so may a species drawn with two unpaired electrons; singlet and triplet are therefore compared.
    The ions of a species drawn with two unpaired electrons become doublets. All other charge states
    are returned unchanged.

    Parameters
    ----------
    medium : Medium
        The n atoms of the species, and the solvent.
    positions : numpy.ndarray
        Shape (n, 3), ångström: the species' geometry.
    states : tuple of ChargeState
        Charge states of the species itself, with one electron less, and with one more, with the
        numbers of unpaired electrons that follow from the drawn structure.
    """

    def energy(state: ChargeState) -> float:
        try:
            return medium.polarised(positions, state)[0]
        except LabelError:  # no solution with this spin: the other spin is taken
            return np.inf

    def lower(charge: int) -> ChargeState:
        return min((ChargeState(charge, spin) for spin in (0, 2)), key=energy)

    own, oxidised, reduced = states
    even = [state.unpaired % 2 == 0 for state in states]
    if even == [False, True, True]:
        return own, lower(oxidised.charge), lower(reduced.charge)
    if own.unpaired and even[0]:
        return lower(own.charge), ChargeState(oxidised.charge, 1), ChargeState(reduced.charge, 1)
    return states  # the ions of a closed shell are doublets
