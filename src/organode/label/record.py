"""Labels of a molecule: ionization energy and electron affinity, and the relaxed ions."""

from __future__ import annotations

from dataclasses import dataclass


class LabelError(ValueError):
    """A molecule has no label; the message is the reason for its `status` column."""


HARTREE = 27.211386245988  # eV; CODATA 2018


@dataclass(frozen=True)
class Ion:
    """A species with one electron more or less, relaxed; energies in eV, by default by GFN2-xTB.

    Attributes
    ----------
    charge, unpaired : int
        Its charge and number of unpaired electrons.
    status : str
        ``ok``, or why it could not be relaxed or some of its energies are missing.
    adiabatic : float
        ``E(ion) − E(species)``, both relaxed: IPEA1-xTB in the gas phase plus the difference of
        the solvation free energies, without the empirical shift.
    adiabatic_ipea1, adiabatic_gfn2 : float
        The same by IPEA1-xTB and by GFN2-xTB in the gas phase, at the geometries in the solvent.
    settled : float
        Change of the species' own energy when it relaxes from the gas phase into the solvent, by
        the method of `adiabatic`.
    energy, energy_own : float
        Total energies of the relaxed ion and of the relaxed species, in the solvent.
    reorganisation : float
        Inner-sphere reorganisation energy by four points, in the solvent: Nelsen, Blackstock,
        Kim, J. Am. Chem. Soc. 109 (1987) 677, doi 10.1021/ja00237a007.
    rmsd : float
        Root-mean-square displacement of the heavy atoms, ångström.
    changes : tuple of str
        Bonds that ``broke i-j`` or ``formed i-j``, by the atoms' positions in the SMILES; hydrogens
        follow the heavy atoms.
    loosest : str
        The most weakened single bond between heavy atoms outside rings, and the fraction of its
        Wiberg order that is left, as ``i-j 0.93``; empty if there is no such bond.
    fragmentation : float
        Energy of the cheapest cleavage, see `organode.label.ions.fragments`; None if no bond is
        weak enough.
    cleaved : str
        The bond cleaved, as ``i-j``: atom i is in the fragment that keeps the electron or the hole.
    deprotonation : float
        Energy of losing the most acidic proton, see `organode.label.ions.protons`: of the oxidised
        ion itself; in the record of a reduced ion, of the species, the acid in the solution.
        None where there is no such hydrogen.
    deprotonated : int
        The atom that bore the proton.
    further : float
        Energy of the next electron in the ion's geometry, by the method of `adiabatic`:
        ``E(second ion) − E(ion)``.
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
        The label, vertical or adiabatic: IPEA1-xTB in the gas phase, plus, in a solvent, the
        difference of the solvation free energies of ion and species (GFN2-xTB with ALPB).
    IE_vertical, EA_vertical : float
        The same with all charge states at the species' geometry; equal to the label if the ions
        were not relaxed.
    IE_ipea1, EA_ipea1 : float
        ``E(oxidised) − E(species)`` and ``E(species) − E(reduced)`` by IPEA1-xTB, vertical, gas
        phase.
    IE_gfn2, EA_gfn2 : float
        The same by GFN2-xTB.
    unbound : bool
        The vertical reduced species is not bound in the gas phase (`EA_ipea1` ≤ 0). Then the value
        of EA means little: a finite basis cannot describe an electron that leaves.
    HOMO_gfn2, LUMO_gfn2 : float
        HOMO and LUMO energy of the species by GFN2-xTB, gas phase.
    ions : tuple of Ion
        Oxidised and reduced; empty if they were not relaxed.
    remark : str
        Why the vertical energy of an ion is used although ions were relaxed.
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


# The SCF can converge to a wrong solution (the anion of CC=[SiH2] by IPEA1-xTB: −4488 eV).
LOWEST, HIGHEST = -20.0, 30.0  # eV; GFN2-xTB's EA of methane is −13, helium's IE 25


def check_energies(*values: float) -> None:
    """Check that energy differences, in eV, are possible for a molecule.

    Raises
    ------
    LabelError
        If a value is not a number, or below `LOWEST` or above `HIGHEST`.
    """
    for value in values:
        if not LOWEST <= value <= HIGHEST:  # nor is NaN
            raise LabelError(f"an energy difference is impossible: {value:.1f} eV")


def one_line(error: Exception) -> str:
    """Return an error's message on a single line of at most 200 characters."""
    return " ".join(str(error).split())[:200]
