"""Records of a molecule's labels and relaxed ions: `Label` and `Ion`.

The labels are the ionization energy (IE) and the electron affinity (EA).
"""

from __future__ import annotations

from dataclasses import dataclass


class LabelError(ValueError):
    """Raised if a molecule cannot be labelled.

    The message is the reason, and is written into the column `status` of the table of labels.
    """


HARTREE = 27.211386245988  # eV; CODATA 2018


@dataclass(frozen=True)
class Ion:
    """A relaxed ion: a species (molecule or ion) that has gained or lost one electron.

    "Species" means the molecule or ion as its SMILES is drawn, and "ion" means the species with one
    electron more or less. Energies are in eV, by GFN2-xTB unless another method is named, and None
    where the energy could not be computed.

    Attributes
    ----------
    charge, unpaired : int
        Net charge and number of unpaired electrons of the ion.
    status : str
        ``ok``, or why the ion could not be relaxed or some of its energies are missing.
    adiabatic : float
        ``E(ion) − E(species)``, each at its own geometry relaxed in the solvent. The energies are
        IPEA1-xTB energies in the gas phase plus GFN2-xTB solvation free energies. The empirical
        shift of 4.8455 eV (`organode.label.xtb.SHIFT`) is not subtracted.
    adiabatic_ipea1, adiabatic_gfn2 : float
        ``E(ion) − E(species)`` at the geometries of `adiabatic`, by IPEA1-xTB and by GFN2-xTB in
        the gas phase, so without solvation free energies.
    settled : float
        Energy of the species at its geometry relaxed in the solvent minus the energy at its
        geometry relaxed in the gas phase, both computed as for `adiabatic`.
    energy, energy_own : float
        Total energies of the relaxed ion and of the relaxed species, in the solvent.
    reorganisation : float
        Inner-sphere reorganisation energy in the solvent, from four energies: species and ion, each
        at the relaxed geometry of the species and at that of the ion. Nelsen, Blackstock, Kim, J.
        Am. Chem. Soc. 109 (1987) 677, doi 10.1021/ja00237a007.
    rmsd : float
        Root-mean-square distance of the heavy atoms between the relaxed geometries of species and
        ion, after superposition, ångström.
    changes : tuple of str
        Bonds that only the species or only the ion has, as ``broke i-j`` or ``formed i-j``. The
        numbers i and j are the atoms' positions in the SMILES, from 0; hydrogens follow the heavy
        atoms.
    loosest : str
        The single bond between heavy atoms outside rings that is weakened most when the species
        becomes the ion, as ``i-j 0.930``: atoms i and j, and the Wiberg bond order in the ion
        divided by that in the species. Empty if there is no such bond.
    fragmentation : float
        Energy of the bond cleavage of the ion that costs the least, with both fragments relaxed
        (see `organode.label.ions.fragments`); None if no bond is weak enough to be tried.
    cleaved : str
        The bond whose cleavage has the energy `fragmentation`, as ``i-j``: atom i is in the
        fragment that keeps the added electron or the hole. Empty if `fragmentation` is None.
    deprotonation : float
        Energy of losing the most acidic proton, without the energy of the solvated proton (see
        `organode.label.ions.protons`). In the record of an oxidised ion, the ion loses the proton.
        In the record of a reduced ion, the species loses the proton, because the species is the
        acid in the solution. None if there is no acidic hydrogen.
    deprotonated : int
        The heavy atom that bore the lost proton, by the atom's position in the SMILES, from 0.
    further : float
        Energy of a second oxidation of an oxidised ion, or a second reduction of a reduced ion, at
        the ion's geometry: ``E(second ion) − E(ion)``, with energies computed as for `adiabatic`.
    charges, spins : tuple of float
        Mulliken charge and spin population of each heavy atom in the ion, each summed over the atom
        and the hydrogens bonded to it.
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
    """Labels of one species (molecule or ion) by xTB: energies in eV, IE and EA vs vacuum.

    The empirical shift of 4.8455 eV (`organode.label.xtb.SHIFT`), fitted for IPEA1-xTB, is already
    subtracted from each IE and EA.

    Attributes
    ----------
    IE, EA : float
        The labels, adiabatic if the ions were relaxed, otherwise vertical: ``E(oxidised) −
        E(species)`` and ``E(species) − E(reduced)`` by IPEA1-xTB in the gas phase, plus, in a
        solvent, the difference of the solvation free energies of ion and species (GFN2-xTB with
        ALPB).
    IE_vertical, EA_vertical : float
        Vertical IE and EA, with the ions at the species' geometry; equal to `IE` and `EA` if the
        ions were not relaxed.
    IE_ipea1, EA_ipea1 : float
        Vertical IE and EA by IPEA1-xTB in the gas phase.
    IE_gfn2, EA_gfn2 : float
        Vertical IE and EA by GFN2-xTB in the gas phase.
    unbound : bool
        True if the species in the gas phase does not bind an added electron (`EA_ipea1` ≤ 0). Then
        the value of EA means little, because a finite basis cannot describe an unbound electron.
    HOMO_gfn2, LUMO_gfn2 : float
        HOMO and LUMO energy of the species by GFN2-xTB in the gas phase.
    ions : tuple of Ion
        The oxidised and the reduced ion; empty if the ions were not relaxed.
    remark : str
        If adiabatic values were asked for, but an ion could not be relaxed or its bonds changed:
        the reason why `IE` or `EA` is the vertical value. Otherwise empty.
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
    """Check that values of IE or EA, in eV, are possible for a molecule.

    Raises
    ------
    LabelError
        If a value is NaN, below −20 eV (`LOWEST`) or above 30 eV (`HIGHEST`).
    """
    for value in values:
        if not LOWEST <= value <= HIGHEST:  # true for NaN as well
            raise LabelError(f"an energy difference is impossible: {value:.1f} eV")


def one_line(error: Exception) -> str:
    """Return an error's message on a single line of at most 200 characters."""
    return " ".join(str(error).split())[:200]
