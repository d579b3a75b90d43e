"""Limits, solvents, current collectors and windows as values."""

from __future__ import annotations

from dataclasses import dataclass

from organode.electrochemistry.references import Conversion


@dataclass(frozen=True)
class Convention:
    """An absolute potential of the standard hydrogen electrode, in V, and who proposed it."""

    absolute_she: float
    source: str


@dataclass(frozen=True)
class StatedLimit:
    """A potential beyond which a solvent or collector decomposes, as published.

    Attributes
    ----------
    volts : float
        V vs `reference` in `solvent`.
    reference : str
        The reference electrode.
    solvent : str
        Code of the solvent it was measured in; empty for that of the cell.
    what : str
        The reaction at the limit.
    kind : str
        ``measured``, ``computed``, ``thesis``, or as in `params.yaml`.
    source : str
        Source of the number, with electrode and criterion.
    computed_scale : float
        V vs Li/Li+ on the computed scale.
    """

    volts: float
    reference: str
    solvent: str
    what: str
    kind: str
    source: str
    computed_scale: float


@dataclass(frozen=True)
class Limit:
    """A potential beyond which a solvent or collector decomposes, converted for a cell.

    Attributes
    ----------
    volts : float
        V vs the cell's reference electrode in the cell's solvent.
    what : str
        The reaction at the limit.
    kind : str
        ``measured``, ``computed``, ``thesis``, or as in `params.yaml`.
    source : str
        Source of the number.
    uncertainty : float
        Of the conversion between reference electrodes, in V.
    """

    volts: float
    what: str
    kind: str
    source: str
    uncertainty: float = 0.0


@dataclass(frozen=True)
class Solvent:
    """A solvent with the potentials at which it is reduced and oxidised.

    A protic solvent exchanges protons with the molecules.
    """

    name: str
    title: str
    protic: bool
    reduction: StatedLimit
    oxidation: StatedLimit


@dataclass(frozen=True)
class Collector:
    """A current collector: `low` is its limit at the negative, `high` at the positive electrode."""

    name: str
    title: str
    low: StatedLimit
    high: StatedLimit


@dataclass(frozen=True)
class Window:
    """The stability window of a cell.

    Attributes
    ----------
    low, high : Limit
        The tighter limit at each end.
    compared : tuple of Limit
        All limits that were compared.
    reference : str
        The reference electrode of the limits.
    solvent : str
        Code of the cell's solvent.
    conversion : Conversion
        Of that electrode in that solvent.
    """

    low: Limit
    high: Limit
    compared: tuple[Limit, ...]
    reference: str
    solvent: str
    conversion: Conversion
