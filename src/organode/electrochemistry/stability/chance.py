"""Probability that a radical ion is stable, from rules, its frontier orbital and xTB signals.

The model is a logistic regression, fitted to redox couples that were observed to be reversible or
irreversible. Its features are the verdict of the rules, the position of the frontier orbital, and
predictions by `Signals` of what xTB would compute for the relaxed ion. An electron or hole on atoms
with hydrogen leads to the loss of a proton or to a bond between two ions. An electron or hole that
is spread over many atoms, or is between shielding groups, leads to neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from rdkit import Chem
from rdkit.Chem.rdMolDescriptors import CalcMolFormula

from organode.chem.features import Molecules
from organode.chem.structure_key import structure_key
from organode.electrochemistry.stability.breakage import in_percent
from organode.electrochemistry.stability.inputs import ComputedInputs, StabilityInputs
from organode.electrochemistry.stability.rules import CAUTION, FATAL, FINE, OXIDISED, REDUCED
from organode.electrochemistry.stability.signals import SIGNALS, Signals, chance_of_change
from organode.electrochemistry.stability.verdict import Verdict
from organode.errors import OrganodeError
from organode.utils.checksums import Checked, damaged
from organode.utils.files import write_json
from organode.utils.lazy import lazy

FEATURES = (
    "fatal",
    "fine",
    "fatal rules",
    "cautions",
    "core",
    "share on atoms with hydrogen",
    "most on one of them",
    "most on one atom",
    "crowding",
    *SIGNALS,
)
# Columns for the oxidised and for the reduced form: the probability that it is stable, the reason.
SIDES = {
    OXIDISED: ("stable_ox", "stable_ox_reason"),
    REDUCED: ("stable_red", "stable_red_reason"),
}
# From this probability on that a bond breaks or forms, the reason says so.
LIKELY = 0.5
RIDGE = 10.0  # L2 penalty, in units of the log-likelihood of one couple; 3 to 30 work as well
FEWEST = 40  # least number of reversible, and of irreversible, couples for a fit
DESCRIPTION = "stability.json"
# Probability of a couple that was measured as reversible (irreversible). Not 1 (0): some tables are
# wrong, and some waves are reversible only at scan rates far above those of a cell.
SEEN = {True: 0.95, False: 0.05}


class Chance(NamedTuple):
    """Stability of the oxidised or reduced form of a species.

    Attributes
    ----------
    stable : float
        Probability that this form is stable for at least the time of a voltammogram.
    reason : str
        A text on why the form is stable or not, from the rules, from xTB or from a measurement.
    verdict : Verdict
        The stability as the rules alone predict it.
    """

    stable: float
    reason: str
    verdict: Verdict


@dataclass(frozen=True)
class Stability:
    """Fitted logistic regression that predicts whether a radical ion is stable.

    Attributes
    ----------
    mean, scale, weight : tuple of float
        For each of `FEATURES`: mean and standard deviation over the couples of the fit, and the
        regression's weight of the standardised feature.
    intercept : float
        The regression's intercept, in units of the logit.
    signals : Signals
        Linear models that predict what xTB would compute for the relaxed ions.
    couples : pandas.DataFrame
        The redox couples of the fit: the columns from
        `organode.electrochemistry.stability.couples.read_couples`, and `left_out`, the probability
        that a fit to all other families predicts.
    """

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weight: tuple[float, ...]
    intercept: float
    signals: Signals
    couples: pd.DataFrame

    @classmethod
    def fit(cls, couples: pd.DataFrame, signals: Signals) -> Stability:
        """Fit the regression to all couples, and test it on each family with a fit to all others.

        The couples of one family and side (oxidised or reduced) together have the square root of
        their number as their weight, so that large families, such as quinones, do not dominate.

        Parameters
        ----------
        couples : pandas.DataFrame
            As from `organode.electrochemistry.stability.couples.read_couples`.
        signals : Signals
            Models that were fitted to ions relaxed by xTB, without use of the couples.

        Raises
        ------
        OrganodeError
            If fewer than `FEWEST` (40) couples are reversible, or fewer than `FEWEST` irreversible.
        """
        reversible = couples["reversible"].to_numpy(bool)
        if min(reversible.sum(), (~reversible).sum()) < FEWEST:
            raise OrganodeError(
                f"{reversible.sum()} reversible and {(~reversible).sum()} irreversible couples are "
                f"too few for probabilities: bring at least {FEWEST} of each"
            )
        features = np.empty((len(couples), len(FEATURES)))
        for side in (OXIDISED, REDUCED):
            rows = np.flatnonzero(couples["side"] == side)
            molecules = Molecules([Chem.MolFromSmiles(couples["smiles"][row]) for row in rows])
            inputs = ComputedInputs(molecules)
            features[rows] = describe(inputs, side, signals, signals.predict(molecules, side))
        group = couples["family"] + couples["side"]
        share = 1 / np.sqrt(group.map(group.value_counts()).to_numpy(float))
        left_out = np.empty(len(couples))
        for family in couples["family"].unique():
            out = (couples["family"] == family).to_numpy()
            rest = _fitted(features[~out], reversible[~out], share[~out])
            left_out[out] = _probabilities(features[out], *rest)
        mean, scale, weight, intercept = _fitted(features, reversible, share)
        return cls(
            tuple(mean.tolist()),
            tuple(scale.tolist()),
            tuple(weight.tolist()),
            intercept,
            signals,
            couples.assign(left_out=left_out).reset_index(drop=True),
        )

    def chances(self, inputs: StabilityInputs, side: str) -> list[Chance]:
        """Return the stability of the oxidised or the reduced forms of n molecules.

        If the couple of a form is in `couples`, the probability is 0.95 for a reversible and 0.05
        for an irreversible couple (`SEEN`), and the reason says that the couple was measured.

        Parameters
        ----------
        inputs : StabilityInputs
            What is read of n molecules, such as `ComputedInputs`.
        side : str
            The form: `OXIDISED` or `REDUCED`.

        Returns
        -------
        list of Chance
            The stability of each molecule's form; empty if there are no molecules.
        """
        if not inputs.n:
            return []
        signals = self.signals.predict(inputs.features, side)
        fitted = np.array(self.mean), np.array(self.scale), np.array(self.weight), self.intercept
        stable = _probabilities(describe(inputs, side, self.signals, signals), *fitted)
        changes = chance_of_change(signals)
        measured, formulas = self._measured[side]
        chances = []
        for by_rules, value, of_change, key in zip(
            inputs.verdicts(side), stable.tolist(), changes.tolist(), inputs.keys(formulas),
            strict=True,
        ):  # fmt: skip
            if key not in measured:
                chances.append(Chance(value, _reason(by_rules, of_change), by_rules))
                continue
            reversible, source = measured[key]
            words = "reversible" if reversible else "irreversible"
            chances.append(Chance(SEEN[reversible], f"measured: {words} ({source})", by_rules))
        return chances

    def table(self, inputs: StabilityInputs, side: str) -> pd.DataFrame:
        """Return the probabilities and reasons of the method `chances` as a table of n rows.

        The columns are `stable_ox` (probability) and `stable_ox_reason` for oxidised forms,
        `stable_red` and `stable_red_reason` for reduced forms.
        """
        chances = self.chances(inputs, side)
        columns = [chance.stable for chance in chances], [chance.reason for chance in chances]
        return pd.DataFrame(dict(zip(SIDES[side], columns, strict=True)))

    @lazy
    def _measured(self) -> dict[str, tuple[dict[int | None, tuple[bool, str]], set[str]]]:
        """Return for each side what was measured, and the formulas of the molecules measured.

        By `structure_key`: whether the couple was reversible, and a citation.
        """
        measured: dict[str, tuple[dict[int | None, tuple[bool, str]], set[str]]] = {
            OXIDISED: ({}, set()), REDUCED: ({}, set()),
        }  # fmt: skip
        table = self.couples[["side", "smiles", "reversible", "citation"]]
        for side, smiles, reversible, source in table.itertuples(index=False):
            molecule = Chem.MolFromSmiles(smiles)
            of_side, formulas = measured[side]
            of_side[structure_key(molecule)] = bool(reversible), source
            formulas.add(CalcMolFormula(molecule))
        return measured

    def save(self, folder: Path) -> None:
        """Write the fitted model to the file ``stability.json`` in a folder."""
        content = {
            "features": FEATURES,
            "mean": self.mean,
            "scale": self.scale,
            "weight": self.weight,
            "intercept": self.intercept,
            "signals": self.signals.saved(),
            "couples": self.couples.to_dict("list"),
        }
        write_json(folder / DESCRIPTION, content)

    @classmethod
    def load(cls, folder: Path) -> Stability:
        """Read the model that `save` wrote to a folder.

        Raises
        ------
        OrganodeError
            If the file is missing or damaged, or the model was not fitted with `FEATURES`.
        """
        files = Checked.of_model(folder, DESCRIPTION, "stability", "organode stability")
        content = files.json(DESCRIPTION)
        try:
            if tuple(content["features"]) != FEATURES:
                raise ValueError("fitted with other features")
            mean, scale, weight = (
                tuple(map(float, content[name])) for name in ("mean", "scale", "weight")
            )
            couples = pd.DataFrame(content["couples"])
            signals = Signals.restored(content["signals"])
            return cls(mean, scale, weight, float(content["intercept"]), signals, couples)
        except (ValueError, KeyError, TypeError) as problem:
            raise damaged(folder, files.remedy) from problem


def _reason(by_rules: Verdict, changes: float) -> str:
    """Return the reason that the rules give, with the probability `changes` if it is high.

    `changes` is the computed probability that a bond of the ion breaks or forms.
    """
    if changes < LIKELY:
        return by_rules.reason
    said = by_rules.reason.removesuffix(".")
    return (
        f"{said}. Computed: a bond of the {by_rules.side} form breaks or forms "
        f"({in_percent(changes)} likely)."
    )


def stable_types(side: str) -> dict[str, str]:
    """Return the pandas type of each column that `Stability.table` returns for a side."""
    return dict(zip(SIDES[side], ("float64", "str"), strict=True))


def describe(inputs: StabilityInputs, side: str, model: Signals, signals: np.ndarray) -> np.ndarray:
    """Return features of n species' oxidised or reduced forms, shape (n, len(FEATURES)).

    The first five are from the verdict of the rules: whether its tier is ``fatal``, whether it is
    ``fine``, the numbers of fatal and of cautionary rules that apply, and whether there is a stable
    core. The next four say where the hole or electron is
    (`organode.electrochemistry.stability.inputs.on_atoms`), and the last five are the signals.

    Parameters
    ----------
    inputs : StabilityInputs
        What is read of the n species.
    side : str
        `OXIDISED` or `REDUCED`.
    model : Signals
        The models that predicted the signals, which tell their mean and spread.
    signals : numpy.ndarray
        Shape (n, len(SIGNALS)): predicted signals, from `Signals.predict`.
    """
    by_rules = []
    for by_rule in inputs.verdicts(side):
        tiers = [hit.tier for hit in by_rule.hits]
        counts = tiers.count(FATAL), tiers.count(CAUTION)
        by_rules.append((by_rule.tier == FATAL, by_rule.tier == FINE, *counts, bool(by_rule.core)))
    standardised = model.standardised(signals, side)
    return np.column_stack([np.array(by_rules, float), inputs.orbital(side), standardised])


def _fitted(
    features: np.ndarray, reversible: np.ndarray, share: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Fit the regression; return `mean`, `scale`, `weight` and `intercept`, as in `Stability`.

    `share` is the weight of each couple in the fit.
    """
    from sklearn.linear_model import LogisticRegression

    mean, scale = features.mean(axis=0), features.std(axis=0)
    scale[scale == 0] = 1.0
    model = LogisticRegression(C=1 / RIDGE, max_iter=2_000)
    model.fit((features - mean) / scale, reversible, sample_weight=share)
    return mean, scale, model.coef_[0], float(model.intercept_[0])


def _probabilities(
    features: np.ndarray, mean: np.ndarray, scale: np.ndarray, weight: np.ndarray, intercept: float
) -> np.ndarray:
    """Return the probabilities of n forms to be stable, shape (n,), from their features."""
    logit = (features - mean) / scale @ weight + intercept
    return np.asarray(1 / (1 + np.exp(-logit)))


def accuracy_of(couples: pd.DataFrame) -> dict[str, Any]:
    """Return metrics of stability probabilities predicted by fits without the couple's family.

    Parameters
    ----------
    couples : pandas.DataFrame
        `Stability.couples`, or some of its rows.

    Returns
    -------
    dict
        `n`, `reversible` and `families`, the numbers of couples, of reversible couples and of
        families; `brier`, the Brier score (mean squared error of the probabilities); and `auc`, the
        area under the ROC curve, unless all couples have the same outcome.
    """
    from sklearn.metrics import brier_score_loss, roc_auc_score

    reversible = couples["reversible"].to_numpy(bool)
    probability = couples["left_out"].to_numpy(float)
    metrics = {
        "n": len(couples),
        "reversible": int(reversible.sum()),
        "families": int(couples["family"].nunique()),
        "brier": round(float(brier_score_loss(reversible, probability)), 4),
    }
    if 0 < metrics["reversible"] < metrics["n"]:
        metrics["auc"] = round(float(roc_auc_score(reversible, probability)), 4)
    return metrics
