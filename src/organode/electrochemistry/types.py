"""What potentials are made of here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Convention:
    """An absolute potential of the standard hydrogen electrode, in V, and who proposed it."""

    absolute_she: float
    source: str


@dataclass(frozen=True)
class Reference:
    """A reference electrode.

    Attributes
    ----------
    name : str
        Such as ``SCE``.
    vs_she : float
        V vs SHE.
    source : str
        Where the number is from.
    """

    name: str
    vs_she: float
    source: str


@dataclass(frozen=True)
class Limit:
    """A potential beyond which something decomposes.

    Attributes
    ----------
    volts : float
        V vs Li/Li+.
    what : str
        What happens there.
    kind : str
        ``experimental``, ``computed`` (at which level), or ``unknown``.
    source : str
        Where the number is from.
    """

    volts: float
    what: str
    kind: str
    source: str


@dataclass(frozen=True)
class Solvent:
    """A solvent with the potentials at which it is reduced and oxidised."""

    name: str
    title: str
    reduction: Limit
    oxidation: Limit


@dataclass(frozen=True)
class Collector:
    """A current collector: `low` limits it at the negative, `high` at the positive electrode."""

    name: str
    title: str
    low: Limit
    high: Limit


@dataclass(frozen=True)
class Window:
    """What the cell allows: the tighter limit at each end, and all that were compared."""

    low: Limit
    high: Limit
    compared: tuple[Limit, ...]
