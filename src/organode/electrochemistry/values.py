"""Measured and agreed potentials, each with its source. V vs Li/Li+ where nothing else is said."""

from __future__ import annotations

from organode.electrochemistry.types import Collector, Convention, Limit, Reference, Solvent

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

_SERIES = "Vanýsek, Electrochemical Series, CRC Handbook of Chemistry and Physics; in water"
_PRACTICE = "Bard and Faulkner, Electrochemical Methods; in water"
REFERENCES = {
    one.name: one
    for one in (
        Reference("SHE", 0.0, "definition"),
        Reference("Li/Li+", -3.04, _SERIES),
        Reference("K/K+", -2.931, _SERIES),
        Reference("Ca/Ca2+", -2.868, _SERIES),
        Reference("Na/Na+", -2.71, _SERIES),
        Reference("Mg/Mg2+", -2.372, _SERIES),
        Reference("Al/Al3+", -1.662, _SERIES),
        Reference("Zn/Zn2+", -0.762, _SERIES),
        Reference("Ag/AgCl (sat. KCl)", 0.197, _PRACTICE),
        Reference("SCE", 0.241, _PRACTICE),
        Reference(
            "Fc/Fc+ (water)", 0.400, "Koepp, Wendt and Strehlow, Z. Elektrochem. 64 (1960) 483"
        ),
        Reference(
            "Fc/Fc+ (acetonitrile)", 0.624,
            "Pavlishchuk and Addison, Inorg. Chim. Acta 298 (2000) 97, doi "
            "10.1016/S0020-1693(99)00407-7; the potential between the two liquids is in it",
        ),
    )
}  # fmt: skip

THESIS = (
    "2020 thesis on organic electrode screening, which does not say whether it was measured or "
    "computed; agrees with the measurement of Ue et al. 1994"
)
_UE = (
    "Ue, Ida and Mori, J. Electrochem. Soc. 141 (1994) 2989, doi 10.1149/1.2059270, on glassy "
    "carbon with 0.65 M Et4NBF4 up to 1 mA/cm², as tabulated by Xu, Chem. Rev. 104 (2004) 4303, "
    "doi 10.1021/cr030203g. Without lithium and at an inert electrode, so an upper bound: "
    "carbonates with lithium salts begin to react at about 4.4 V"
)
_ZHANG = (
    "Zhang et al., J. Electrochem. Soc. 148 (2001) A1341, doi 10.1149/1.1415547: onset on inert "
    "metal with lithium salt. A film that this leaves may protect the rest of the electrolyte"
)
MEASURED = "experimental"


def _carbonate(name: str, title: str, reduction: float, oxidation: float, why: str = "") -> Solvent:
    return Solvent(
        name,
        title,
        Limit(reduction, f"{title} is reduced", MEASURED, _ZHANG + why),
        Limit(oxidation, f"{title} is oxidised", MEASURED, _UE),
    )


SOLVENTS = {
    one.name: one
    for one in (
        Solvent(
            "ACN",
            "acetonitrile",
            Limit(0.44, "acetonitrile is reduced", "unknown", f"−2.6 V vs SHE: {THESIS}"),
            Limit(6.54, "acetonitrile is oxidised", "unknown", f"3.5 V vs SHE: {THESIS}"),
        ),
        _carbonate("DMC", "dimethyl carbonate", 1.32, 6.7),
        _carbonate("DEC", "diethyl carbonate", 1.32, 6.7),
        _carbonate("EC", "ethylene carbonate", 1.36, 6.2),
        _carbonate("PC", "propylene carbonate", 1.6, 6.6, "; 1.0 to 1.6 V, the cautious end"),
    )
}  # fmt: skip

_MYUNG = (
    "Myung, Sasaki et al., Electrochim. Acta 55 (2009) 288, doi 10.1016/j.electacta.2009.08.051"
)
COLLECTORS = {
    one.name: one
    for one in (
        Collector(
            "Al",
            "aluminium",
            Limit(
                0.39, "aluminium takes up lithium", "experimental",
                "LiAl, 451 mV − 0.220 mV/K · T: Huggins in Handbook of Battery Materials, ch. 14; "
                "extrapolated to 25 °C",
            ),
            Limit(
                4.7, "the aluminium collector is oxidised", "unknown",
                "2020 thesis on organic electrode screening. With LiPF6; stable to 5 V according "
                f"to {_MYUNG}. With dilute imide salts (LiTFSI) corrosion begins near 3.7 V",
            ),
        ),
        Collector(
            "Cu",
            "copper",
            Limit(0.0, "lithium is deposited", "experimental", "definition of the scale"),
            Limit(
                3.1, "the copper collector dissolves", "experimental",
                "Crompton and Landi, Energy Environ. Sci. 9 (2016) 2219, doi 10.1039/c6ee00836d",
            ),
        ),
        Collector(
            "Ti",
            "titanium",
            Limit(0.0, "lithium is deposited", "experimental", "definition of the scale"),
            Limit(5.0, "the titanium collector is oxidised", "experimental", f"{_MYUNG}; LiPF6"),
        ),
        Collector(
            "carbon",
            "non-graphitic carbon",
            Limit(0.0, "lithium is deposited", "experimental", "definition of the scale"),
            Limit(
                6.7, "no oxidation of glassy carbon is seen below the solvents' limits",
                "experimental", _UE,
            ),
        ),
    )
}  # fmt: skip
