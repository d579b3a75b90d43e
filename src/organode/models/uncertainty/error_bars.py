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
from organode.models.uncertainty.difficulty import NEIGHBOURS, Difficulty, Neighbours
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
        Shape (n,): expected absolute error, eV.
    similarity : numpy.ndarray
        Shape (n,): Tanimoto similarity to the nearest training molecule.
    reasons : list of str
        n texts: why a molecule is outside the model's applicability domain; empty where it is
        inside.
    """

    expected: np.ndarray
    similarity: np.ndarray
    reasons: list[str]


@dataclass(frozen=True)
class Uncertainty:
    """Error bars fitted to out-of-fold errors.

    Attributes
    ----------
    bits : numpy.ndarray
        Shape (m, 32), uint64: Morgan bits of the m training molecules (2,048 of radius 2, packed
        into words of 64).
    error, label : numpy.ndarray
        Shape (m,), eV: absolute out-of-fold error, and label, of each training molecule.
    difficulty : Difficulty
        Model of the expected error.
    predictive : Predictive
        Distribution of errors in units of the expected error.
    domain : Domain
        Applicability domain.
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
            Shape (m,): fold of each molecule, 0 to k − 1.
        prediction, label : numpy.ndarray
            Shape (m,), eV. Each molecule is predicted by the network that had it in its validation
            fold.

        Raises
        ------
        OrganodeError
            If a molecule has fewer than `NEIGHBOURS` molecules in the other folds.
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
        expected = np.empty(len(error))
        for left_out in np.unique(fold):
            out = fold == left_out
            rest = Difficulty.fit(_rows(near, ~out), prediction[~out], error[~out])
            expected[out] = rest.expected(_rows(near, out), prediction[out])
        scores = (label - prediction) / expected
        return cls(
            bits,
            error.astype(np.float32),
            label.astype(np.float32),
            Difficulty.fit(near, prediction, error),
            Predictive([np.sort(scores[fold == member]) for member in np.unique(fold)]),
            Domain.fit(Composition.of(molecules), similarity[:, 0], expected),
        )

    def reliability(self, molecules: ModelFeatures, prediction: np.ndarray) -> Reliability:
        """Return the expected errors of n predictions, and why molecules are outside the domain.

        `prediction` is the predicted energy of each molecule, eV, shape (n,).
        """
        nearest = molecules.nearest(self.bits, NEIGHBOURS)
        position, similarity = nearest.position, nearest.similarity
        near = Neighbours(similarity, self.error[position], self.label[position])
        expected = self.difficulty.expected(near, prediction)
        reasons = self.domain.reasons(molecules.composition, similarity[:, 0], expected)
        return Reliability(expected, similarity[:, 0], reasons)

    def save(self, folder: Path) -> None:
        """Write ``uncertainty.npz`` (arrays) and ``uncertainty.json`` (the rest) to a folder."""
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
        """Return the files of error bars that were saved to a folder."""
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
            fitted = content["difficulty"]
            difficulty = Difficulty(fitted["floor"], mean, scale, coefficients, fitted["intercept"])
        except (ValueError, KeyError, TypeError) as problem:
            raise damaged(folder, files.remedy) from problem
        return cls(bits, error, label, difficulty, Predictive(scores), domain)


def _rows(near: Neighbours, chosen: np.ndarray) -> Neighbours:
    return Neighbours(near.similarity[chosen], near.error[chosen], near.label[chosen])
