"""The table of a comparison: one row for each molecule."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from rdkit import Chem

from organode.chem import MoleculeError, structure
from organode.chem.features import Molecules
from organode.chem.similarity import tanimoto
from organode.compare.contributions import Predictions, contributions
from organode.compare.potentials import comparison_columns, potentials
from organode.compare.reference import Reference, anchor, find_reference, named
from organode.electrochemistry import LI
from organode.electrochemistry.scale.gaussian_process import HOME
from organode.models.predictor import Model
from organode.models.uncertainty.error_bars import LEVEL


def compare(
    models: Sequence[Model],
    molecules: Sequence[str],
    reference: str,
    *,
    cap: str = "",
    level: float = LEVEL,
    electrode: str = LI,
    solvent: str = HOME,
) -> pd.DataFrame:
    """Compare molecules with a reference, and share each difference out to fragments.

    Parameters
    ----------
    models : sequence of Model
        One a target.
    molecules : sequence of str
        SMILES, InChI, names, CAS numbers, or names in the table of measured potentials.
    reference : str
        The same; a name or an abbreviation in the table of measured potentials goes first.
    cap : str
        What ends repeat units, see `organode.chem.structure`.
    level : float
        Of the intervals.
    electrode : str
        That potentials are given against.
    solvent : str
        Code of the solvent that they are given in.

    Returns
    -------
    pandas.DataFrame
        One row for each molecule, in order: `row`, `smiles` (as given), `status` (``ok`` or why it
        cannot be read), `note` (what was done to the structure), `reference` (its
        name), `reference_structure` and `structure` (canonical SMILES), `similarity` (Tanimoto),
        and for each model `organode.compare.potentials.comparison_columns`. Of what cannot be
        read, the latter are missing.

    Raises
    ------
    UsageError
        If the reference cannot be found, or the electrode is not known.

    Examples
    --------
    In a project with registered models:

    >>> from organode.compare import compare
    >>> from organode.tracking.registry.registry import champions
    >>> models = [loaded.model for loaded in champions(("IE", "EA"))]
    >>> table = compare(models, ["COc1cccc2c1C(=O)c1ccccc1C2=O"], "AQ")
    >>> print(table.loc[0, "reference"])
    9,10-anthraquinone (AQ)
    >>> parts = table.loc[0, "E_red_contributions"]
    >>> [(part["of"], part["fragment"]) for part in parts][:1]
    [('molecule', '*OC')]
    >>> total = sum(part["volts"] for part in parts)
    >>> bool(abs(total - table.loc[0, "E_red_difference"]) < 1e-9)
    True
    """
    against = find_reference(reference, models, cap)
    read = [_read(text, models, cap) for text in molecules]
    rows = pd.DataFrame({"row": range(len(read))})
    texts = {
        "smiles": [*molecules],
        "status": [status for _, status, _ in read],
        "note": [note for _, _, note in read],
        "reference": [against.name] * len(read),
        "reference_structure": [str(Chem.MolToSmiles(against.molecule))] * len(read),
    }
    rows = rows.assign(**{name: pd.array(cells, "str") for name, cells in texts.items()})
    known = {row: molecule for row, (molecule, _, _) in enumerate(read) if molecule is not None}
    good = _compared(models, against, [*known.values()], level, electrode, solvent)
    table = rows.join(good.set_index(pd.Index([*known], dtype="int64")))
    words = [str(name) for name in good if isinstance(good[name].dtype, pd.StringDtype)]
    return table.assign(**{name: table[name].fillna("") for name in words})


def _read(text: str, models: Sequence[Model], cap: str) -> tuple[Chem.Mol | None, str, str]:
    """Return a text's molecule, its status and what was done to come by it."""
    try:
        molecule, note = structure(text, cap=cap)
    except MoleculeError as reason:
        found = named(text, models)
        if len(found) != 1:
            return None, str(reason), ""
        ((smiles, name),) = found.items()
        return structure(smiles)[0], "ok", f"{name} in the table of measured potentials"
    return molecule, "ok", note


def _compared(
    models: Sequence[Model], reference: Reference, molecules: Sequence[Chem.Mol], level: float,
    electrode: str, solvent: str,
) -> pd.DataFrame:  # fmt: skip
    """Return a row for each molecule, from `structure` on."""
    texts = [str(Chem.MolToSmiles(molecule)) for molecule in (reference.molecule, *molecules)]
    known = dict(zip(texts, (reference.molecule, *molecules), strict=True))  # each once
    smiles = [*known]
    described = Molecules([*known.values()])
    similarity = tanimoto(described.bits, described.bits[:1])[:, 0].astype(float)
    answers = [model.answer(described) for model in models]
    volts = np.transpose([answer.potential.volts for answer in answers])
    predictions = Predictions(models, dict(zip(smiles, volts, strict=True)))
    shares = [contributions(each, smiles[0], predictions) for each in smiles]
    table = pd.DataFrame({"structure": pd.array(smiles, "str"), "similarity": similarity})
    for number, answer in enumerate(answers):
        target = answer.model.target
        measured = anchor(answer.model, reference.molecule, electrode, solvent)
        part = potentials(answer, measured, similarity, level, electrode, solvent)
        *_, parts, _, remark = comparison_columns(target)
        dicts = [[each.as_dict(number) for each in found] for found, _ in shares]
        part[parts] = pd.Series(dicts, dtype=object)
        said = zip(part[remark], (why for _, why in shares), strict=True)
        part[remark] = pd.array(["; ".join(filter(None, both)) for both in said], "str")
        table = table.join(part[comparison_columns(target)])
    return table.iloc[[smiles.index(text) for text in texts[1:]]].reset_index(drop=True)
