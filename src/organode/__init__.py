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

__version__ = "0.1.0"
__all__ = ["load", "predict", "screen"]


def load(name: str | Path | None = None) -> Model:
    """Load a model: energies, potentials and stability from structure.

    Parameters
    ----------
    name : str or Path, optional
        A folder that `organode model export` wrote, or a version in the registry, such as
        ``IE@champion``, ``EA@3`` or ``models:/organode-IE@champion``. If omitted, the champions of
        the registry that ``MLFLOW_TRACKING_URI``, or else the working folder, names.

    Returns
    -------
    Model
        Its `predict` answers; with a version of one target, for that target alone.

    Raises
    ------
    UsageError
        If there is no such folder or version, or MLflow is needed and not installed.
    OrganodeError
        If the model is damaged, or the registry cannot be reached.

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
    """Predict energies, potentials and stability from structure: `load`, then `Model.predict`.

    Parameters
    ----------
    smiles : str or sequence of object
        SMILES, InChI, names or CAS numbers; n of them, or one.
    model : Model, str or Path, optional
        What answers: a loaded model, or what `load` takes.
    **asked
        `level`, `reference`, `solvent` and `cap`, as of `Model.predict`.

    Returns
    -------
    pandas.DataFrame
        n rows, as of `Model.predict`.

    Examples
    --------
    >>> import organode
    >>> organode.predict("O=C1C=CC(=O)C=C1", reference="SCE")["E_red"]  # doctest: +SKIP
    """
    from organode.models.model import Model

    loaded = model if isinstance(model, Model) else load(model)
    return loaded.predict(smiles, **asked)


def screen(
    library: str | Path | Sequence[str] | pd.DataFrame,
    out: str | Path,
    *,
    model: Model | str | Path | None = None,
    **settings: Any,
) -> pd.DataFrame:
    """Find electrode candidates in a library, as `organode screen` does.

    Parameters
    ----------
    library : str, Path, sequence of str or pandas.DataFrame
        A file or folder that `organode screen` reads, SMILES, or a table with a column of them.
    out : str or Path
        Folder for the report and its tables; replaced as a whole.
    model : Model, str or Path, optional
        What answers: a loaded model of IE and EA, or what `load` takes.
    **settings
        Settings of the section `screen` of `params.yaml`, such as ``solvent="DMF"`` or
        ``cell="metal"``; the others keep their defaults.

    Returns
    -------
    pandas.DataFrame
        The listed candidates, best first in each role: what ``candidates.csv`` holds.

    Raises
    ------
    UsageError
        If the library cannot be read, a setting is unknown or impossible, or the model lacks a
        target.

    Examples
    --------
    >>> import organode
    >>> organode.screen("library.csv", "screened", model="model", cell="flow")  # doctest: +SKIP
    """
    from organode.api.load import screen_library

    return screen_library(library, out, model=model, settings=settings)
