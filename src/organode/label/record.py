"""Quantum-chemistry labels: ionization energy and electron affinity by xTB or B3LYP.

One molecule goes through a conformer (`conformer`), a relaxed geometry and vertical energies
(`xtb`); `dft` computes the energies by B3LYP instead, with `fock` for its costly parts. `engine`
does that for a table, on all cores, and goes on where it was interrupted.
`families` and `pool` choose the molecules of the embedded data set, `embedded` writes it.
"""

from __future__ import annotations

from dataclasses import dataclass


class LabelError(ValueError):
    """One molecule has no label; the message is the reason for its `status` column."""


HARTREE = 27.211386245988  # eV; CODATA 2018


@dataclass(frozen=True)
class Ion:
    """A species with one electron more or less, relaxed; energies in eV by GFN2-xTB if not said.

    Attributes
    ----------
    charge, unpaired : int
        Its charge and number of unpaired electrons.
    status : str
        ``ok``, or why it could not be relaxed, or why energies that follow are missing.
    adiabatic : float
        ``E(ion) − E(species)``, both relaxed: IPEA1-xTB in the gas phase and the difference of
        the solvation free energies, without the empirical shift.
    adiabatic_ipea1, adiabatic_gfn2 : float
        The same by IPEA1-xTB and by GFN2-xTB, gas phase, on the geometries of the solvent.
    settled : float
        By what the species itself changes when it relaxes in the solvent, by the same method as
        `adiabatic`; the reference of that.
    energy, energy_own : float
        Total energies of the relaxed ion and of the relaxed species, in the solvent.
    reorganisation : float
        Inner-sphere reorganisation energy by four points, in the solvent: Nelsen, Blackstock,
        Kim, J. Am. Chem. Soc. 109 (1987) 677, doi 10.1021/ja00237a007.
    rmsd : float
        By which the heavy atoms moved, ångström.
    changes : tuple of str
        Bonds that ``broke i-j`` or ``formed i-j``, by the atoms' places in the SMILES; hydrogens
        follow the heavy atoms.
    loosest : str
        Of the single bonds between heavy atoms outside rings the one that lost most, and the share
        of its Wiberg order that is left, as ``i-j 0.93``; empty if there is none.
    fragmentation : float
        Energy that the cheapest cleavage takes, see `organode.label.fragments`; none if no bond
        is near it.
    cleaved : str
        The bond, as ``i-j``: atom i is in the part that keeps the electron or the hole.
    deprotonation : float
        Energy that the loss of the most acidic proton takes, see `organode.label.protons`: of the
        oxidised form itself; beside a reduced form, of the species, the acid that it meets. None
        where there is no such hydrogen.
    deprotonated : int
        The atom that bore it.
    further : float
        What the next electron takes or gives in the ion's geometry, by the same method as
        `adiabatic`: ``E(second ion) − E(ion)``.
    charges, spins : tuple of float
        Mulliken charge and spin population of each heavy atom, its hydrogens included.
    """

    charge: int
    unpaired: int
    status: str
    adiabatic: float | None = None
    adiabatic_ipea1: float | None = None
    adiabatic_gfn2: float | None = None
    settled: float | None = None
    energy: float | None = None
    energy_own: float | None = None
    reorganisation: float | None = None
    rmsd: float | None = None
    changes: tuple[str, ...] = ()
    loosest: str = ""
    fragmentation: float | None = None
    cleaved: str = ""
    deprotonation: float | None = None
    deprotonated: int | None = None
    further: float | None = None
    charges: tuple[float, ...] = ()
    spins: tuple[float, ...] = ()


@dataclass(frozen=True)
class Label:
    """Energies of one species in eV, on the absolute (vacuum) scale.

    Attributes
    ----------
    IE, EA : float
        The label, vertical or adiabatic: IPEA1-xTB in the gas phase, plus the difference of the
        solvation free energies of ion and species (GFN2-xTB with ALPB) where a solvent was named.
    IE_vertical, EA_vertical : float
        The same with all charge states at the species' geometry; equal to the label where the ions
        were not relaxed.
    IE_ipea1, EA_ipea1 : float
        ``E(oxidised) − E(species)`` and ``E(species) − E(reduced)`` by IPEA1-xTB, vertical, gas
        phase.
    IE_gfn2, EA_gfn2 : float
        The same by GFN2-xTB.
    unbound : bool
        The vertical reduced species is not bound in the gas phase (`EA_ipea1` ≤ 0). There the
        EA's size means little: no method with a finite basis describes an electron that leaves.
    HOMO_gfn2, LUMO_gfn2 : float
        The species' highest occupied and lowest empty orbital by GFN2-xTB, gas phase.
    ions : tuple of Ion
        Oxidised and reduced, where they were relaxed.
    remark : str
        Why an ion counts as it is at the species' geometry although ions were relaxed.
    """

    IE: float
    EA: float
    IE_vertical: float
    EA_vertical: float
    IE_ipea1: float
    EA_ipea1: float
    IE_gfn2: float
    EA_gfn2: float
    unbound: bool
    HOMO_gfn2: float
    LUMO_gfn2: float
    ions: tuple[Ion, ...] = ()
    remark: str = ""


# A self-consistent solution can be a wrong one (CC=[SiH2]'s anion by IPEA1-xTB: −4488 eV).
LOWEST, HIGHEST = -20.0, 30.0  # eV; GFN2-xTB's EA of methane is −13, helium's IE 25


def check_energies(*values: float) -> None:
    """Check that energy differences, in eV, are those of a molecule.

    Raises
    ------
    LabelError
        If one is not a number or beyond all bounds.
    """
    for value in values:
        if not LOWEST <= value <= HIGHEST:  # nor is NaN
            raise LabelError(f"an energy difference is no molecule's: {value:.1f} eV")


def one_line(error: Exception) -> str:
    """Return an error's message on one line, and not all of a long one."""
    return " ".join(str(error).split())[:200]
