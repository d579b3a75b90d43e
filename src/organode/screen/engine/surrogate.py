"""What the models would say of a molecule, estimated from its fingerprint at a hundredth the cost.

A ridge regression (Hoerl and Kennard, Technometrics 12 (1970) 55, doi
10.1080/00401706.1970.10488634) on folded Morgan counts, fitted to the models' own answers about a
random sample of the library that is screened. How far it is off is known from the same sample, each
molecule estimated by a fit that has not seen it; as the sample is random, the rest of the library
is estimated as well as that.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from organode.electrochemistry.cells import ROLES
from organode.errors import OrganodeError
from organode.library.read import Piece
from organode.screen.criteria.decide import POTENTIALS, TARGETS, Rule, computed, decide, slack
from organode.screen.criteria.lasting import HELD, ORDER
from organode.screen.engine.chunk import BOUNDED, SURE, Aim, Tables, laid_out, structure_of
from organode.utils.arrays import load_arrays, save_arrays
from organode.utils.checksums import read_sealed, write_sealed

PENALTY = 5.0  # of the ridge, on log(1 + count)
FOLDS = 5
ALIKE = 0.1  # V; standard deviation of the weights of molecules with about the same estimate
GRID = np.linspace(-2, 2, 201)  # V
NEAR = 0.2  # V; a molecule whose slack is this far from none counts 1/e when slack is learned
CONTAINED = 0.95  # share of molecules whose interval lies within the estimated one
PLAUSIBLE = 0.005  # a smaller chance to be a candidate counts as none
# What is known of an estimated row and of no other.
ESTIMATES = (
    "molar_mass",
    *(f"{name}_{role}" for name in ("chance", "tier", "stable", HELD) for role in ROLES),
)  # fmt: skip
BEHIND = "not scored: ranked too low by the surrogate"


@dataclass(frozen=True)
class Estimate:
    """What the models are expected to say of n molecules.

    Attributes
    ----------
    table : pandas.DataFrame
        n rows, `BOUNDED`: energies in eV, potentials in V vs the rule's reference.
    slack : dict of numpy.ndarray
        Of each role, shape (n,), V: `organode.screen.criteria.decide.slack`.
    """

    table: pd.DataFrame
    slack: dict[str, np.ndarray]


@dataclass(frozen=True)
class Surrogate:
    """Energies and potentials (`BOUNDED`), the slack in each role, and how far off they are.

    Attributes
    ----------
    kernel, intercept : numpy.ndarray
        Shapes (N_BITS, 20) and (20,), eV and V. NaN of a wave that no model predicts.
    wider : numpy.ndarray
        Shape (18,), eV and V: added to bounds so that they hold the models' own interval.
    deviation, spread : numpy.ndarray
        Shape (2,), V, of E_ox and E_red: 95 % of the estimates are this close to the models'
        values; standard deviation.
    chances : numpy.ndarray
        Shape (2, len(GRID)): of each role, how likely the models are to find a molecule a
        candidate, by the slack that is estimated.
    """

    kernel: np.ndarray
    intercept: np.ndarray
    wider: np.ndarray
    deviation: np.ndarray
    spread: np.ndarray
    chances: np.ndarray

    @classmethod
    def fit(cls, counts: csr_matrix, answers: pd.DataFrame, rule: Rule) -> Surrogate:
        """Learn from what models say of a random sample.

        Parameters
        ----------
        counts : scipy.sparse.csr_matrix
            Shape (s, N_BITS): `folded_counts`.
        answers : pandas.DataFrame
            s rows with `BOUNDED` and whether they are inside each model's domain.
        rule : Rule
            What a candidate is.
        """
        read = _input(counts)
        bounded = answers[list(BOUNDED)]
        room = slack(bounded, rule)
        unknown = bounded.isna().all().to_numpy()
        # What single molecules have not got, the second wave of a radical, is taken as usual.
        values = np.column_stack([bounded.fillna(bounded.mean()).fillna(0.0), *room.values()])
        with threadpool_limits(1):  # the same sums on every machine
            kernel, intercept = _ridge(read, values)
            held_out = np.empty_like(values)
            for fold in range(FOLDS):
                mine = np.arange(len(values)) % FOLDS == fold
                of_others = _ridge(read[~mine], values[~mine])
                held_out[mine] = read[mine] @ of_others[0] + of_others[1]
        off = values - held_out
        n, tail = len(BOUNDED), (1 - CONTAINED) / 2
        centres = off[:, [BOUNDED.index(name) for name in POTENTIALS.values()]]
        shares = {"lower": tail, "upper": 1 - tail}
        wider = np.zeros(n)
        for at, name in enumerate(BOUNDED):
            if (end := name.rpartition("_")[2]) in shares:
                wider[at] = np.quantile(off[:, at], shares[end])
        domains = answers[[f"{target}_in_domain" for target in TARGETS.values()]].to_numpy(bool)
        if rule.together:
            domains[:] = domains.all(axis=1, keepdims=True)
        inside = [
            _share(domain[room[role] >= 0]) if rule.in_domain else 1.0
            for role, domain in zip(ROLES, domains.T, strict=True)
        ]
        chances = [
            _chances(*columns) * share
            for *columns, share in zip(held_out[:, n:].T, off[:, n:].T, inside, strict=True)
        ]
        intercept[: len(BOUNDED)][unknown] = np.nan
        return cls(
            kernel.astype(np.float32), intercept, wider,
            np.quantile(np.abs(centres), 0.95, axis=0), centres.std(axis=0),
            np.array(chances),
        )  # fmt: skip

    def estimate(self, counts: csr_matrix) -> Estimate:
        """Return what the models are expected to say of n molecules, from their counts."""
        found = _input(counts) @ self.kernel + self.intercept
        n = len(BOUNDED)
        room = dict(zip(ROLES, found[:, n:].T, strict=True))
        return Estimate(pd.DataFrame(found[:, :n], columns=list(BOUNDED)), room)

    def chance(self, estimate: Estimate, role: str) -> np.ndarray:
        """Return how likely the models are to find each molecule a candidate, shape (n,)."""
        chances = self.chances[ROLES.index(role)]
        return np.asarray(np.interp(estimate.slack[role], GRID, chances))

    def save(self, path: Path) -> None:
        """Write all arrays: same estimator, same bytes."""
        content = io.BytesIO()
        save_arrays(content, [getattr(self, field.name) for field in fields(self)])
        write_sealed(path, content.getvalue())

    @classmethod
    def load(cls, path: Path) -> Surrogate:
        """Read what `save` wrote.

        Raises
        ------
        OrganodeError
            If it is damaged.
        """
        content = read_sealed(path)
        if content is None:
            raise OrganodeError(f"{path} is damaged: delete it and run the same command again")
        return cls(*load_arrays(content))


def _input(counts: csr_matrix) -> csr_matrix:
    return csr_matrix(
        (np.log1p(counts.data.astype(np.float32)), counts.indices, counts.indptr), counts.shape
    )


def _ridge(read: csr_matrix, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fit `BOUNDED` to all rows alike, and each slack to those near the line the more."""
    from sklearn.linear_model import Ridge  # a second to import, and workers do without it

    n = len(BOUNDED)
    models = [Ridge(PENALTY, solver="lsqr").fit(read, values[:, :n])]
    for room in values[:, n:].T:
        model = Ridge(PENALTY, solver="lsqr")
        models.append(model.fit(read, room[:, None], sample_weight=_nearness(room)))
    kernel = np.vstack([np.atleast_2d(one.coef_) for one in models]).T
    return kernel, np.concatenate([np.atleast_1d(one.intercept_) for one in models])


def _nearness(room: np.ndarray) -> np.ndarray:
    """Return weights of mean 1 that fall with the distance from the line of no slack."""
    weights = np.exp(-np.abs(room) / NEAR)
    return np.asarray(weights / weights.mean())


def _chances(estimated: np.ndarray, more: np.ndarray) -> np.ndarray:
    """Return how likely a molecule has slack at all, by the slack that is estimated (`GRID`).

    What counts is by how much molecules of about that estimate had more of it, since errors are
    larger far from what most molecules are.
    """
    found = np.zeros(len(GRID))
    for at, room in enumerate(GRID):
        weights = np.exp(-np.square((estimated - room) / ALIKE) / 2)
        found[at] = weights @ (more >= -room) / max(weights.sum(), 1e-9)
    return np.asarray(np.maximum.accumulate(found))


def _share(which: np.ndarray) -> float:
    return float(which.mean()) if len(which) else 1.0


def estimate_piece(piece: Piece, aim: Aim, estimator: Surrogate) -> Tables:
    """Estimate one piece; the same rows and estimator give the same result anywhere.

    Returns
    -------
    dict of pandas.DataFrame
        `rows`, one for each of the piece's, with the chance that it is a candidate in each
        role, and `molar_mass`.
    """
    sketch = piece.fingerprint()
    estimate = estimator.estimate(sketch.counts)
    decided = decide(estimate.table, aim.rule)
    found = estimate.table + estimator.wider
    found = found.join(computed(found, aim.rule.thesis)).join(decided)
    found["molar_mass"] = sketch.molar_mass
    found["key"] = sketch.key
    for role in ROLES:
        found[f"chance_{role}"] = np.float32(0)
        found[f"tier_{role}"] = np.int8(0)
        found[f"stable_{role}"] = np.float32(1)
        found[f"{HELD}_{role}"] = np.int8(1)
    for role in aim.rule.listed:
        chance = estimator.chance(estimate, role)
        plausible = np.flatnonzero(chance >= PLAUSIBLE)
        refused = np.full(len(found), BEHIND, object)
        order = np.zeros(len(found), np.int8)
        structures = [
            structure_of(sketch.smiles[at], sketch.notes[at], piece.cap)
            for at in sketch.place[plausible].tolist()
        ]
        some = found.iloc[plausible].assign(**SURE)
        why, scored = aim.assess(structures, some, sketch.molar_mass[plausible], role)
        refused[plausible] = np.where(why == "", BEHIND, why)
        chance[plausible[why != ""]] = 0
        order[plausible] = scored["tier"].map(ORDER)
        found[f"tier_{role}"] = order
        stable = np.ones(len(found), np.float32)
        stable[plausible] = scored["P_stable"].fillna(1.0)
        found[f"stable_{role}"] = stable
        held = np.ones(len(found), np.int8)
        held[plausible] = scored[HELD]
        found[f"{HELD}_{role}"] = held
        found[f"chance_{role}"] = chance.astype(np.float32)
        for one in ROLES if aim.rule.together else (role,):
            remark = found[f"{one}_remark"]
            found[f"{one}_remark"] = np.where(remark == "", refused, remark)
    return {"rows": laid_out(sketch, found)}
