"""Potentials of reference electrodes vs Fc/Fc+, solvent by solvent.

From solvent to solvent, an aqueous electrode (SCE) shifts by tenths of a volt vs ferrocene, and a
metal electrode (Li/Li+) by half a volt, since each solvent binds the metal ion differently.
``references.csv`` in this folder has a chosen value for each electrode and solvent, with its source
and the kind of evidence. Every conversion goes through Fc/Fc+ in the same solvent.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from math import hypot

from organode.errors import UsageError

FC = "Fc/Fc+"
LI = "Li/Li+"
NOT_REREAD = "not re-read"  # evidence of a value that was not verified in a publication

# Electrodes of a family shift together from solvent to solvent. The number is the uncertainty of
# the difference between two of them in the same solvent, V.
_FAMILIES = {
    **dict.fromkeys(("Li/Li+", "Na/Na+", "K/K+"), ("metal", 0.05)),
    "Mg/Mg2+": ("magnesium", 0.2),
    **dict.fromkeys(("SHE", "SCE", "Ag/AgCl (sat. KCl)", "Ag/AgCl (3 M KCl)"), ("aqueous", 0.01)),
    **dict.fromkeys(("Ag/Ag+ (0.01 M)", "Ag/Ag+ (0.1 M)"), ("silver", 0.02)),
}
_SOLVENTS = {
    **dict.fromkeys(("EC", "PC", "DMC", "DEC", "EMC"), "carbonate"),
    **dict.fromkeys(("DME", "diglyme", "THF"), "ether"),
}
# For a solvent without a value, the first of these with a value is taken; ethers bind ions much as
# carbonates do. The last of each list is for electrodes measured in few solvents: Mg/Mg2+ in DME,
# Ag/Ag+ in ACN.
_NEAREST = {
    "carbonate": ("EC", "PC", "ACN", "DME"),
    "ether": ("DME", "EC", "PC", "ACN"),
    "other": ("ACN", "DME"),
}


@dataclass(frozen=True)
class Conversion:
    """The potential of a reference electrode in a solvent.

    Attributes
    ----------
    reference : str
        Name of the electrode, such as ``SCE``.
    solvent : str
        Code of the solvent that was asked for, such as ``ACN``.
    volts : float
        Potential of the electrode, V vs Fc/Fc+.
    uncertainty : float
        Uncertainty of `volts`, in V; larger where the value was taken from another solvent.
    taken_from : str
        Code of the solvent in which `volts` was measured.
    source : str
        Citation, and how `volts` follows from the cited number.
    evidence : str
        ``source`` (read in the cited work), ``compilation`` (read in a compilation), ``derived``
        (computed from other values) or ``not re-read`` (not verified in a publication).
    """

    reference: str
    solvent: str
    volts: float
    uncertainty: float
    taken_from: str
    source: str
    evidence: str


@cache
def rows() -> dict[tuple[str, str], Conversion]:
    """Return the rows of ``references.csv`` by electrode and solvent, as in ``("SCE", "ACN")``."""
    with (files("organode.electrochemistry") / "references.csv").open(encoding="utf-8") as stream:
        return {
            (row["reference"], row["solvent"]): Conversion(
                reference=row["reference"],
                solvent=row["solvent"],
                volts=float(row["volts_vs_Fc"]),
                uncertainty=float(row["uncertainty_V"]),
                taken_from=row["solvent"],
                source=_source(row),
                evidence=row["evidence"],
            )
            for row in csv.DictReader(stream)
        }


def known_references() -> tuple[str, ...]:
    """Return the names of all reference electrodes that organode knows."""
    return tuple(dict.fromkeys((FC, LI, *(reference for reference, _ in rows()))))


def require_known(reference: str) -> None:
    """Raise an error if a reference electrode is not known.

    Raises
    ------
    UsageError
        If `reference` is not among `known_references`; the message lists the known names.
    """
    if reference not in known_references():
        raise UsageError(
            f"unknown reference '{reference}': known are {', '.join(known_references())}"
        )


def against_fc(reference: str, solvent: str) -> Conversion:
    """Return the potential of a reference electrode vs Fc/Fc+ in a solvent.

    If no value is known for the electrode in this solvent, the value in a substitute solvent is
    returned with a larger uncertainty; `Conversion.taken_from` names the substitute. For a
    carbonate it is a carbonate mixture; for an ether, 1,2-dimethoxyethane or else a carbonate
    mixture; for any other solvent, acetonitrile. An electrode without a value in these substitutes
    gets its value in acetonitrile, and Mg/Mg2+ always its value in 1,2-dimethoxyethane.

    Raises
    ------
    UsageError
        If the reference electrode is not known; the message lists the known names.
    """
    require_known(reference)
    if reference == FC:
        return Conversion(FC, solvent, 0.0, 0.0, solvent, "definition of the scale", "source")
    known = rows()
    order = (solvent, *_NEAREST[_SOLVENTS.get(solvent, "other")])
    row = next(known[reference, code] for code in order if (reference, code) in known)
    uncertainty = hypot(row.uncertainty, _added_uncertainty(reference, solvent, row))
    return replace(row, solvent=solvent, uncertainty=uncertainty)


def convert(volts: float, reference: str, to: str, solvent: str) -> float:
    """Convert a potential in V vs the electrode `reference` to V vs the electrode `to`.

    The difference between the two electrodes is taken in `solvent`, a code such as ``ACN``.

    Raises
    ------
    UsageError
        If one of the two electrodes is not known.
    """
    return volts + (against_fc(reference, solvent).volts - against_fc(to, solvent).volts)


def uncertainty_between(one: Conversion, other: Conversion) -> float:
    """Return the uncertainty, in V, of the difference between two electrodes' potentials.

    `one` and `other` are the potentials of the two electrodes. Errors that both potentials have in
    common cancel: the uncertainty is zero for the same electrode in the same solvent, and that of
    Na/Na+ vs Li/Li+ in the same solvent is smaller than that of either electrode vs Fc/Fc+.
    """
    if FC in (one.reference, other.reference):
        return hypot(one.uncertainty, other.uncertainty)
    family, within = _FAMILIES[one.reference]
    if family != _FAMILIES[other.reference][0] or one.taken_from != other.taken_from:
        return hypot(one.uncertainty, other.uncertainty)
    between = 0.0 if one.reference == other.reference else within
    if one.solvent == other.solvent:
        return between
    added = (_added_uncertainty(known.reference, known.solvent, known) for known in (one, other))
    return hypot(between, *added)


def _added_uncertainty(reference: str, solvent: str, row: Conversion) -> float:
    """Return the uncertainty, in V, of using the potential `row` of an electrode in `solvent`.

    The uncertainty is 0 if the potential was measured in `solvent`. It is larger, the less similar
    the solvent of the measurement is to `solvent`.
    """
    if row.taken_from == solvent:
        return 0.0
    kinds = {_SOLVENTS.get(code, "other") for code in (solvent, row.taken_from)}
    metal = _FAMILIES[reference][0] in {"metal", "magnesium"}
    if kinds in ({"carbonate"}, {"ether"}):
        return 0.05 if metal else 0.03
    if kinds == {"carbonate", "ether"}:
        return 0.112 if metal else 0.06
    return 0.25 if metal else 0.06


def _source(row: dict[str, str]) -> str:
    """Return citation, DOI, derivation and remark of a row of ``references.csv`` as one text."""
    doi = f", doi {row['doi']}" if row["doi"] else ""
    remark = f". {row['remark']}" if row["remark"] else ""
    return f"{row['citation']}{doi}: {row['how']}{remark}"
