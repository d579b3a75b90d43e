"""organode: from a molecule's structure to electrode materials that survive in an electrolyte.

>>> import organode
>>> model = organode.load("model")  # doctest: +SKIP
>>> model.predict(["O=C1C=CC(=O)C=C1"])  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from organode.models.model import Model

__version__ = "0.2.0"
__all__ = ["explain", "load", "predict", "screen"]


def load(name: str | Path | None = None) -> Model:
    """Load a model that predicts energies, potentials and stability of molecules.

    Parameters
    ----------
    name : str or Path, optional
        A folder that `organode model export` wrote, or a version in the model registry, such as
        ``IE@champion``, ``EA@3`` or ``models:/organode-IE@champion``. If omitted, the champions:
        for each target, the version in use. The registry is the one at ``MLFLOW_TRACKING_URI`` or,
        if that is not set, that of the project in the working folder; where neither exists, the
        model that is part of the package is loaded.

    Returns
    -------
    Model
        Its method `predict` makes the predictions. A version of a single target, such as ``EA@3``,
        predicts that target alone.

    Raises
    ------
    UsageError
        If there is no such folder or version, or the registry is needed and MLflow not installed.
    OrganodeError
        If the model is damaged, no champion exists, or the registry cannot be reached.

    Examples
    --------
    >>> import organode
    >>> model = organode.load("model")  # doctest: +SKIP
    """
    from organode.api.load import load_model

    return load_model(name)


def predict(
    smiles: str | Sequence[object], *, model: Model | str | Path | None = None, **asked: Any
) -> pd.DataFrame:
    """Predict energies, potentials and stability of molecules from their structures.

    Short for `load` and then `Model.predict`. To predict repeatedly, pass a loaded model.

    Parameters
    ----------
    smiles : str or sequence of object
        SMILES, InChI, names or CAS numbers; n of them, or one.
    model : Model, str or Path, optional
        A loaded model, or a name that `load` takes; the champions if omitted.
    **asked
        Arguments of `Model.predict`: `level` of the intervals (0.95), `reference` electrode
        (``"Li/Li+"``), `solvent` (``"ACN"``), and `cap`, the end group (``"H"`` or ``"methyl"``)
        that replaces the ``*`` of a polymer's repeat unit.

    Returns
    -------
    pandas.DataFrame
        n rows in the order of `smiles`: `status` is ``ok``, or why a structure cannot be read; the
        other columns are those of `Model.predict`, with energies in eV and potentials in V.

    Examples
    --------
    >>> import organode
    >>> organode.predict("O=C1C=CC(=O)C=C1", reference="SCE")["E_red"]  # doctest: +SKIP
    """
    from organode.models.model import Model

    loaded = model if isinstance(model, Model) else load(model)
    return loaded.predict(smiles, **asked)


def explain(
    smiles: str | Sequence[str],
    *,
    model: Model | str | Path | None = None,
    reference: str = "Li/Li+",
    solvent: str = "ACN",
) -> pd.DataFrame:
    """Say what each group of a molecule adds to the potential of its bare core.

    The core is the molecule with H in place of every group on its rings and the chains between
    them. The share of a group is its Shapley value: what it adds when it replaces H, averaged over
    the orders in which the groups can be added.

    Parameters
    ----------
    smiles : str or sequence of str
        SMILES, InChI, names or CAS numbers; n of them, or one.
    model : Model, str or Path, optional
        A loaded model, or a name that `load` takes; the model in use if omitted.
    reference, solvent : str
        Reference electrode and solvent of the potentials, such as ``SCE`` and ``DMF``.

    Returns
    -------
    pandas.DataFrame
        For each molecule and each of its first waves (`potential`: ``E_ox``, ``E_red``) a row for
        the ``core`` and one for each ``group`` (`part`), with `fragment` (SMILES) and `volts`; they
        add up to the predicted potential. `row` is the position of the molecule, `status` is ``ok``
        or why it cannot be read, `remark` why there are no groups.

    Raises
    ------
    UsageError
        If reference or solvent is not known.

    Examples
    --------
    >>> import organode
    >>> organode.explain("COC1=CC(=O)C=CC1=O")[["fragment", "volts"]]  # doctest: +SKIP
    """
    from organode.api.explain import explained
    from organode.models.model import Model

    loaded = model if isinstance(model, Model) else load(model)
    return explained(loaded, [smiles] if isinstance(smiles, str) else smiles, reference, solvent)


def screen(
    library: str | Path | Sequence[str] | pd.DataFrame,
    out: str | Path,
    *,
    model: Model | str | Path | None = None,
    **settings: Any,
) -> pd.DataFrame:
    """Screen a library for electrode candidates, as the command `organode screen` does.

    Parameters
    ----------
    library : str, Path, sequence of str or pandas.DataFrame
        A file or folder that `organode screen` reads; SMILES; or a table with a column of SMILES.
    out : str or Path
        Folder for the report and its tables. An earlier result there is replaced as a whole; a
        folder with anything else in it is refused.
    model : Model, str or Path, optional
        A loaded model of IE and EA, or a name that `load` takes; the champions if omitted.
    **settings
        Settings of the section `screen` of `params.yaml`, such as ``solvent="DMF"`` or
        ``cell="metal"``; the others keep their defaults.

    Returns
    -------
    pandas.DataFrame
        The best candidates of each role, best first, as in ``candidates.csv``. The roles are
        ``p``, for molecules that a cell oxidises, and ``n``, for molecules that it reduces.

    Raises
    ------
    UsageError
        If the library cannot be read, a setting is unknown or impossible, the model lacks IE or
        EA, or `out` holds something else than an earlier result.

    Examples
    --------
    >>> import organode
    >>> organode.screen("library.csv", "screened", model="model", cell="flow")  # doctest: +SKIP
    """
    from organode.api.load import screen_library

    return screen_library(library, out, model=model, settings=settings)
