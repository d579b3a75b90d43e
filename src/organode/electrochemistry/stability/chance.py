"""The probability that a radical ion lasts: rules, and where its electron or hole is.

A logistic regression of couples that were seen to be reversible or not, on what the rules say and
on how the frontier orbital lies. An electron or a hole on atoms that bear hydrogen leads to the
loss of a proton or to a bond between two ions; one that is spread over many atoms, or sits between
shielding groups, does neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from rdkit import Chem
from rdkit.Chem.rdMolDescriptors import CalcMolFormula

from organode.chem.orbitals.huckel import orbitals
from organode.electrochemistry.stability.rules import CAUTION, FATAL, FINE, OXIDISED, REDUCED
from organode.electrochemistry.stability.verdict import Examined, Verdict, verdict
from organode.errors import OrganodeError
from organode.utils.checksums import Checked, damaged
from organode.utils.files import write_json
from organode.utils.lazy import lazy

FEATURES = (
    "fatal", "fine", "fatal rules", "cautions", "core",
    "share on atoms with hydrogen", "most on one of them", "most on one atom", "crowding",
)  # fmt: skip
# Columns of each side: the probability, and what speaks for or against it.
SIDES = {
    OXIDISED: ("stable_ox", "stable_ox_reason"), REDUCED: ("stable_red", "stable_red_reason"),
}  # fmt: skip
ORBITAL = {OXIDISED: 0, REDUCED: 1}  # whose density matters: the hole's, the electron's
RIDGE = 10.0  # in units of the log-likelihood of one couple; 3 to 30 do as well
FEWEST = 40  # couples, of each outcome, that probabilities are learned from
DESCRIPTION = "stability.json"
# What a couple that was measured is worth: some tables are wrong, and some waves return at rates
# only that no cell has.
SEEN = {True: 0.95, False: 0.05}


class Chance(NamedTuple):
    """What is thought of a species' oxidised or reduced form.

    Attributes
    ----------
    stable : float
        Probability that it lasts as long as a voltammogram takes, and longer.
    reason : str
        What speaks for or against it.
    verdict : Verdict
        What the rules say.
    """

    stable: float
    reason: str
    verdict: Verdict


@dataclass(frozen=True)
class Stability:
    """Probabilities, as fitted.

    Attributes
    ----------
    mean, scale, weight : tuple of float
        Of each of `FEATURES`; weights are for standardised ones.
    intercept : float
        Of the logit.
    couples : pandas.DataFrame
        What it was fitted to: columns of `organode.electrochemistry.stability.couples.KEPT`, and
        `left_out`, the probability by a fit to the other families.
    """

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weight: tuple[float, ...]
    intercept: float
    couples: pd.DataFrame

    @classmethod
    def fit(cls, couples: pd.DataFrame) -> Stability:
        """Fit to couples, and to all families but one, each in turn.

        A family with many couples has the weight of the square root of their number, so that
        quinones do not decide alone.

        Raises
        ------
        OrganodeError
            If there are too few couples of either outcome.
        """
        seen = couples["reversible"].to_numpy(bool)
        if min(seen.sum(), (~seen).sum()) < FEWEST:
            raise OrganodeError(
                f"{seen.sum()} reversible and {(~seen).sum()} irreversible couples are too few for "
                f"probabilities: bring at least {FEWEST} of each"
            )
        molecules = [Chem.MolFromSmiles(smiles) for smiles in couples["smiles"]]
        densities = orbitals(molecules).densities
        features = np.empty((len(couples), len(FEATURES)))
        for side in (OXIDISED, REDUCED):
            rows = np.flatnonzero(couples["side"] == side)
            examined = [Examined(molecules[row]) for row in rows]
            features[rows] = describe(
                examined, [verdict(one, side) for one in examined],
                [densities[row][:, ORBITAL[side]] for row in rows],
            )  # fmt: skip
        group = couples["family"] + couples["side"]
        share = 1 / np.sqrt(group.map(group.value_counts()).to_numpy(float))
        left_out = np.empty(len(couples))
        for family in couples["family"].unique():
            out = (couples["family"] == family).to_numpy()
            left_out[out] = _chances(
                features[out], *_fitted(features[~out], seen[~out], share[~out])
            )
        mean, scale, weight, intercept = _fitted(features, seen, share)
        return cls(
            tuple(mean.tolist()), tuple(scale.tolist()), tuple(weight.tolist()), intercept,
            couples.assign(left_out=left_out).reset_index(drop=True),
        )  # fmt: skip

    def chances(
        self,
        molecules: Sequence[Chem.Mol | Examined],
        side: str,
        densities: Sequence[np.ndarray] | None = None,
    ) -> list[Chance]:
        """Say how likely the oxidised or the reduced forms of n molecules are to last.

        Parameters
        ----------
        molecules : sequence of Chem.Mol or Examined
            Before the electron moves, flat, as `organode.chem.structure` gives them; examined ones
            cost less on their second side.
        side : str
            `OXIDISED` or `REDUCED`.
        densities : sequence of numpy.ndarray, optional
            Of their frontier orbitals, as `chem.orbitals.huckel` gives them; computed if omitted.
        """
        examined = [Examined.of(molecule) for molecule in molecules]
        if densities is None:
            densities = orbitals([one.molecule for one in examined]).densities
        said = [verdict(one, side) for one in examined]
        stable = _chances(
            describe(examined, said, [density[:, ORBITAL[side]] for density in densities]),
            np.array(self.mean), np.array(self.scale), np.array(self.weight), self.intercept,
        )  # fmt: skip
        found = []
        for one, by_rules, chance in zip(examined, said, stable.tolist(), strict=True):
            known = self._seen[side].get(one.formula)
            seen = known.get(one.smiles) if known else None
            if seen is None:
                found.append(Chance(chance, by_rules.reason, by_rules))
                continue
            returned, source = seen
            words = "reversible" if returned else "irreversible"
            found.append(Chance(SEEN[returned], f"measured: {words} ({source})", by_rules))
        return found

    def table(
        self,
        molecules: Sequence[Chem.Mol | Examined],
        side: str,
        densities: Sequence[np.ndarray] | None = None,
    ) -> pd.DataFrame:
        """Return what `chances` says of n molecules as the columns of a side in `SIDES`."""
        found = self.chances(molecules, side, densities)
        columns = [one.stable for one in found], [one.reason for one in found]
        return pd.DataFrame(dict(zip(SIDES[side], columns, strict=True)))

    @lazy
    def _seen(self) -> dict[str, dict[str, dict[str, tuple[bool, str]]]]:
        """Return, by side, formula and SMILES, what was seen of a couple, and who saw it.

        By formula, because few molecules have a known one, and SMILES cost ten times as much.
        """
        found: dict[str, dict[str, dict[str, tuple[bool, str]]]] = {OXIDISED: {}, REDUCED: {}}
        table = self.couples[["side", "smiles", "reversible", "citation"]]
        for side, smiles, reversible, source in table.itertuples(index=False):
            formula = CalcMolFormula(Chem.MolFromSmiles(smiles))
            found[side].setdefault(formula, {})[smiles] = bool(reversible), source
        return found

    def save(self, folder: Path) -> None:
        """Write all of it in a form that a person can read."""
        content = asdict(self) | {"features": FEATURES, "couples": self.couples.to_dict("list")}
        write_json(folder / DESCRIPTION, content)

    @classmethod
    def load(cls, folder: Path) -> Stability:
        """Read what `save` wrote.

        Raises
        ------
        OrganodeError
            If the folder does not hold it whole, or the file is damaged.
        """
        files = Checked.of_model(folder, DESCRIPTION, "stability", "organode stability")
        content = files.json(DESCRIPTION)
        try:
            if tuple(content["features"]) != FEATURES:
                raise ValueError("made from other features")
            mean, scale, weight = (
                tuple(map(float, content[name])) for name in ("mean", "scale", "weight")
            )
            couples = pd.DataFrame(content["couples"])
            return cls(mean, scale, weight, float(content["intercept"]), couples)
        except (ValueError, KeyError, TypeError) as problem:
            raise damaged(folder, files.remedy) from problem


def stable_types(side: str) -> dict[str, str]:
    """Return the columns of a side with their types."""
    return dict(zip(SIDES[side], ("float64", "str"), strict=True))


def describe(
    examined: Sequence[Examined], said: Sequence[Verdict], densities: Sequence[np.ndarray]
) -> np.ndarray:
    """Return the `FEATURES` of n species' forms, shape (n, len(FEATURES)).

    The last four are of the highest occupied orbital of what is oxidised, of the lowest empty one
    of what is reduced: its density on atoms that bear hydrogen, the most on one of them and on one
    atom of all, and the sum of squares, 1 over the number of atoms that it is spread over.

    Parameters
    ----------
    examined : sequence of Examined
        The species, n of them.
    said : sequence of Verdict
        What the rules say of their forms.
    densities : sequence of numpy.ndarray
        Of that orbital on each species' atoms.
    """
    if not examined:
        return np.empty((0, len(FEATURES)))
    tiers = [[hit.tier for hit in one.hits] for one in said]
    by_rules = [
        (one.tier == FATAL, one.tier == FINE, of_one.count(FATAL), of_one.count(CAUTION),
         bool(one.core))
        for one, of_one in zip(said, tiers, strict=True)
    ]  # fmt: skip
    on_atoms = np.concatenate(densities).astype(float)
    on_open = on_atoms * (np.concatenate([one.hydrogens for one in examined]) > 0)
    first = np.cumsum([0, *map(len, densities[:-1])])
    by_orbital = (
        np.add.reduceat(on_open, first), np.maximum.reduceat(on_open, first),
        np.maximum.reduceat(on_atoms, first), np.add.reduceat(np.square(on_atoms), first),
    )  # fmt: skip
    return np.column_stack([np.array(by_rules, float), *by_orbital])


def _fitted(
    features: np.ndarray, seen: np.ndarray, share: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    from sklearn.linear_model import LogisticRegression

    mean, scale = features.mean(axis=0), features.std(axis=0)
    scale[scale == 0] = 1.0
    model = LogisticRegression(C=1 / RIDGE, max_iter=2_000)
    model.fit((features - mean) / scale, seen, sample_weight=share)
    return mean, scale, model.coef_[0], float(model.intercept_[0])


def _chances(
    features: np.ndarray, mean: np.ndarray, scale: np.ndarray, weight: np.ndarray, intercept: float
) -> np.ndarray:
    logit = (features - mean) / scale @ weight + intercept
    return np.asarray(1 / (1 + np.exp(-logit)))


def accuracy_of(couples: pd.DataFrame) -> dict[str, Any]:
    """Say how well probabilities of families left out tell what lasts from what does not.

    Parameters
    ----------
    couples : pandas.DataFrame
        `Stability.couples`.

    Returns
    -------
    dict
        `n`, `reversible`, `families`; `brier`, the mean square of the probabilities' errors; and
        where both outcomes are there `auc`, the area under the receiver's curve.
    """
    from sklearn.metrics import brier_score_loss, roc_auc_score

    seen, chance = couples["reversible"].to_numpy(bool), couples["left_out"].to_numpy(float)
    found = {
        "n": len(couples),
        "reversible": int(seen.sum()),
        "families": int(couples["family"].nunique()),
        "brier": round(float(brier_score_loss(seen, chance)), 4),
    }
    if 0 < found["reversible"] < found["n"]:
        found["auc"] = round(float(roc_auc_score(seen, chance)), 4)
    return found
