"""Predictions for measured species by networks that have not seen them."""

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
    """Energies of n measured species, predicted as for new molecules.

    Attributes
    ----------
    rows : pandas.DataFrame
        n rows, with the canonical SMILES without stereo of the species in the column `flat`.
    molecules : Molecules
        The species of these rows.
    energy, error : numpy.ndarray
        Shape (n,), eV: predicted energy and its expected absolute error.
    """

    rows: pd.DataFrame
    molecules: Molecules
    energy: np.ndarray
    error: np.ndarray

    @classmethod
    def of(
        cls, rows: pd.DataFrame, networks: Networks, uncertainty: Uncertainty, data: Labelled
    ) -> UnseenPredictions:
        """Predict each species by the networks that have not seen it.

        A training molecule is predicted by the network that had it in its validation fold, any
        other species by the mean of all networks.

        Parameters
        ----------
        rows : pandas.DataFrame
            m measured species, with their canonical SMILES without stereo in the column `flat`.
            Species with an element or net charge that no training molecule has are dropped, and
            radicals if no training molecule is one.
        networks : Networks
            The ensemble, or a student of it.
        uncertainty : Uncertainty
            Error bars of the networks' predictions.
        data : Labelled
            The networks' training data.
        """
        species = [Chem.MolFromSmiles(flat) for flat in rows["flat"]]
        known = uncertainty.domain.has_known_parts(Composition.of(species))
        rows = rows[known].reset_index(drop=True)
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
