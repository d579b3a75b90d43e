"""Error bars of predictions, and whether a molecule is in the applicability domain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from rdkit import Chem

from organode.chem.composition import Composition
from organode.chem.features import ModelFeatures
from organode.chem.similarity import nearest, packed_bits
from organode.errors import OrganodeError
from organode.models.uncertainty.difficulty import (
    N_FEATURES,
    NEIGHBOURS,
    Difficulty,
    Neighbours,
)
from organode.models.uncertainty.domain import Domain
from organode.utils.arrays import load_arrays, save_arrays
from organode.utils.checksums import Checked, damaged
from organode.utils.files import write_json
from organode.utils.predictive import Predictive

LEVEL = 0.95  # default level of intervals: share of values that are to lie inside
ARRAYS, DESCRIPTION = "uncertainty.npz", "uncertainty.json"
FILES = (ARRAYS, DESCRIPTION)


@dataclass(frozen=True)
class Reliability:
    """Expected error and applicability domain of n predictions.

    Attributes
    ----------
    expected : numpy.ndarray
        Shape (n,): expected absolute error of each prediction, eV.
    similarity : numpy.ndarray
        Shape (n,): Tanimoto similarity of each molecule to the most similar training molecule.
    reasons : list of str
        n texts: why the molecule is outside the model's applicability domain; an empty text if it
        is inside.
    """

    expected: np.ndarray
    similarity: np.ndarray
    reasons: list[str]


@dataclass(frozen=True)
class Uncertainty:
    """Error bars and applicability domain of a model, fitted to its out-of-fold errors.

    An out-of-fold error is the error of a prediction for a training molecule by the network that
    was not trained on the molecule.

    Attributes
    ----------
    bits : numpy.ndarray
        Shape (m, 32), uint64: Morgan fingerprints of radius 2 of the m training molecules, 2,048
        bits for each molecule, 64 bits in a number.
    error, label : numpy.ndarray
        Shape (m,), eV: absolute out-of-fold error, and label, of each training molecule.
    difficulty : Difficulty
        Predicts the expected absolute error of a prediction.
    predictive : Predictive
        Distribution of the out-of-fold errors, each divided by its expected absolute error.
    domain : Domain
        The applicability domain.
    """

    bits: np.ndarray
    error: np.ndarray
    label: np.ndarray
    difficulty: Difficulty
    predictive: Predictive
    domain: Domain

    @classmethod
    def fit(
        cls,
        molecules: Sequence[Chem.Mol],
        fold: np.ndarray,
        prediction: np.ndarray,
        label: np.ndarray,
    ) -> Uncertainty:
        """Fit error bars and applicability domain to out-of-fold predictions.

        Parameters
        ----------
        molecules : sequence of Chem.Mol
            The m training molecules.
        fold : numpy.ndarray
            Shape (m,): cross-validation fold of each molecule, 0 to k − 1.
        prediction, label : numpy.ndarray
            Shape (m,), eV: predicted energy and label of each molecule. The prediction for a
            molecule is that of the network that was not trained on the molecule's fold.

        Raises
        ------
        OrganodeError
            If, for a molecule, there are fewer than `NEIGHBOURS` (32) molecules in the other folds.
        """
        bits = packed_bits(molecules)
        error = np.abs(label - prediction)
        try:
            neighbours = nearest(bits, bits, NEIGHBOURS, query_fold=fold, known_fold=fold)
        except ValueError as problem:
            raise OrganodeError(
                f"too few molecules for error bars ({problem}): bring more labelled molecules"
            ) from problem
        position, similarity = neighbours.position, neighbours.similarity
        near = Neighbours(similarity, error[position], label[position])
        composition = Composition.of(molecules)
        size = composition.heavy_atoms
        expected = np.empty(len(error))
        for left_out in np.unique(fold):
            out = fold == left_out
            rest = Difficulty.fit(_rows(near, ~out), size[~out], prediction[~out], error[~out])
            expected[out] = rest.expected(_rows(near, out), size[out], prediction[out])
        scores = (label - prediction) / expected
        return cls(
            bits,
            error.astype(np.float32),
            label.astype(np.float32),
            Difficulty.fit(near, size, prediction, error),
            Predictive([np.sort(scores[fold == member]) for member in np.unique(fold)]),
            Domain.fit(composition, similarity[:, 0], expected),
        )

    def reliability(self, molecules: ModelFeatures, prediction: np.ndarray) -> Reliability:
        """Return the expected errors of n predictions, and the reasons not to trust some of them.

        The reasons say why a molecule is outside the applicability domain. `molecules` holds the
        features of the n molecules; `prediction` is the predicted energy of each, eV, shape (n,).
        """
        nearest = molecules.nearest(self.bits, NEIGHBOURS)
        position, similarity = nearest.position, nearest.similarity
        near = Neighbours(similarity, self.error[position], self.label[position])
        composition = molecules.composition
        expected = self.difficulty.expected(near, composition.heavy_atoms, prediction)
        reasons = self.domain.reasons(composition, similarity[:, 0], expected)
        return Reliability(expected, similarity[:, 0], reasons)

    def save(self, folder: Path) -> None:
        """Write the error bars to ``uncertainty.npz`` and ``uncertainty.json`` in a folder."""
        difficulty = self.difficulty
        save_arrays(
            folder / ARRAYS,
            [
                self.bits,
                self.error,
                self.label,
                difficulty.mean,
                difficulty.scale,
                difficulty.coefficients,
                *self.predictive.scores,
            ],
        )
        write_json(
            folder / DESCRIPTION,
            {
                "molecules": len(self.label),
                "difficulty": {"floor": difficulty.floor, "intercept": difficulty.intercept},
                "domain": asdict(self.domain),
            },
        )

    @staticmethod
    def files(folder: Path) -> list[Path]:
        """Return the paths of the two files that `save` writes to a folder."""
        return [folder / DESCRIPTION, folder / ARRAYS]

    @classmethod
    def load(cls, folder: Path) -> Uncertainty:
        """Read error bars from the folder to which `save` wrote them.

        Raises
        ------
        OrganodeError
            If a file is missing or damaged.
        """
        files = Checked.of_model(folder, DESCRIPTION, "error bars", "organode calibrate")
        content, arrays = files.json(DESCRIPTION), files.read(ARRAYS)
        try:
            bits, error, label, mean, scale, coefficients, *scores = load_arrays(arrays)
            limits = content["domain"]
            domain = Domain(
                tuple(limits["parts"]),
                tuple(limits["heavy_atoms"]),
                limits["similarity"],
                limits["expected_error"],
            )
            if mean.shape != (N_FEATURES,):
                raise ValueError("fitted with other features")
            fitted = content["difficulty"]
            difficulty = Difficulty(fitted["floor"], mean, scale, coefficients, fitted["intercept"])
        except (ValueError, KeyError, TypeError) as problem:
            raise damaged(folder, files.remedy) from problem
        return cls(bits, error, label, difficulty, Predictive(scores), domain)


def _rows(near: Neighbours, chosen: np.ndarray) -> Neighbours:
    return Neighbours(near.similarity[chosen], near.error[chosen], near.label[chosen])
