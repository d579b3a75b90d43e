"""The computed scale: potentials from energies by a single constant, the potential of Li/Li+.

This is the rule of the 2020 thesis that the project began with. A potential in V vs Li/Li+ is the
ionisation energy (IE) or the electron affinity (EA) in eV minus the absolute potential of Li/Li+
(vs vacuum), which is the absolute potential of the standard hydrogen electrode (SHE) minus 3.04 V,
as in water. The computed scale takes the differences between reference electrodes as fixed numbers.
In experiments, these differences depend on the solvent: see `organode.electrochemistry.references`.
"""

from __future__ import annotations

from organode.electrochemistry.references import require_known
from organode.electrochemistry.types import Convention

CONVENTIONS = (
    Convention(
        4.44, "Trasatti, Pure Appl. Chem. 58 (1986) 955, doi 10.1351/pac198658070955 (IUPAC)"
    ),
    Convention(
        4.28,
        "Kelly, Cramer and Truhlar, J. Phys. Chem. B 110 (2006) 16066, doi 10.1021/jp063552y; Isse "
        "and Gennaro, J. Phys. Chem. B 114 (2010) 7894, doi 10.1021/jp100402x",
    ),
)
# V vs SHE; Vanýsek, Electrochemical Series, CRC Handbook of Chemistry and Physics.
AQUEOUS_LI = -3.04
# V vs SHE in water; ferrocene and Ag/Ag+ are in acetonitrile. Metals by Vanýsek as above; Ag/AgCl
# and SCE by Bard and Faulkner; ferrocene and Ag/Ag+ by Pavlishchuk and Addison 2000.
_VS_SHE = {
    "SHE": 0.0,
    "Li/Li+": AQUEOUS_LI,
    "Na/Na+": -2.71,
    "K/K+": -2.931,
    "Mg/Mg2+": -2.372,
    "SCE": 0.241,
    "Ag/AgCl (sat. KCl)": 0.197,
    "Ag/AgCl (3 M KCl)": 0.209,
    "Fc/Fc+": 0.624,
    "Ag/Ag+ (0.01 M)": 0.542,
    "Ag/Ag+ (0.1 M)": 0.587,
}


def convention(absolute_li: float) -> str:
    """Describe where a value for the absolute potential of Li/Li+ (V vs vacuum) comes from.

    For 1.40 the text names the SHE (standard hydrogen electrode) at 4.44 V with a citation, and
    Li/Li+ at −3.04 V vs SHE. A value that follows from no published potential of the SHE in
    `CONVENTIONS` is called a custom value.
    """
    for known in CONVENTIONS:
        if round(known.absolute_she + AQUEOUS_LI, 3) == round(absolute_li, 3):
            return (
                f"absolute SHE {known.absolute_she:.2f} V ({known.source}), Li/Li+ at "
                f"{AQUEOUS_LI:.2f} V vs SHE"
            )
    return "a custom value; the usual ones are " + " and ".join(
        f"{known.absolute_she + AQUEOUS_LI:.2f} V (SHE {known.absolute_she:.2f} V)"
        for known in CONVENTIONS
    )


def on_computed_scale(volts: float, reference: str) -> float:
    """Convert a potential from V vs `reference` to V vs Li/Li+ on the computed scale.

    On this scale, the difference between two electrodes is a fixed number, whatever the solvent.

    Raises
    ------
    UsageError
        If the reference electrode is not known.
    """
    require_known(reference)
    return volts + (_VS_SHE[reference] - AQUEOUS_LI)
