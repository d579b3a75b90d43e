"""The stage `calibrate`: error bars from predictions out of fold, and the laboratory scale.

The laboratory scale is fitted to measured potentials, from predictions by networks that had not
seen the measured molecules.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from rdkit import Chem

from organode.artifacts import calibration_folder, ensemble_folder
from organode.chem.composition import Composition
from organode.chem.features import Molecules
from organode.electrochemistry.measured import (
    first_waves,
    in_cells,
    read_measured,
    second_waves,
)
from organode.electrochemistry.scale import laboratory
from organode.electrochemistry.scale.laboratory import Scale
from organode.electrochemistry.scale.second import Splitting
from organode.errors import OrganodeError
from organode.models.ensemble import Ensemble
from organode.models.training_data import Labelled
from organode.models.uncertainty import error_bars
from organode.models.uncertainty.error_bars import Uncertainty
from organode.utils.checksums import CHECKSUMS, write_checksums
from organode.utils.files import replacing_folder
from organode.utils.progress import bar

CONTENT = (*error_bars.FILES, *laboratory.FILES)
FILES = (*CONTENT, CHECKSUMS)


def calibrate(target: str, measured: Path) -> tuple[Uncertainty, Scale]:
    """Learn the error bars and the laboratory scale of one target's ensemble, and write them.

    Parameters
    ----------
    target : str
        ``IE`` or ``EA``.
    measured : Path
        The table of measured potentials, as `read_measured` reads it.

    Raises
    ------
    OrganodeError
        If the ensemble is missing or was trained on other folds, or there are too few molecules
        or measured potentials, or the table of these cannot be read.
    """
    table = read_measured(measured)
    rows, cells = first_waves(table, target), in_cells(table, target)
    second = second_waves(table)
    apart = Splitting.fit(second, _molecules(second))
    ensemble = Ensemble.load(ensemble_folder(target))
    data = Labelled.read(target)
    if sorted(member.fold for member in ensemble.members) != list(range(data.n_folds)):
        raise OrganodeError(
            f"{ensemble_folder(target)} was trained on other folds: run `organode train {target}`"
        )
    learned = data.fold >= 0
    with bar(f"calibrate {target}", int(learned.sum()) + len(rows), "molecules") as progress:
        predictions = ensemble.predict(data.matrix(ensemble.inputs)[learned])
        fold = data.fold[learned]
        molecules = [
            Chem.MolFromSmiles(one)
            for one, is_learned in zip(data.smiles, learned, strict=True)
            if is_learned
        ]
        uncertainty = Uncertainty.fit(
            molecules, fold, ensemble.out_of_fold(predictions, fold), data.label[learned]
        )
        progress.advance(len(molecules))
        progress.advance(len(rows))  # those that are not learned from as well
        rows = within(rows, uncertainty)
        known = _molecules(rows)
        energy = unseen(ensemble, data, known, rows["flat"].tolist())
        error = uncertainty.reliability(known, energy).expected
        scale = replace(Scale.fit(target, rows, known, energy, error), splitting=apart)
        cells = within(cells, uncertainty)
        if len(cells):
            known = _molecules(cells)
            energy = unseen(ensemble, data, known, cells["flat"].tolist())
            error = uncertainty.reliability(known, energy).expected
            scale = scale.with_cells(
                known, energy, error, cells["value"].to_numpy(float), cells["electrons"].to_numpy()
            )
    with replacing_folder(calibration_folder(target), FILES) as folder:
        uncertainty.save(folder)
        scale.save(folder)
        write_checksums(folder, CONTENT)
    return uncertainty, scale


def _molecules(rows: pd.DataFrame) -> Molecules:
    return Molecules([Chem.MolFromSmiles(one) for one in rows["flat"]])


def within(rows: pd.DataFrame, uncertainty: Uncertainty) -> pd.DataFrame:
    """Return the measured species that are of a kind that was learned: cations only if any was."""
    species = Composition.of([Chem.MolFromSmiles(one) for one in rows["flat"]])
    return rows[uncertainty.domain.learned(species)].reset_index(drop=True)


def unseen(ensemble: Ensemble, data: Labelled, molecules: Molecules, flat: list[str]) -> np.ndarray:
    """Return energies by networks that had not seen the molecule.

    Parameters
    ----------
    ensemble : Ensemble
        The networks.
    data : Labelled
        What they learned from.
    molecules : Molecules
        n molecules.
    flat : list of str
        Their canonical SMILES.

    Returns
    -------
    numpy.ndarray
        Shape (n,), eV.
    """
    folds = dict(zip(data.smiles, data.fold.tolist(), strict=True))
    predictions = ensemble.predict(ensemble.inputs.matrix(molecules))
    out_of_fold = ensemble.out_of_fold(predictions, np.array([folds.get(one, -1) for one in flat]))
    return np.where(np.isnan(out_of_fold), predictions.mean(axis=0), out_of_fold)
