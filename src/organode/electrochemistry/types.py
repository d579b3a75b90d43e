"""Data classes: stability limits, solvents, current collectors and stability windows."""

from __future__ import annotations

from dataclasses import dataclass

from organode.electrochemistry.references import Conversion

CHARGE_CHANGE = {"IE": 1, "EA": -1}  # change of a species' charge in one wave


@dataclass(frozen=True)
class Convention:
    """A published absolute potential of the standard hydrogen electrode (SHE).

    Attributes
    ----------
    absolute_she : float
        The absolute potential, V vs vacuum.
    source : str
        Citation of the papers that proposed this value.
    """

    absolute_she: float
    source: str


@dataclass(frozen=True)
class StatedLimit:
    """A potential beyond which a solvent or collector decomposes, as published or set by the user.

    Attributes
    ----------
    volts : float
        The limit, V vs `reference` in `solvent`.
    reference : str
        The reference electrode, such as ``SCE``.
    solvent : str
        Code of the solvent in which the limit was measured; empty if that is the cell's solvent.
    what : str
        The reaction at the limit, such as ``acetonitrile is reduced``.
    kind : str
        ``measured``, ``computed``, ``thesis`` (a choice of the 2020 thesis that the project began
        with), or the user's word for a limit in `params.yaml`.
    source : str
        Citation, the electrode used, and what was taken as decomposition, such as a current.
    computed_scale : float
        The limit in V vs Li/Li+ on the computed scale, where differences between electrodes are
        fixed numbers (`organode.electrochemistry.conventions`).
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
    """A potential beyond which a solvent or collector decomposes, vs a cell's reference electrode.

    Attributes
    ----------
    volts : float
        The limit, V vs the cell's reference electrode in the cell's solvent.
    what : str
        The reaction at the limit, such as ``acetonitrile is reduced``.
    kind, source : str
        As in `StatedLimit`: how the number was obtained, and its citation.
    uncertainty : float
        Uncertainty of the conversion between reference electrodes, in V.
    """

    volts: float
    what: str
    kind: str
    source: str
    uncertainty: float = 0.0


@dataclass(frozen=True)
class Solvent:
    """A solvent with the potentials at which it is reduced and oxidised.

    Attributes
    ----------
    name : str
        Code of the solvent, such as ``ACN``.
    title : str
        Name of the solvent in messages and reports, such as ``acetonitrile``.
    protic : bool
        Whether the solvent exchanges protons with dissolved molecules.
    reduction, oxidation : StatedLimit
        The potentials at which the solvent is reduced and oxidised.
    """

    name: str
    title: str
    protic: bool
    reduction: StatedLimit
    oxidation: StatedLimit


@dataclass(frozen=True)
class Collector:
    """A current collector with the potentials between which it is stable.

    Attributes
    ----------
    name : str
        Name of the collector in `params.yaml`, such as ``Al``.
    title : str
        Name of the collector in words, such as ``aluminium``.
    low : StatedLimit
        The lower limit of stability, used if the collector carries the negative electrode.
    high : StatedLimit
        The upper limit of stability, used if the collector carries the positive electrode.
    """

    name: str
    title: str
    low: StatedLimit
    high: StatedLimit


@dataclass(frozen=True)
class Window:
    """The stability window of a cell: the potentials that its solvent and collectors withstand.

    Attributes
    ----------
    low, high : Limit
        The ends of the window: the highest lower limit, and the lowest upper limit.
    compared : tuple of Limit
        All limits of the solvent and the collectors, from which `low` and `high` were chosen.
    reference : str
        The cell's reference electrode; all limits are in V vs this electrode.
    solvent : str
        Code of the cell's solvent.
    conversion : Conversion
        The potential of `reference` in `solvent`, V vs Fc/Fc+.
    """

    low: Limit
    high: Limit
    compared: tuple[Limit, ...]
    reference: str
    solvent: str
    conversion: Conversion
