"""Predictions for species with measured potentials, by networks not trained on these species."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from rdkit import Chem

from organode.chem.composition import Composition
from organode.chem.features import Molecules
from organode.models.networks import Networks
from organode.models.training_data import Labelled
from organode.models.uncertainty.error_bars import Uncertainty


@dataclass(frozen=True)
class UnseenPredictions:
    """Predicted energies of n species whose potentials were measured.

    The networks that predict a species were not trained on it, so the errors are as large
    as those for new molecules.

    Attributes
    ----------
    rows : pandas.DataFrame
        One row for each species; the column `flat` holds its canonical SMILES without stereo.
    molecules : Molecules
        Features of the species, in the order of `rows`.
    energy, error : numpy.ndarray
        Shape (n,), eV: predicted IE or EA, and the expected absolute error of this prediction.
    """

    rows: pd.DataFrame
    molecules: Molecules
    energy: np.ndarray
    error: np.ndarray

    @classmethod
    def of(
        cls, rows: pd.DataFrame, networks: Networks, uncertainty: Uncertainty, data: Labelled
    ) -> UnseenPredictions:
        """Predict each species by the networks that were not trained on it.

        The prediction for a training molecule is that of the network whose validation fold contains
        the molecule; the prediction for any other species is the mean over all networks.

        Parameters
        ----------
        rows : pandas.DataFrame
            One row for each of m measured species; the column `flat` holds its canonical SMILES
            without stereo. Species with an element, bond or net charge that no training molecule
            has are dropped; radicals are dropped if no training molecule is a radical.
        networks : Networks
            An ensemble, or the student (a small network) that imitates it.
        uncertainty : Uncertainty
            Error bars of the networks' predictions.
        data : Labelled
            Training data of the networks, with the fold of each molecule.
        """
        species = [Chem.MolFromSmiles(flat) for flat in rows["flat"]]
        unknown = uncertainty.domain.unknown_parts(Composition.of(species))
        is_known = np.array([not parts for parts in unknown], bool)  # a mask even without rows
        rows = rows[is_known].reset_index(drop=True)
        molecules = Molecules([Chem.MolFromSmiles(flat) for flat in rows["flat"]])
        if rows.empty:
            return cls(rows, molecules, np.empty(0), np.empty(0))
        fold_of = dict(zip(data.smiles, data.fold.tolist(), strict=True))
        fold = np.array([fold_of.get(flat, -1) for flat in rows["flat"]])
        predictions = networks.predict(networks.inputs.matrix(molecules))
        out_of_fold = networks.out_of_fold(predictions, fold)
        energy = np.where(np.isnan(out_of_fold), predictions.mean(axis=0), out_of_fold)
        error = uncertainty.reliability(molecules, energy).expected
        return cls(rows, molecules, energy, error)
