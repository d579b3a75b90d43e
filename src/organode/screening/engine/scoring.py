"""Score some rows of a library: predict by the models, apply the criteria, collect candidates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from rdkit import Chem

from organode.chem import structure
from organode.chem.features import Molecules
from organode.chem.molecule import is_inchi
from organode.electrochemistry.cells import ROLES
from organode.electrochemistry.stability.inputs import ComputedInputs, StabilityInputs
from organode.library.protocols import AnyChunk
from organode.library.read import FeaturizedChunk, ParsedChunk
from organode.screening.columns import (
    CANDIDATE_FLAG,
    DOMAIN_FLAGS,
    FROM_ROWS,
    NUMBERS,
    PROBABILITIES,
    REMARKS,
    SELECTED_BY,
    TARGET,
)
from organode.screening.criteria.assessment import assess
from organode.screening.criteria.criteria import Criteria
from organode.screening.criteria.potentials import check_potentials, computed_potentials
from organode.screening.engine.answer_cache import CachedModel

Tables = dict[str, pd.DataFrame]  # of a finished chunk: ``rows``, and ``candidates`` if scored


def score_chunk(
    chunk: AnyChunk, models: tuple[CachedModel, CachedModel], criteria: Criteria
) -> Tables:
    """Predict energies and potentials of the rows of a chunk, and find the candidates among them.

    The same rows, models and criteria give the same result in any process.

    Parameters
    ----------
    chunk : AnyChunk
        Some rows of the library.
    models : tuple of CachedModel
        The model of the ionization energy (IE) and the model of the electron affinity (EA).
    criteria : Criteria
        The conditions that make a molecule a candidate.

    Returns
    -------
    dict of pandas.DataFrame
        ``rows``: a table with one row for each row of the chunk, with or without a valid molecule.
        ``candidates``: a table with one row for each candidate, with capacity, energy and stability
        of the ion. A molecule that is a candidate both as p-type (giving off electrons) and as
        n-type (taking up electrons) has two rows, except in a symmetric cell, where it has one.
    """
    return score_featurized(chunk.featurized(), models, criteria, chunk.cap)


def score_featurized(
    featurized: FeaturizedChunk,
    models: tuple[CachedModel, CachedModel],
    criteria: Criteria,
    cap: str,
) -> Tables:
    """Return what `score_chunk` does, for a chunk whose rows are parsed.

    `cap`: end group of a polymer's repeat unit: ``H``, ``methyl``, or empty for none.
    """
    if len(featurized.good):
        predicted = _predict(featurized, models, criteria)
    else:
        predicted = pd.DataFrame({"key": featurized.key})
    rows = table_of_rows(featurized, predicted)
    mass = np.zeros(len(rows))
    mass[featurized.good] = featurized.molar_mass
    inputs = stability_inputs(featurized)
    candidates = [
        _candidates(featurized, inputs, rows, mass, role, criteria, cap)
        for role in criteria.listed_roles
    ]
    return {"candidates": pd.concat(candidates, ignore_index=True), "rows": rows}


def table_of_rows(parsed: ParsedChunk, results: pd.DataFrame) -> pd.DataFrame:
    """Return a table of all n rows of a chunk, from the results for its m valid molecules.

    Parameters
    ----------
    parsed : ParsedChunk
        The n rows of the chunk.
    results : pandas.DataFrame
        m rows, one for each valid molecule.

    Returns
    -------
    pandas.DataFrame
        n rows, with `row` (number), `id`, `smiles`, `status`, `note` and the columns of results of
        a screening. A cell is empty (NaN, missing, False, 0 or an empty text) in a row without a
        valid molecule, and in a column that `results` lacks. Further columns of `results` are
        appended.
    """
    n = len(parsed.smiles)

    def spread(name: str, empty: object, dtype: type = object) -> np.ndarray:
        values: np.ndarray = np.full(n, empty, dtype)
        if name in results:
            values[parsed.good] = results[name]
        return values

    columns: dict[str, object] = {"row": np.asarray(parsed.rows, np.int64)}
    for name, texts in (
        ("id", parsed.ids),
        ("smiles", parsed.smiles),
        ("status", parsed.status),
        ("note", parsed.notes),
    ):
        columns[name] = pd.array(list(texts), "str")
    for name in NUMBERS:
        columns[name] = spread(name, np.nan, float)
    for name in DOMAIN_FLAGS:
        unknown = np.ones(n, bool)
        unknown[parsed.good] = name not in results
        columns[name] = pd.arrays.BooleanArray(spread(name, False, bool), unknown)
    for name in REMARKS:
        columns[name] = pd.array(spread(name, ""), "str")
    for name in (*CANDIDATE_FLAG.values(), "scored", *SELECTED_BY):
        columns[name] = spread(name, False, bool)
    for name in results.columns:
        if name not in columns:
            columns[name] = spread(name, 0, results[name].dtype.type)
    return pd.DataFrame(columns)


def _predict(
    featurized: FeaturizedChunk, models: tuple[CachedModel, CachedModel], criteria: Criteria
) -> pd.DataFrame:
    """Return a table of predictions for m valid molecules, and whether they meet the limits.

    Parameters
    ----------
    featurized : FeaturizedChunk
        Some rows of the library, of which m have a valid molecule.
    models : tuple of CachedModel
        The model of the ionization energy (IE) and the model of the electron affinity (EA).
    criteria : Criteria
        Limits of the potentials, level of the error bars, reference electrode and solvent.

    Returns
    -------
    pandas.DataFrame
        m rows.
    """
    answers = {cached.model.target: cached.answer(featurized) for cached in models}
    scale = criteria.window.reference, criteria.window.solvent
    in_cell, level = criteria.cell.solid, criteria.settings.level
    tables = [answer.table(level, *scale, in_cell=in_cell) for answer in answers.values()]
    predicted = pd.concat(tables, axis=1)
    predicted = predicted.join(computed_potentials(predicted, criteria.settings.absolute_li))
    for role, target in TARGET.items():
        waves = answers[target].measured(*scale, in_cell=in_cell)
        for name, wave in zip(PROBABILITIES[role], waves, strict=True):
            predicted[name] = wave.within(*criteria.window_ends)
    predicted = predicted.join(check_potentials(predicted, criteria))
    similarity = np.minimum(*(answer.reliability.similarity for answer in answers.values()))
    predicted["similarity"] = similarity.astype(float)
    for role in ROLES:
        predicted[CANDIDATE_FLAG[role]] = predicted[f"{role}_remark"] == ""
    return predicted.assign(scored=True, key=featurized.key)


def _candidates(
    featurized: FeaturizedChunk,
    inputs: StabilityInputs,
    rows: pd.DataFrame,
    mass: np.ndarray,
    role: str,
    criteria: Criteria,
    cap: str,
) -> pd.DataFrame:
    """Return the table of candidates in one role.

    `rows` is changed in place: molecules that are refused by a filter or for their stability tier
    get this reason as their remark, and are no longer marked as candidates.

    Parameters
    ----------
    featurized : FeaturizedChunk
        The n rows of a chunk.
    inputs : StabilityInputs
        What is read of the chunk's valid molecules to judge the stability of their ions.
    rows : pandas.DataFrame
        n rows with predictions, in which the molecules that meet the limits of the potentials are
        marked as candidates.
    mass : numpy.ndarray
        Shape (n,), molar masses in g/mol; 0 for rows without a valid molecule.
    role : str
        ``p`` (the molecule gives off electrons) or ``n`` (it takes up electrons).
    criteria : Criteria
        Filters and accepted stability tiers.
    cap : str
        End group of a polymer's repeat unit: ``H``, ``methyl``, or empty for none.
    """
    roles = criteria.filled_roles(role)
    selected = rows[rows[CANDIDATE_FLAG[role]]]
    structures = scored_structures(selected["smiles"], selected["note"], cap)
    of_selected = inputs.select(np.searchsorted(featurized.good, selected.index).tolist())
    refused, assessed = assess(
        criteria, structures, of_selected, selected, mass[selected.index], role
    )
    kept = refused == ""
    for each in roles:
        rows.loc[selected.index, f"{each}_remark"] = refused
        rows.loc[selected.index[~kept], CANDIDATE_FLAG[each]] = False
    table = pd.concat([selected[list(FROM_ROWS)].reset_index(drop=True), assessed], axis=1)
    for place, (name, text) in enumerate(
        (("electrode", criteria.tasks[role].electrode), ("role", criteria.label(role)))
    ):
        table.insert(place, name, pd.Series(text, table.index, dtype="str"))
    table["structure"] = pd.array(structures, "str")
    table["P_inside"] = table[[PROBABILITIES[each][0] for each in roles]].prod(axis=1)
    return pd.DataFrame(table[kept])


def stability_inputs(featurized: FeaturizedChunk) -> StabilityInputs:
    """Return what is read of a chunk's valid molecules to judge the stability of their ions."""
    if featurized.stability_inputs is not None:
        return featurized.stability_inputs
    assert isinstance(featurized.features, Molecules)  # a built library has stored the inputs
    return ComputedInputs(featurized.features)


def scored_structures(smiles: Iterable[str], notes: Iterable[str], cap: str) -> list[str]:
    """Return `scored_structure` of several rows, whose SMILES and notes are given."""
    return [scored_structure(*row, cap) for row in zip(smiles, notes, strict=True)]


def scored_structure(smiles: str, note: str, cap: str) -> str:
    """Return the SMILES of the molecule for which the models made their prediction.

    This is `smiles` itself, unless the structure was changed before the prediction or is an InChI.

    Parameters
    ----------
    smiles : str
        The structure as given in the library, SMILES or InChI.
    note : str
        How the structure was changed before the prediction, such as by removing counter-ions;
        empty if it was not changed.
    cap : str
        End group of a polymer's repeat unit: ``H``, ``methyl``, or empty for none.
    """
    if not note and not is_inchi(smiles):
        return smiles
    return str(Chem.MolToSmiles(structure(smiles, flat=False, cap=cap)[0]))


def parsed_structures(structures: Sequence[str]) -> ComputedInputs:
    """Parse SMILES from `scored_structure`, and return what is read of the molecules.

    Stereo is left out.
    """
    molecules = [Chem.MolFromSmiles(smiles) for smiles in structures]
    for molecule in molecules:
        Chem.RemoveStereochemistry(molecule)
    return ComputedInputs(Molecules(molecules))
