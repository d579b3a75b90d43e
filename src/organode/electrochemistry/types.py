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
        The potential, V vs vacuum.
    source : str
        Citation of those who proposed it.
    """

    absolute_she: float
    source: str


@dataclass(frozen=True)
class StatedLimit:
    """A potential beyond which a solvent or collector decomposes, as published.

    Attributes
    ----------
    volts : float
        The limit, V vs `reference` in `solvent`.
    reference : str
        The reference electrode, such as ``SCE``.
    solvent : str
        Code of the solvent that the limit was measured in; empty for the solvent of the cell.
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
    """A potential beyond which a solvent or collector decomposes, converted for a cell.

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
        Its code, such as ``ACN``.
    title : str
        Its name in messages and reports, such as ``acetonitrile``.
    protic : bool
        Whether it exchanges protons with dissolved molecules.
    reduction, oxidation : StatedLimit
        The potentials at which it is reduced and oxidised.
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
        Its name in `params.yaml`, such as ``Al``.
    title : str
        Its name in words, such as ``aluminium``.
    low : StatedLimit
        Its lower limit, which counts if it carries the negative electrode.
    high : StatedLimit
        Its upper limit, which counts if it carries the positive electrode.
    """

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
        The ends of the window: the highest lower limit, and the lowest upper limit.
    compared : tuple of Limit
        All limits of solvent and collectors, from which `low` and `high` were chosen.
    reference : str
        The cell's reference electrode; all limits are in V vs it.
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
