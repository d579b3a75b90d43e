"""Labelled molecules that no network has learned, beside those of the folds, for error bars."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from rdkit import Chem, rdBase

from organode.artifacts import CURATED, PROVENANCE
from organode.chem.features import Molecules
from organode.models.ensemble import Ensemble
from organode.models.splits import group, held_out
from organode.pipeline.other_labels import read_other_labels
from organode.utils.checksums import read_json
from organode.utils.tables import read_table

EMBEDDED = "embedded"  # source of training data whose labels are of the same protocol


class HeldOut(NamedTuple):
    """n labelled molecules, each predicted by a network that was not trained on it.

    Attributes
    ----------
    molecules : list of Chem.Mol
        The molecules, without stereo.
    fold : numpy.ndarray
        Shape (n,): validation fold of the network that predicted each molecule.
    prediction, label : numpy.ndarray
        Shape (n,), eV.
    """

    molecules: list[Chem.Mol]
    fold: np.ndarray
    prediction: np.ndarray
    label: np.ndarray


def read_held_out(table: Path, ensemble: Ensemble) -> HeldOut:
    """Predict the molecules of a further table that are left for the error bars.

    Each molecule is predicted by one member of the ensemble, as an out-of-fold molecule is.

    Parameters
    ----------
    table : Path
        A table with labels of the protocol of the embedded set, in the column of the target.
    ensemble : Ensemble
        The trained networks.

    Returns
    -------
    HeldOut
        Without a molecule if the networks were trained on another source than the embedded set,
        whose labels are of another protocol.

    Raises
    ------
    UsageError
        If the table cannot be read or lacks the column.
    """
    if read_json(PROVENANCE, "run `organode fetch` again")["source"] != EMBEDDED:
        return HeldOut([], *np.empty((3, 0)))
    every, labels = read_other_labels(
        table, [ensemble.target], "calibrate.held_out", among=_may_be_held_out
    )
    rows = np.flatnonzero(held_out(every) & np.isfinite(labels[:, 0]))
    known = set(group(read_table(CURATED, ["smiles"], "curate")["smiles"].tolist(), "random"))
    groups = group([every[row] for row in rows], "random")
    kept = [row for row, name in zip(rows, groups, strict=True) if name not in known]
    molecules = [Chem.MolFromSmiles(every[row]) for row in kept]
    fold = np.arange(len(kept)) % len(ensemble.folds)
    predictions = ensemble.predict(ensemble.inputs.matrix(Molecules(molecules)))
    prediction = ensemble.out_of_fold(predictions, fold)
    return HeldOut(molecules, fold, prediction, labels[kept, 0])


def _may_be_held_out(cells: list[str]) -> np.ndarray:
    """Return which cells may hold a molecule that is held out, shape (n,), bool.

    A molecule that standardisation would move into a held-out scaffold is not found: few are, and
    to standardise all takes most of the time.
    """
    with rdBase.BlockLogs():
        molecules = [Chem.MolFromSmiles(cell) for cell in cells]
    possible = np.array([molecule is None for molecule in molecules])
    readable = np.flatnonzero(~possible)
    possible[readable] = held_out([cells[row] for row in readable])
    return possible
