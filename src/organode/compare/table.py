"""Compare the potentials of molecules with those of a reference molecule, in a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from rdkit import Chem

from organode.chem.features import Molecules
from organode.chem.similarity import tanimoto
from organode.compare.contributions import PotentialCache, contributions
from organode.compare.potentials import comparison_columns, potentials
from organode.compare.reference import Reference, anchor, find_reference
from organode.electrochemistry import LI
from organode.electrochemistry.scale.gaussian_process import HOME
from organode.electrochemistry.scale.names import MeasuredNames
from organode.models.predictor import TargetModel
from organode.models.uncertainty.error_bars import LEVEL


def compare(
    models: Sequence[TargetModel],
    molecules: Sequence[str],
    reference: str,
    *,
    cap: str = "",
    level: float = LEVEL,
    electrode: str = LI,
    solvent: str = HOME,
) -> pd.DataFrame:
    """Compare potentials of molecules with those of a reference molecule, fragment by fragment.

    Each difference in potential is divided among the fragments of the two molecules.

    Parameters
    ----------
    models : sequence of TargetModel
        Models that predict the potentials, such as one for oxidations (``IE``) and one for
        reductions (``EA``).
    molecules : sequence of str
        SMILES, InChI, names, CAS numbers, or names in the table of measured potentials.
    reference : str
        The reference molecule, as the same kinds of text as `molecules`. A text that is a name or
        abbreviation in the table of measured potentials, such as ``AQ``, is read as this name.
    cap : str
        What replaces each ``*`` in the SMILES of a polymer's repeat unit: ``H`` or ``methyl``. If
        empty, such a SMILES cannot be read.
    level : float
        Share of true values that are to lie inside the error bars, 0 to 1.
    electrode : str
        Reference electrode of the potentials, such as ``Li/Li+``.
    solvent : str
        Code of the solvent of the potentials, such as ``DMF``.

    Returns
    -------
    pandas.DataFrame
        A row for each molecule, in order: `row` (from 0), `smiles` (the text as given), `status`
        (``ok`` or why the text cannot be read), `note` (how the structure was changed), `reference`
        (name of the reference), `reference_structure` and `structure` (canonical SMILES of
        reference and molecule), `similarity` (Tanimoto similarity of reference and molecule), and
        for each model the columns that `organode.compare.potentials.comparison_columns` describes:
        predicted and measured potentials, differences, contributions of fragments, remarks. Values
        of `structure` and of later columns are missing or ``""`` if a molecule cannot be read.

    Raises
    ------
    UsageError
        If the reference cannot be read, or the electrode is not known.

    Examples
    --------
    >>> import organode
    >>> from organode.compare import compare
    >>> models = organode.load().energies
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
    names = MeasuredNames(model.scale.rows for model in models)
    read, statuses, notes = names.read(molecules, cap=cap)
    rows = pd.DataFrame({"row": range(len(read))})
    texts = {
        "smiles": [*molecules],
        "status": statuses,
        "note": notes,
        "reference": [against.name] * len(read),
        "reference_structure": [str(Chem.MolToSmiles(against.molecule))] * len(read),
    }
    rows = rows.assign(**{name: pd.array(cells, "str") for name, cells in texts.items()})
    readable = {row: molecule for row, molecule in enumerate(read) if molecule is not None}
    compared = _compared(models, against, [*readable.values()], level, electrode, solvent)
    table = rows.join(compared.set_index(pd.Index([*readable], dtype="int64")))
    in_words = [str(name) for name in compared if isinstance(compared[name].dtype, pd.StringDtype)]
    return table.assign(**{name: table[name].fillna("") for name in in_words})


def _compared(
    models: Sequence[TargetModel],
    reference: Reference,
    molecules: Sequence[Chem.Mol],
    level: float,
    electrode: str,
    solvent: str,
) -> pd.DataFrame:
    """Return the columns of `compare` from `structure` on, with a row for each of `molecules`."""
    texts = [str(Chem.MolToSmiles(molecule)) for molecule in (reference.molecule, *molecules)]
    unique = dict(zip(texts, (reference.molecule, *molecules), strict=True))
    smiles = [*unique]
    features = Molecules([*unique.values()])
    similarity = tanimoto(features.bits, features.bits[:1])[:, 0].astype(float)
    answers = [model.answer(features) for model in models]
    volts = np.transpose([answer.potential.volts for answer in answers])
    predictions = PotentialCache(models, dict(zip(smiles, volts, strict=True)))
    shares = [contributions(text, smiles[0], predictions) for text in smiles]
    table = pd.DataFrame({"structure": pd.array(smiles, "str"), "similarity": similarity})
    for number, answer in enumerate(answers):
        columns = comparison_columns(answer.model.target)
        measured = anchor(answer.model, reference.molecule, electrode, solvent)
        part = potentials(answer, measured, similarity, level, electrode, solvent)
        *_, parts, _, remark = columns
        dicts = [[share.as_dict(number) for share in of_molecule] for of_molecule, _ in shares]
        part[parts] = pd.Series(dicts, dtype=object)
        remarks = zip(part[remark], (of_shares for _, of_shares in shares), strict=True)
        part[remark] = pd.array(["; ".join(filter(None, both)) for both in remarks], "str")
        table = table.join(part[columns])
    return table.iloc[[smiles.index(text) for text in texts[1:]]].reset_index(drop=True)
