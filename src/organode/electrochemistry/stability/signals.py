"""Signals of instability: computed by xTB for some ions, predicted for all others.

xTB relaxes the oxidised and the reduced form of species in the training data and describes these
ions (`organode.label.ions`). There are five signals: whether the ion has reacted (a bond broke or
formed, or a cleavage releases energy), the energies of the cheapest cleavage and of the cheapest
loss of a proton, the reorganisation energy, and the largest share of the unpaired electron on one
atom. Linear models predict the signals from the species' Morgan environments and orbital
descriptors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from organode.chem.features import NetworkFeatures
from organode.electrochemistry.stability.breakage import Breakage, probability
from organode.electrochemistry.stability.relaxed_ions import (
    RelaxedIons,
    has_reacted,
    linear_inputs,
    rounded,
)
from organode.electrochemistry.stability.rules import OXIDISED, REDUCED

BREAKS = "bond breaks"
SIGNALS = (BREAKS, "cleavage energy", "proton loss energy", "reorganisation energy", "largest spin")
COMPUTED = dict(
    zip(
        SIGNALS[1:],
        ("fragmentation", "deprotonation", "reorganisation", "largest_spin"),
        strict=True,
    )
)
RANGE = (-2.0, 8.0)  # eV; energies are clipped to it: those beyond are of ions that have reacted
RIDGE = 10.0  # regularisation: sklearn's alpha
FOLDS = 5  # one part in FOLDS of the species is for the test


@dataclass(frozen=True)
class Signals:
    """Linear models that predict five signals of instability of oxidised and of reduced forms.

    The signals, `SIGNALS`, are whether a bond of the ion breaks or forms, the energies of the
    cheapest bond cleavage and of the loss of a proton, the reorganisation energy, and the largest
    share of the unpaired electron on one atom.

    Attributes
    ----------
    centre, scale : numpy.ndarray
        Shape (d,): mean and standard deviation by which the d orbital descriptors are standardised.
    weight, intercept : mapping of str to numpy.ndarray
        Shapes (N_BITS + d, 5) and (5,), for ``oxidised`` and for ``reduced`` forms: weights of
        N_BITS counts of Morgan environments and d descriptors, and intercepts. For the first
        signal, whether a bond breaks or forms, the model gives the logit of a probability.
    mean, spread : mapping of str to numpy.ndarray
        For ``oxidised`` and for ``reduced`` forms, shape (5,): mean and standard deviation of the
        predicted signals over the species of the fit.
    """

    centre: np.ndarray
    scale: np.ndarray
    weight: Mapping[str, np.ndarray]
    intercept: Mapping[str, np.ndarray]
    mean: Mapping[str, np.ndarray]
    spread: Mapping[str, np.ndarray]

    @classmethod
    def fit(cls, ions: RelaxedIons) -> Signals:
        """Fit the models to ions that xTB relaxed.

        Raises
        ------
        OrganodeError
            If, among the oxidised or the reduced ions, fewer than 3 have reacted, or fewer than 3
            have not reacted.
        """
        parts: dict[str, list[np.ndarray]] = {}
        for side in (OXIDISED, REDUCED):
            of_side = ions.of_side(side)
            weight, intercept = _fitted(of_side, Breakage.fit(ions, side))
            predicted = np.asarray(of_side.inputs @ weight + intercept)
            parts[side] = [weight, intercept, predicted.mean(axis=0), predicted.std(axis=0)]
        by_side = [{side: rounded(of[part]) for side, of in parts.items()} for part in range(4)]
        return cls(ions.centre, ions.scale, *by_side)

    def predict(self, molecules: NetworkFeatures, side: str) -> np.ndarray:
        """Return the signals of the oxidised or reduced forms of n species, shape (n, 5).

        The columns are in the order of `SIGNALS`. The first is the logit of the probability that a
        bond breaks or forms, the next three are energies in eV, the last is in electrons.
        """
        return self.of_inputs(linear_inputs(molecules, self.centre, self.scale), side)

    def of_inputs(self, inputs: csr_matrix, side: str) -> np.ndarray:
        """Return the signals, shape (n, 5), from `inputs`, the result of `linear_inputs`."""
        return np.asarray(inputs @ self.weight[side] + self.intercept[side])

    def standardised(self, signals: np.ndarray, side: str) -> np.ndarray:
        """Return signals minus their mean, divided by their standard deviation, shape (n, 5).

        Mean and standard deviation are those over the species of the fit. `signals` are from
        `predict`, shape (n, 5).
        """
        return np.asarray((signals - self.mean[side]) / self.spread[side])

    def saved(self) -> dict[str, Any]:
        """Return the models as a JSON object, from which `restored` builds them again."""
        by_side = {
            "weight": self.weight,
            "intercept": self.intercept,
            "mean": self.mean,
            "spread": self.spread,
        }
        return {
            "signals": SIGNALS,
            "centre": self.centre.tolist(),
            "scale": self.scale.tolist(),
            **{
                name: {side: values.tolist() for side, values in of.items()}
                for name, of in by_side.items()
            },
        }

    @classmethod
    def restored(cls, content: Mapping[str, Any]) -> Signals:
        """Build the models from the JSON object that the method `saved` returned.

        Raises
        ------
        ValueError, KeyError, TypeError
            If a key is missing, or the models predict other signals than `SIGNALS`.
        """
        if tuple(content["signals"]) != SIGNALS:
            raise ValueError("fitted to other signals")
        by_side = [
            {side: np.array(content[name][side], float) for side in (OXIDISED, REDUCED)}
            for name in ("weight", "intercept", "mean", "spread")
        ]
        return cls(np.array(content["centre"]), np.array(content["scale"]), *by_side)


def chance_of_change(signals: np.ndarray) -> np.ndarray:
    """Return the probabilities that a bond of an ion breaks or forms, shape (n,).

    `signals`, shape (n, 5), is the result of `Signals.predict`.
    """
    return probability(signals[:, SIGNALS.index(BREAKS)])


def errors_of(ions: RelaxedIons) -> pd.DataFrame:
    """Return the errors of the signals of every fifth species, predicted by a fit to the rest.

    Returns
    -------
    pandas.DataFrame
        A row for each `side` (``oxidised``, ``reduced``) and `signal`, with `n`, the number of ions
        tested. For the signal ``bond breaks``: `broken`, the number of ions that have reacted (see
        `has_reacted`), and `auc`, the area under the ROC curve. For the other signals: `error`, the
        mean absolute error, and `spread`, the mean absolute error if the median were predicted for
        all ions; in eV, for the spin in electrons. Cells that do not apply are missing.
    """
    from sklearn.metrics import roc_auc_score

    out = pd.factorize(ions.table["smiles"])[0] % FOLDS == 0
    signals, rows = Signals.fit(ions[~out]), []
    for side in (OXIDISED, REDUCED):
        tested = ions[out].of_side(side)
        predicted = signals.of_inputs(tested.inputs, side)
        broken, computed = has_reacted(tested.table), _computed(tested.table)
        row = {"side": side, "signal": BREAKS, "n": len(broken), "broken": int(broken.sum())}
        if 0 < broken.sum() < len(broken):
            row["auc"] = round(float(roc_auc_score(broken, predicted[:, 0])), 3)
        rows.append(row)
        for place, (signal, column) in enumerate(COMPUTED.items(), start=1):
            values = computed[column].dropna()
            error = np.abs(predicted[values.index, place] - values).mean()
            spread = (values - values.median()).abs().mean()
            rows.append({
                "side": side, "signal": signal, "n": len(values),
                "error": round(float(error), 3), "spread": round(float(spread), 3),
            })  # fmt: skip
    return pd.DataFrame(rows).astype({"broken": "Int64"})


def _computed(ions: pd.DataFrame) -> pd.DataFrame:
    """Return four signals that xTB computed for ions: all but whether a bond breaks.

    The columns are the values of `COMPUTED`. Numbers are clipped to `RANGE` (in eV), and missing
    for an ion in which a bond broke or formed.
    """
    spins = ions["spins"].map(lambda of: max(of) if of is not None and len(of) else np.nan)
    table = ions.assign(largest_spin=spins)[[*COMPUTED.values()]].astype(float).clip(*RANGE)
    return table.where(ions["changes"].map(len) == 0)


def _fitted(ions: RelaxedIons, breakage: Breakage) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights, (N_BITS + d, 5), and intercepts, (5,), of models fitted to ions.

    The ions are all oxidised or all reduced. The model of the first signal, whether a bond breaks,
    is `breakage`. Ions in which a bond broke or formed are left out of the fits of the other
    four signals.
    """
    from sklearn.linear_model import Ridge

    inputs = ions.inputs.toarray()
    weights, intercepts = [breakage.weight], [breakage.intercept]
    computed = _computed(ions.table)
    for column in COMPUTED.values():
        values = computed[column].to_numpy()
        known = np.isfinite(values)
        ridge = Ridge(RIDGE, solver="cholesky").fit(inputs[known], values[known])
        weights.append(ridge.coef_)
        intercepts.append(float(ridge.intercept_))
    return np.column_stack(weights), np.array(intercepts)
