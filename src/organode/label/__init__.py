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


@dataclass(frozen=True)
class Label:
    """Vertical energies of one molecule in eV, on the absolute (vacuum) scale.

    Attributes
    ----------
    IE, EA : float
        The label: IPEA1-xTB in the gas phase, plus the difference of the solvation free
        energies of ion and neutral molecule (GFN2-xTB with ALPB) where a solvent was named.
    IE_ipea1, EA_ipea1 : float
        ``E(cation) − E(neutral)`` and ``E(neutral) − E(anion)`` by IPEA1-xTB, gas phase.
    IE_gfn2, EA_gfn2 : float
        The same by GFN2-xTB, gas phase.
    unbound : bool
        The gas-phase vertical anion is not bound (`EA_ipea1` ≤ 0). There the EA's size means
        little: no method with a finite basis describes an electron that leaves.
    """

    IE: float
    EA: float
    IE_ipea1: float
    EA_ipea1: float
    IE_gfn2: float
    EA_gfn2: float
    unbound: bool


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
