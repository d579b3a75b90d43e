"""The error bar of each prediction: how far off it may be, and whether it can be trusted at all."""

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

LEVEL = 0.95  # of an interval that nobody asked otherwise for
ARRAYS, DESCRIPTION = "uncertainty.npz", "uncertainty.json"
FILES = (ARRAYS, DESCRIPTION)


@dataclass(frozen=True)
class Reliability:
    """What is thought of n predictions.

    Attributes
    ----------
    expected : numpy.ndarray
        Shape (n,): expected absolute error, eV.
    similarity : numpy.ndarray
        Shape (n,): to the nearest training molecule.
    reasons : list of str
        Why a molecule is outside the model's domain; empty inside.
    """

    expected: np.ndarray
    similarity: np.ndarray
    reasons: list[str]


@dataclass(frozen=True)
class Uncertainty:
    """What the errors out of fold teach about the errors to come.

    Attributes
    ----------
    bits : numpy.ndarray
        Shape (m, words): `packed_bits` of the training molecules.
    error, label : numpy.ndarray
        Shape (m,), eV: absolute error out of fold, and label.
    difficulty : Difficulty
    predictive : Predictive
    domain : Domain
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
        """Learn from predictions that were made out of fold.

        Parameters
        ----------
        molecules : sequence of Chem.Mol
            The m training molecules.
        fold : numpy.ndarray
            Shape (m,), 0 to k − 1.
        prediction, label : numpy.ndarray
            Shape (m,), eV; the former by the network that had not seen the molecule's fold.

        Raises
        ------
        OrganodeError
            If there are too few molecules to compare with.
        """
        bits = packed_bits(molecules)
        error = np.abs(label - prediction)
        try:
            found = nearest(bits, bits, NEIGHBOURS, query_fold=fold, known_fold=fold)
        except ValueError as problem:
            raise OrganodeError(
                f"too few molecules for error bars ({problem}): bring more labelled molecules"
            ) from problem
        near = Neighbours(found.similarity, error[found.position], label[found.position])
        expected = np.empty(len(error))
        for left_out in np.unique(fold):
            mine = fold == left_out
            others = Difficulty.fit(_rows(near, ~mine), prediction[~mine], error[~mine])
            expected[mine] = others.expected(_rows(near, mine), prediction[mine])
        scores = (label - prediction) / expected
        return cls(
            bits,
            error.astype(np.float32),
            label.astype(np.float32),
            Difficulty.fit(near, prediction, error),
            Predictive([np.sort(scores[fold == one]) for one in np.unique(fold)]),
            Domain.fit(Composition.of(molecules), found.similarity[:, 0], expected),
        )

    def reliability(self, molecules: ModelFeatures, prediction: np.ndarray) -> Reliability:
        """Judge predictions (eV, shape (n,)) of molecules by what is known of their neighbours."""
        found = molecules.nearest(self.bits, NEIGHBOURS)
        near = Neighbours(found.similarity, self.error[found.position], self.label[found.position])
        expected = self.difficulty.expected(near, prediction)
        similarity = found.similarity[:, 0]
        return Reliability(
            expected, similarity, self.domain.reasons(molecules.composition, similarity, expected)
        )

    def save(self, folder: Path) -> None:
        """Write the arrays, and a description that a person can read."""
        difficulty = self.difficulty
        save_arrays(
            folder / ARRAYS,
            [
                self.bits, self.error, self.label,
                difficulty.mean, difficulty.scale, difficulty.coefficients,
                *self.predictive.scores,
            ],
        )  # fmt: skip
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
        """Return the files that saved error bars consist of."""
        return [folder / DESCRIPTION, folder / ARRAYS]

    @classmethod
    def load(cls, folder: Path) -> Uncertainty:
        """Read what `save` wrote.

        Raises
        ------
        OrganodeError
            If the folder does not hold it whole, or a file in it is damaged.
        """
        files = Checked.of_model(folder, DESCRIPTION, "error bars", "organode calibrate")
        content, arrays = files.json(DESCRIPTION), files.read(ARRAYS)
        try:
            bits, error, label, mean, scale, coefficients, *scores = load_arrays(arrays)
            limits = content["domain"]
            domain = Domain(
                tuple(limits["parts"]), tuple(limits["heavy_atoms"]),
                limits["similarity"], limits["expected_error"],
            )  # fmt: skip
            fitted = content["difficulty"]
            difficulty = Difficulty(fitted["floor"], mean, scale, coefficients, fitted["intercept"])
        except (ValueError, KeyError, TypeError) as problem:
            raise damaged(folder, files.remedy) from problem
        return cls(bits, error, label, difficulty, Predictive(scores), domain)


def _rows(near: Neighbours, chosen: np.ndarray) -> Neighbours:
    return Neighbours(near.similarity[chosen], near.error[chosen], near.label[chosen])
