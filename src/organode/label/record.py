"""Records of a molecule's labels (ionization energy, electron affinity) and of its relaxed ions."""

from __future__ import annotations

from dataclasses import dataclass


class LabelError(ValueError):
    """Raised if a molecule has no label; the message is the reason for its `status` column."""


HARTREE = 27.211386245988  # eV; CODATA 2018


@dataclass(frozen=True)
class Ion:
    """A relaxed ion: a species with one electron more or less than it is drawn with.

    Energies are in eV, by GFN2-xTB unless another method is named, and None where they could not be
    computed.

    Attributes
    ----------
    charge, unpaired : int
        Net charge and number of unpaired electrons of the ion.
    status : str
        ``ok``, or why the ion could not be relaxed or some of its energies are missing.
    adiabatic : float
        ``E(ion) − E(species)``, both relaxed: IPEA1-xTB in the gas phase plus the difference of
        the solvation free energies, without the empirical shift `organode.label.xtb.SHIFT`.
    adiabatic_ipea1, adiabatic_gfn2 : float
        The same difference by IPEA1-xTB and by GFN2-xTB, without solvation free energies, at the
        geometries relaxed in the solvent.
    settled : float
        Change of the species' own energy when its geometry, relaxed in the gas phase, relaxes in
        the solvent; by the method of `adiabatic`.
    energy, energy_own : float
        Total energies of the relaxed ion and of the relaxed species, in the solvent.
    reorganisation : float
        Inner-sphere reorganisation energy by four points, in the solvent: Nelsen, Blackstock,
        Kim, J. Am. Chem. Soc. 109 (1987) 677, doi 10.1021/ja00237a007.
    rmsd : float
        Root-mean-square displacement of the heavy atoms, ångström.
    changes : tuple of str
        Bonds in which ion and species differ, as ``broke i-j`` or ``formed i-j``: i and j are the
        atoms' positions in the SMILES, from 0; hydrogens follow the heavy atoms.
    loosest : str
        The most weakened single bond between heavy atoms outside rings, and the share of its
        Wiberg order in the species that is left, as ``i-j 0.930``; empty if there is no such bond.
    fragmentation : float
        Energy of the bond cleavage that costs the least, both fragments relaxed (see
        `organode.label.ions.fragments`); None if no bond is weak enough.
    cleaved : str
        The bond cleaved, as ``i-j``: atom i is in the fragment that keeps the electron or the hole.
    deprotonation : float
        Energy of losing the most acidic proton, without the energy of the solvated proton (see
        `organode.label.ions.protons`). An oxidised ion loses it itself. In the record of a reduced
        ion, the species loses it, since that is the acid in the solution. None if there is no
        acidic hydrogen.
    deprotonated : int
        The heavy atom that bore the proton, by its position in the SMILES.
    further : float
        Energy of a second electron transfer in the same direction, at the ion's geometry:
        ``E(second ion) − E(ion)``, by the method of `adiabatic`.
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
    """Labels of one species: energies in eV, IE and EA vs vacuum.

    The empirical shift `organode.label.xtb.SHIFT` is already subtracted from each IE and EA.

    Attributes
    ----------
    IE, EA : float
        The labels, adiabatic if the ions were relaxed, otherwise vertical: ``E(oxidised) −
        E(species)`` and ``E(species) − E(reduced)`` by IPEA1-xTB in the gas phase, plus, in a
        solvent, the difference of the solvation free energies of ion and species (GFN2-xTB with
        ALPB).
    IE_vertical, EA_vertical : float
        The same with all charge states at the species' geometry; equal to `IE` and `EA` if the ions
        were not relaxed.
    IE_ipea1, EA_ipea1 : float
        Vertical IE and EA by IPEA1-xTB in the gas phase.
    IE_gfn2, EA_gfn2 : float
        Vertical IE and EA by GFN2-xTB in the gas phase.
    unbound : bool
        Whether the added electron of the vertical anion is not bound in the gas phase (`EA_ipea1` ≤
        0). Then the value of EA means little: a finite basis cannot describe an electron that
        leaves.
    HOMO_gfn2, LUMO_gfn2 : float
        HOMO and LUMO energy of the species by GFN2-xTB, gas phase.
    ions : tuple of Ion
        The oxidised and the reduced ion; empty if ions were not relaxed.
    remark : str
        Why the vertical energy of an ion is used although ions were relaxed; mostly empty.
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
        if not LOWEST <= value <= HIGHEST:  # true for NaN as well
            raise LabelError(f"an energy difference is impossible: {value:.1f} eV")


def one_line(error: Exception) -> str:
    """Return an error's message on a single line of at most 200 characters."""
    return " ".join(str(error).split())[:200]
