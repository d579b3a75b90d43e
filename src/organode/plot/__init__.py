"""Draw figures for a publication, each by one call, such as a ladder of redox potentials.

>>> from organode import plot
>>> plot.ladder(["O=C1C=CC(=O)C=C1"], model="model").savefig("ladder.svg")  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from organode.models.model import Model

__all__ = ["ladder"]


def ladder(
    molecules: str | Sequence[str],
    *,
    names: Sequence[str] = (),
    model: Model | str | Path | None = None,
    level: float = 0.95,
    reference: str = "Li/Li+",
    solvent: str = "ACN",
    collector: str = "Al",
    known: int = 3,
) -> Figure:
    """Draw predicted redox potentials between the limits of an electrolyte, above measured ones.

    Each molecule has a row, with its first reduction and its first oxidation potential and the
    prediction intervals of both. An open mark means that the molecule's ion is more likely unstable
    than stable. The rows below show the measured molecules that are most similar to the first
    molecule.

    Parameters
    ----------
    molecules : str or sequence of str
        n structures: SMILES, InChI or names.
    names : sequence of str
        n names for the axis; if omitted, the structures as given.
    model : Model, str or Path, optional
        A loaded model, or a name or path that `organode.load` takes.
    level : float
        Level of the prediction intervals: share of true values that are to lie inside, 0 to 1.
    reference, solvent : str
        Reference electrode and solvent of the potentials, such as ``SCE`` and ``DMF``.
    collector : str
        Current collector of the positive electrode; it may limit the window of the electrolyte.
    known : int
        Number of measured molecules to show.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, neither shown nor saved: call its method `savefig`, for example with
        ``"ladder.svg"``.

    Raises
    ------
    UsageError
        If no structure can be read; if reference, solvent or collector is not known; or if `names`
        are fewer or more than the structures.

    Examples
    --------
    >>> from organode.plot import ladder
    >>> ladder(["O=C1C=CC(=O)C=C1"], names=["BQ"]).savefig("ladder.svg")  # doctest: +SKIP
    """
    import organode
    from organode.errors import UsageError
    from organode.models.model import Model
    from organode.plot.potentials import draw_ladder
    from organode.settings import Screen

    loaded = model if isinstance(model, Model) else organode.load(model)
    cell = Screen(reference=reference, solvent=solvent, collector=collector)
    cells = [molecules] if isinstance(molecules, str) else list(molecules)
    if names and len(names) != len(cells):
        raise UsageError(f"{len(names)} names for {len(cells)} structures: give one for each")
    table = loaded.predict(cells, level=level, reference=reference, solvent=solvent)
    table.insert(0, "name", list(names) or table["smiles"])
    return draw_ladder(loaded, table, cell, level=level, known=known)
