"""The stability window of a cell: the potentials that its solvent and collectors withstand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from organode.electrochemistry.collectors import collector
from organode.electrochemistry.references import (
    FC,
    LI,
    NOT_REREAD,
    against_fc,
    convert,
    uncertainty_between,
)
from organode.electrochemistry.solvents import solvent
from organode.electrochemistry.types import Limit, StatedLimit, Window
from organode.errors import UsageError

if TYPE_CHECKING:
    from organode.settings import Screen

# Built-in solvents whose reduction on lithium ends with a film that protects it, and solvents that
# go on reacting.
FILM = ("DMC", "DEC", "EC", "PC")
NO_FILM = ("ACN", "DMF", "DMSO", "water")


def window(cell: Screen) -> Window:
    """Return the stability window of a cell, in V vs `cell.reference` in the cell's solvent.

    The solvent and both current collectors have stability limits; a film protects carbonates in a
    cell with a lithium electrode. Each limit is converted to V vs
    Fc/Fc+ in the solvent in which it was measured, and then to V vs the cell's reference electrode
    in the cell's solvent. The window is from the highest lower limit to the lowest upper limit.

    Raises
    ------
    UsageError
        If the solvent, a collector or a reference electrode is not known (the message lists the
        known names), or if the lower end of the window is not below the upper end.
    """
    low_limits, high_limits = _limits(cell)
    lows = [_converted(limit, cell) for limit in low_limits]
    highs = [_converted(limit, cell) for limit in high_limits]
    low = max(lows, key=lambda limit: limit.volts)
    high = min(highs, key=lambda limit: limit.volts)
    if low.volts >= high.volts:
        raise UsageError(
            f"nothing is left of the window: {low.what} at {low.volts:.2f} V and {high.what} at "
            f"{high.volts:.2f} V vs {cell.reference}; choose another solvent or collector"
        )
    conversion = against_fc(cell.reference, cell.solvent)
    return Window(low, high, (*lows, *highs), cell.reference, cell.solvent, conversion)


def computed_window(cell: Screen) -> tuple[float, float]:
    """Return the lower and upper end of a cell's window on the computed scale, V vs Li/Li+.

    The computed scale is the rule of the 2020 thesis that the project began with: the differences
    between reference electrodes are fixed numbers, whatever the solvent
    (`organode.electrochemistry.conventions`).

    Raises
    ------
    UsageError
        If the solvent or a collector is not known, if a limit in the settings has an unknown
        reference electrode, or if the lower end of the window is not below the upper end.
    """
    lows, highs = _limits(cell)
    low = max(limit.computed_scale for limit in lows)
    high = min(limit.computed_scale for limit in highs)
    if low >= high:
        raise UsageError(
            f"nothing is left of the window on the computed scale: {low:.2f} to {high:.2f} V vs "
            "Li/Li+; choose another solvent or collector"
        )
    return low, high


def from_li(volts: float, cell: Screen) -> float:
    """Convert a potential from V vs Li/Li+ to V vs the cell's reference electrode.

    The difference between the two electrodes is taken in the cell's solvent.

    Raises
    ------
    UsageError
        If the cell's reference electrode is not known.
    """
    return convert(volts, LI, cell.reference, cell.solvent)


def warnings(cell: Screen) -> list[str]:
    """Return texts that warn of unreliable potentials in a cell; an empty list if there are none.

    There is a warning if the cell's solvent is protic, since a protic solvent exchanges protons
    with the molecules, or if the cell has a lithium electrode that the solvent is not known to
    protect. There is another for each of two electrodes, the cell's reference electrode and Li/Li+,
    if the electrode's potential is not known in the cell's solvent, so that its potential in
    another solvent is used.

    Raises
    ------
    UsageError
        If the solvent or the reference electrode is not known.
    """
    liquid = solvent(cell)
    messages = []
    if liquid.protic:
        messages.append(
            f"{liquid.title} is protic: proton transfer is not modelled. Potentials of molecules "
            "that take up or lose protons, such as quinones, can be off by some tenths of a volt"
        )
    if cell.cell == "metal" and _built_in(cell) in NO_FILM:
        messages.append(
            f"{liquid.title} is not known to form a film that protects a lithium electrode: choose "
            "a carbonate or an ether, such as --solvent EC or --solvent DME"
        )
    for reference in dict.fromkeys((cell.reference, LI)):
        conversion = against_fc(reference, cell.solvent)
        if conversion.taken_from != conversion.solvent:
            messages.append(
                f"{reference} in {liquid.title} is taken at {conversion.volts:.2f} ± "
                f"{conversion.uncertainty:.2f} V vs {FC}, the value in {conversion.taken_from}, "
                "for want of a value in this solvent"
            )
    return messages


def axis(cell: Screen) -> str:
    """Return a text with the unit, reference electrode and solvent of a cell's potentials.

    An example is ``V vs SCE in acetonitrile (SCE at -0.38 ± 0.02 V vs Fc/Fc+)``.

    Raises
    ------
    UsageError
        If the solvent or the reference electrode is not known.
    """
    where = f"V vs {cell.reference} in {solvent(cell).title}"
    conversion = against_fc(cell.reference, cell.solvent)
    if cell.reference == FC:
        return where
    doubt = ", not re-read" if conversion.evidence == NOT_REREAD else ""
    return (
        f"{where} ({cell.reference} at {conversion.volts:.2f} ± {conversion.uncertainty:.2f} V vs "
        f"{FC}{doubt})"
    )


def _limits(cell: Screen) -> tuple[list[StatedLimit], list[StatedLimit]]:
    """Return the one or two lower and the two upper stability limits of a cell.

    The lower limits are those of its solvent and of the negative electrode's current collector, the
    upper limits those of its solvent and of the positive electrode's collector. The limit of a
    carbonate is the onset of a reduction that the film on a lithium electrode ends: beside such an
    electrode it does not count.
    """
    liquid = solvent(cell)
    negative, positive = collector(cell, cell.negative_collector), collector(cell, cell.collector)
    protected = cell.cell == "metal" and _built_in(cell) in FILM
    lows = [negative.low] if protected else [liquid.reduction, negative.low]
    return lows, [liquid.oxidation, positive.high]


def _built_in(cell: Screen) -> str:
    """Return the code of the cell's solvent, or an empty text if the user defined this solvent."""
    return "" if cell.solvent in cell.solvents else cell.solvent


def _converted(limit: StatedLimit, cell: Screen) -> Limit:
    """Convert a stability limit to V vs the cell's reference electrode in the cell's solvent.

    A limit that names no solvent is assumed to have been measured in the cell's solvent.
    """
    stated = against_fc(limit.reference, limit.solvent or cell.solvent)
    wanted = against_fc(cell.reference, cell.solvent)
    return Limit(
        limit.volts + (stated.volts - wanted.volts),
        limit.what,
        limit.kind,
        limit.source,
        uncertainty_between(stated, wanted),
    )
