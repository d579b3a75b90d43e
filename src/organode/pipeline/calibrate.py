"""The stage `calibrate`: fit the error bars and the laboratory scale of a trained ensemble.

The error bars are fitted to predictions of molecules that the network has not learned. The
laboratory scale converts predicted energies (eV) to the potentials that voltammetry measures (V vs
Fc/Fc⁺). It is fitted to measured potentials, and to the energies of the measured molecules. Each
energy is predicted by networks that were not trained on the molecule.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from rdkit import Chem

from organode.artifacts import calibration_folder, ensemble_folder
from organode.chem.features import Molecules
from organode.electrochemistry.measured import (
    first_waves,
    in_cells,
    read_measured,
    second_waves,
)
from organode.electrochemistry.scale import laboratory
from organode.electrochemistry.scale.laboratory import Scale
from organode.electrochemistry.scale.second_wave import WaveSplitting
from organode.electrochemistry.stability.breakage import Breakage
from organode.electrochemistry.stability.relaxed_ions import RelaxedIons
from organode.errors import OrganodeError
from organode.label.ions.table import read_ions
from organode.models.ensemble import Ensemble
from organode.models.training_data import Labelled
from organode.models.uncertainty import error_bars
from organode.models.uncertainty.error_bars import Uncertainty
from organode.models.unseen import UnseenPredictions
from organode.pipeline.held_out import read_held_out
from organode.utils.checksums import CHECKSUMS, write_checksums
from organode.utils.files import replacing_folder
from organode.utils.progress import bar
from organode.utils.threads import one_thread

CONTENT = (*error_bars.FILES, *laboratory.FILES)
FILES = (*CONTENT, CHECKSUMS)


def calibrate(target: str, measured: Path, ions: Path, further: Path) -> tuple[Uncertainty, Scale]:
    """Fit and write the error bars and the laboratory scale of one target's ensemble of networks.

    Parameters
    ----------
    target : str
        ``IE`` or ``EA``.
    measured : Path
        CSV file of measured potentials; `organode.electrochemistry.measured` names its columns.
    ions : Path
        Parquet file of ions with relaxed geometries, as `organode label --adiabatic` writes it.
    further : Path
        Table of molecules with labels of the embedded set's protocol. Those of a tenth of the
        scaffolds, which no network has learned, count for the error bars, if the training data are
        the embedded set.

    Returns
    -------
    Uncertainty, Scale
        The error bars and the laboratory scale, as written to the folder ``results/calibrate/IE``
        or ``results/calibrate/EA``.

    Raises
    ------
    OrganodeError
        If the ensemble is missing or was trained on other folds than those of the present splits,
        there are too few molecules or measured potentials, or a file is missing or lacks a column.
    UsageError
        If a row of the file `measured` is invalid.
    """
    table = read_measured(measured)
    first, second, cells = first_waves(table, target), second_waves(table), in_cells(table, target)
    of_second = Molecules([Chem.MolFromSmiles(flat) for flat in second["flat"]])
    splitting = WaveSplitting.fit(second, of_second)
    ensemble = Ensemble.load(ensemble_folder(target))
    data = Labelled.read(target)
    if sorted(ensemble.folds) != list(range(data.n_folds)):
        raise OrganodeError(
            f"{ensemble_folder(target)} was trained on other folds: run `organode train {target}`"
        )
    in_fold = data.fold >= 0
    with (
        one_thread(),
        bar(f"calibrate {target}", int(in_fold.sum()) + len(first), "molecules") as progress,
    ):
        predictions = ensemble.predict(data.matrix(ensemble.inputs)[in_fold])
        fold = data.fold[in_fold]
        molecules = [
            Chem.MolFromSmiles(smiles)
            for smiles, is_training in zip(data.smiles, in_fold, strict=True)
            if is_training
        ]
        unlearned = read_held_out(further, ensemble)
        uncertainty = Uncertainty.fit(
            [*molecules, *unlearned.molecules],
            np.concatenate([fold, unlearned.fold]),
            np.concatenate([ensemble.out_of_fold(predictions, fold), unlearned.prediction]),
            np.concatenate([data.label[in_fold], unlearned.label]),
        )
        progress.advance(len(molecules))
        known = UnseenPredictions.of(first, ensemble, uncertainty, data)
        breakage = Breakage.fit(RelaxedIons.of(read_ions(ions)), laboratory.ION[target])
        scale = Scale.fit(target, known.rows, known.molecules, known.energy, known.error, breakage)
        scale = replace(scale, splitting=splitting)
        known = UnseenPredictions.of(cells, ensemble, uncertainty, data)
        if len(known.rows):
            scale = scale.with_cells(
                known.molecules,
                known.energy,
                known.error,
                known.rows["value"].to_numpy(float),
                known.rows["electrons"].to_numpy(),
            )
        progress.advance(len(first))
    with replacing_folder(calibration_folder(target), FILES) as folder:
        uncertainty.save(folder)
        scale.save(folder)
        write_checksums(folder, CONTENT)
    return uncertainty, scale
