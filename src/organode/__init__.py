"""Predict redox potentials of organic molecules, and screen libraries for electrode materials.

>>> import organode
>>> model = organode.load()
>>> answer = model.predict(["O=C1C=CC(=O)C=C1"], reference="SCE")
>>> answer[["E_red_lower", "E_red", "E_red_upper"]].round(1).to_numpy().tolist()
[[-0.6, -0.5, -0.4]]
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
    """Load a model that predicts energies, redox potentials and stability of molecules.

    The energies are the ionisation energy (IE) and the electron affinity (EA). Stability is the
    probability that the oxidised or the reduced form of a molecule is stable.

    Parameters
    ----------
    name : str or Path, optional
        A folder that `organode model export` wrote, or a version in the model registry, such as
        ``IE@champion``, ``EA@3`` or ``models:/organode-IE@champion``. If omitted, the champions of
        IE, EA and stability are loaded: the registered versions that are in use. The registry is
        the MLflow store that the environment variable ``MLFLOW_TRACKING_URI`` names or, if the
        variable is not set, the store of the project in the working folder. Without a registry and
        without a trained model in that folder, the model that organode itself includes is loaded.

    Returns
    -------
    Model
        The model; its method `predict` takes molecules. A registered version of only one energy,
        such as ``EA@3``, predicts that energy and the potentials that follow from it.

    Raises
    ------
    UsageError
        If no folder or version has this name, or the registry is needed but MLflow is not
        installed.
    OrganodeError
        If a file of the model is damaged, neither IE nor EA has a champion, or the registry cannot
        be reached.

    Examples
    --------
    >>> import organode
    >>> model = organode.load()
    >>> [energy.target for energy in model.energies]
    ['IE', 'EA']
    """
    from organode.api.load import load_model

    return load_model(name)


def predict(
    smiles: str | Sequence[object], *, model: Model | str | Path | None = None, **asked: Any
) -> pd.DataFrame:
    """Predict energies, redox potentials and stability of molecules from their structures.

    This is `load` followed by `Model.predict`. To predict several times, load the model once and
    pass it as `model`.

    Parameters
    ----------
    smiles : str or sequence of object
        SMILES, InChI, names or CAS numbers; n of them, or one.
    model : Model, str or Path, optional
        A loaded model, or a name that `load` takes. If omitted, the model that `load` returns
        without a name.
    **asked
        Keyword arguments of `Model.predict`: `level`, the share of values that are to lie inside
        the prediction intervals (default 0.95); `reference`, the reference electrode (default
        ``"Li/Li+"``); `solvent` (default ``"ACN"``, acetonitrile); and `cap`, the end group
        (``"H"`` or ``"methyl"``) that replaces the ``*`` of a polymer's repeat unit.

    Returns
    -------
    pandas.DataFrame
        n rows in the order of `smiles`. The column `status` is ``ok``, or the reason why there is
        no prediction; the other columns are those that `Model.predict` describes, with energies in
        eV and potentials in V.

    Examples
    --------
    >>> import organode
    >>> answer = organode.predict(["O=C1C=CC(=O)C=C1", "junk"], reference="SCE")
    >>> answer["E_red"].round(1).tolist()
    [-0.5, nan]
    >>> answer["status"].tolist()
    ['ok', 'not a valid SMILES']
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
    """Explain predicted redox potentials by the share of each group of the molecule.

    The core of a molecule is the molecule with H in place of every group on its rings and on the
    chains between its rings. The share of a group is its Shapley value: the change of the potential
    when the group replaces H, averaged over the orders in which the groups can be added to the
    core.

    Parameters
    ----------
    smiles : str or sequence of str
        SMILES, InChI, names or CAS numbers; n of them, or one.
    model : Model, str or Path, optional
        A loaded model, or a name that `load` takes. If omitted, the model that `load` returns
        without a name.
    reference, solvent : str
        Reference electrode and solvent of the potentials, such as ``SCE`` and ``DMF``.

    Returns
    -------
    pandas.DataFrame
        For each molecule and each `potential` (``E_ox``, first oxidation; ``E_red``, first
        reduction), a row for the core and a row for each group. `part` is ``core`` or ``group``,
        `fragment` is the SMILES of the core or group, and `volts` is the potential of the core or
        the share of the group, in V; the sum of these `volts` is the predicted potential of the
        molecule. `row` is the position of the molecule, from 0, and `smiles` its text as given.
        `status` is ``ok``, or the reason why the molecule cannot be read. `remark` says why there
        are no groups or why shares are approximate; it is mostly empty.

    Raises
    ------
    UsageError
        If the reference electrode or the solvent is not known.

    Examples
    --------
    >>> import organode
    >>> parts = organode.explain("COC1=CC(=O)C=CC1=O", reference="SCE")
    >>> parts[["potential", "fragment"]].to_numpy().tolist()[2:]
    [['E_red', 'O=C1C=CC(=O)C=C1'], ['E_red', '*OC']]
    >>> parts["volts"].round(1).tolist()[2:]  # methoxy makes the quinone harder to reduce
    [-0.5, -0.1]
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
    """Screen a library of molecules for candidates for battery electrodes.

    The command `organode screen` does the same.

    Parameters
    ----------
    library : str, Path, sequence of str or pandas.DataFrame
        A file or folder that `organode screen` reads; a sequence of SMILES; or a table with a
        column of SMILES.
    out : str or Path
        Folder for the report and its tables. The result of an earlier screening in this folder is
        replaced as a whole; a folder that holds any other file is refused.
    model : Model, str or Path, optional
        A loaded model of both IE and EA, or a name that `load` takes. If omitted, the model that
        `load` returns without a name.
    **settings
        Settings of the section `screen` of `params.yaml`, such as ``solvent="DMF"`` or
        ``cell="metal"``; settings that are left out keep their defaults.

    Returns
    -------
    pandas.DataFrame
        The best candidates of each role, the best first, as in the file ``candidates.csv``. The
        roles are ``p``, for molecules that give off electrons in the cell, and ``n``, for molecules
        that take up electrons.

    Raises
    ------
    UsageError
        If the library cannot be read, a setting is unknown or its value is not allowed, the model
        lacks IE or EA, or `out` holds anything but the result of an earlier screening.

    Examples
    --------
    >>> import organode
    >>> library = ["O=C1C=CC(=O)C=C1", "CN1c2ccccc2Sc2ccccc21", "CCO"]
    >>> candidates = organode.screen(library, "screened", cell="flow")
    >>> candidates[["role", "smiles"]].to_numpy().tolist()
    [['p', 'CN1c2ccccc2Sc2ccccc21'], ['n', 'O=C1C=CC(=O)C=C1']]
    """
    from organode.api.load import screen_library

    return screen_library(library, out, model=model, settings=settings)
