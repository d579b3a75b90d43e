"""Electrolytes, current collectors and the window that they leave, in V vs Li/Li+."""

from __future__ import annotations

from dataclasses import dataclass

from organode.errors import UsageError


@dataclass(frozen=True)
class Limit:
    """A potential beyond which something decomposes.

    Attributes
    ----------
    volts : float
        V vs Li/Li+.
    what : str
        What happens there.
    source : str
        Where the number is from and whether it was measured or computed.
    """

    volts: float
    what: str
    source: str


@dataclass(frozen=True)
class Solvent:
    """A solvent with the potentials at which it is reduced and oxidised."""

    name: str
    title: str
    reduction: Limit
    oxidation: Limit


@dataclass(frozen=True)
class Window:
    """What the cell allows: the tighter limit at each end."""

    low: Limit
    high: Limit


_THESIS = (
    "2020 thesis on organic electrode screening, which does not say whether it was measured or "
    "computed"
)
SOLVENTS = {
    "ACN": Solvent(
        "ACN",
        "acetonitrile",
        Limit(0.44, "acetonitrile is reduced", f"−2.6 V vs SHE: {_THESIS}"),
        Limit(6.54, "acetonitrile is oxidised", f"3.5 V vs SHE: {_THESIS}"),
    )
}
COLLECTORS = {
    "Al": Limit(4.7, "the aluminium collector is oxidised", _THESIS),
}


def window(solvent: str, collector: str) -> Window:
    """Return the window of a solvent and a positive current collector.

    Raises
    ------
    UsageError
        If one of them is not known; the message lists those that are.
    """
    for name, known, key in (
        (solvent, SOLVENTS, "solvent"),
        (collector, COLLECTORS, "collector"),
    ):
        if name not in known:
            raise UsageError(f"unknown {key} '{name}': known are {', '.join(known)}")
    chosen = SOLVENTS[solvent]
    return Window(
        chosen.reduction, min(chosen.oxidation, COLLECTORS[collector], key=lambda one: one.volts)
    )
