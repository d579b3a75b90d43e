"""Draw figures for a publication, each by one call: a ladder of potentials, a map, a parity plot.

>>> from organode import plot
>>> plot.ladder(["O=C1C=CC(=O)C=C1"]).savefig("ladder.svg")
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from organode.models.model import Model

__all__ = ["ladder", "map", "parity"]


def ladder(
    molecules: str | Sequence[str],
    *,
    names: Sequence[str] = (),
    model: Model | str | Path | None = None,
    level: float = 0.95,
    reference: str = "Li/Li+",
    solvent: str = "ACN",
    collector: str = "carbon",
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
    >>> ladder(["O=C1C=CC(=O)C=C1"], names=["BQ"]).savefig("ladder.svg")
    """
    import organode
    from organode.errors import UsageError
    from organode.models.model import Model
    from organode.plot.potentials import draw_ladder
    from organode.settings import Screen

    loaded = model if isinstance(model, Model) else organode.load(model)
    cell = Screen(reference=reference, solvent=solvent, collector=collector)
    cells = [molecules] if isinstance(molecules, str) else list(molecules)
    if not cells:
        raise UsageError("no structure to draw")
    if names and len(names) != len(cells):
        raise UsageError(f"{len(names)} names for {len(cells)} structures: give one for each")
    table = loaded.predict(cells, level=level, reference=reference, solvent=solvent)
    table.insert(0, "name", list(names) or table["smiles"])
    return draw_ladder(loaded, table, cell, level=level, known=known)


def map(screened: str | Path, *, top: int = 5, names: Sequence[str] = ()) -> Figure:
    """Draw the candidates of a screening: theoretical capacity against potential.

    Candidates that give off electrons (p-type) are at their first oxidation potential, those that
    take up electrons (n-type) at their first reduction potential. The best of each role have
    intervals, and their ranks as labels.

    Parameters
    ----------
    screened : str or Path
        Folder that `organode screen` or `organode.screen` wrote.
    top : int
        Number of candidates in each role that are drawn with interval and rank.
    names : sequence of str
        Identifiers of candidates (column `id` of ``candidates.csv``) that are labelled by them.

    Returns
    -------
    matplotlib.figure.Figure
        Not shown and not saved: call its method `savefig`, for example with ``"map.svg"``.

    Raises
    ------
    UsageError
        If the folder does not hold the result of a screening, there is no candidate, or no
        candidate has one of the names.

    Examples
    --------
    >>> from organode import plot
    >>> import organode
    >>> library = ["O=C1C=CC(=O)C=C1", "CN1c2ccccc2Sc2ccccc21"]
    >>> candidates = organode.screen(library, "mapped")
    >>> plot.map("mapped").savefig("map.svg")
    """
    from organode.plot.candidates import draw_map

    return draw_map(Path(screened), top=top, names=names)


def parity(
    molecules: Sequence[str],
    measured: Sequence[float],
    *,
    potential: str = "E_red",
    model: Model | str | Path | None = None,
    level: float = 0.95,
    reference: str = "Li/Li+",
    solvent: str = "ACN",
) -> Figure:
    """Draw predicted against measured potentials, with intervals, and write the mean error.

    Molecules that the model's laboratory scale was fitted to are drawn as open marks, and are left
    out of the mean error, since they do not test the model. Intervals that miss the measured
    potential are orange.

    Parameters
    ----------
    molecules : sequence of str
        n structures: SMILES, InChI or names.
    measured : sequence of float
        n measured potentials, V vs `reference` in `solvent`; NaN if not measured.
    potential : str
        ``E_ox``, the first oxidation potential, or ``E_red``, the first reduction potential.
    model : Model, str or Path, optional
        A loaded model, or a name that `organode.load` takes.
    level : float
        Share of values that are to lie inside their interval, 0 to 1.
    reference, solvent : str
        Reference electrode and solvent of the potentials, such as ``SCE`` and ``DMF``.

    Returns
    -------
    matplotlib.figure.Figure
        Not shown and not saved: call its method `savefig`, for example with ``"parity.svg"``.

    Raises
    ------
    UsageError
        If `molecules` and `measured` differ in length; if the model does not predict the
        potential; if reference or solvent is not known; or if no row has a readable structure and
        a measured potential.

    Examples
    --------
    >>> from organode import plot
    >>> smiles, volts = ["O=C1C=CC(=O)C=C1", "N#CC(C#N)=C(C#N)C#N"], [-0.9, -0.3]
    >>> plot.parity(smiles, volts, reference="Fc/Fc+").savefig("parity.svg")
    """
    import organode
    from organode.errors import UsageError
    from organode.models.model import Model
    from organode.plot.predicted import draw_parity
    from organode.settings import Screen

    if len(molecules) != len(measured):
        raise UsageError(
            f"{len(measured)} measured potentials for {len(molecules)} structures: give one for "
            "each, NaN if not measured"
        )
    loaded = model if isinstance(model, Model) else organode.load(model)
    table = loaded.predict(list(molecules), level=level, reference=reference, solvent=solvent)
    cell = Screen(reference=reference, solvent=solvent)
    return draw_parity(loaded, table.assign(label=list(measured)), potential, cell, level=level)
