"""Predict whether a bond breaks or forms in the oxidised or reduced form of a species.

xTB relaxed the ions of species in the training data. Logistic regression, fitted to the results,
predicts whether an ion reacts from the species' Morgan environments and orbital descriptors. An ion
also counts as reacted if the cleavage of one of its bonds releases energy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from organode.chem.features import NetworkFeatures
from organode.electrochemistry.stability.relaxed_ions import (
    RelaxedIons,
    has_reacted,
    linear_inputs,
    rounded,
)
from organode.errors import OrganodeError

STRENGTH = 0.5  # sklearn's C, the inverse of the regularisation: least log-loss of ions left out
SUREST = 0.99  # the highest probability that is said
FEWEST = 3  # least number of ions that have reacted, and of ions that have not, for a fit


@dataclass(frozen=True)
class Breakage:
    """A linear model of whether a bond breaks or forms in one kind of ion, oxidised or reduced.

    Attributes
    ----------
    centre, scale : numpy.ndarray
        Shape (d,): mean and standard deviation by which the d orbital descriptors are standardised.
    weight : numpy.ndarray
        Shape (N_BITS + d,): weights of N_BITS counts of Morgan environments and d descriptors.
    intercept : float
        Intercept; inputs times weights plus intercept is the logit of the probability.
    """

    centre: np.ndarray
    scale: np.ndarray
    weight: np.ndarray
    intercept: float

    N_ARRAYS: ClassVar[int] = 4  # number of arrays of `arrays`

    @classmethod
    def fit(cls, ions: RelaxedIons, side: str) -> Breakage:
        """Fit the model to the relaxed ions of one side, ``oxidised`` or ``reduced``.

        Raises
        ------
        OrganodeError
            If fewer than `FEWEST` (3) ions of this side have reacted, or fewer than `FEWEST` have
            not reacted.
        """
        from sklearn.linear_model import LogisticRegression

        of_side = ions.of_side(side)
        reacted = has_reacted(of_side.table)
        if min(reacted.sum(), (~reacted).sum()) < FEWEST:
            raise OrganodeError(
                f"{reacted.sum()} of {len(reacted)} {side} ions have reacted: a fit needs at least "
                f"{FEWEST} that have, and {FEWEST} that have not (stability.ions in params.yaml)"
            )
        model = LogisticRegression(C=STRENGTH, solver="liblinear", max_iter=300)
        model.fit(of_side.inputs, reacted)
        weight, (intercept,) = rounded(model.coef_[0]), rounded(model.intercept_)
        return cls(ions.centre, ions.scale, weight, float(intercept))

    def chance(self, molecules: NetworkFeatures) -> np.ndarray:
        """Return the probabilities, shape (n,), that a bond of a molecule's ion breaks or forms."""
        inputs = linear_inputs(molecules, self.centre, self.scale)
        return probability(np.asarray(inputs @ self.weight + self.intercept))

    def arrays(self) -> list[np.ndarray]:
        """Return the attributes as arrays to store, from which `restored` builds the model."""
        return [self.centre, self.scale, self.weight, np.array([self.intercept])]

    @classmethod
    def restored(cls, arrays: Sequence[np.ndarray]) -> Breakage:
        """Build a model from the `N_ARRAYS` arrays that the method `arrays` of a model returned."""
        centre, scale, weight, (intercept,) = arrays
        return cls(centre, scale, weight, float(intercept))


def in_percent(chance: float) -> str:
    """Return a computed probability as text, such as ``60%``, with ``99%`` as the maximum."""
    return f"{min(chance, SUREST):.0%}"


def probability(logit: np.ndarray) -> np.ndarray:
    """Return the probabilities that belong to logits (by the logistic function)."""
    return np.asarray(1 / (1 + np.exp(-logit)))
