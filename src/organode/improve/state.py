"""What is known of the molecules of a pool: predictions, labels, and the list of candidates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from organode.chem.features import Molecules
from organode.electrochemistry.cells import P
from organode.improve.levels import ERROR, GIVEN, XTB
from organode.improve.pool import Pool
from organode.improve.value import chance_inside
from organode.models.predictor import Answer, TargetModel
from organode.screening.columns import FIRST_WAVE, TARGET
from organode.screening.criteria.criteria import Criteria
from organode.screening.criteria.potentials import check_potentials

# eV; expected error of a label against the labels that the model learned, which are of its kind.
OF_LABEL = 0.02
MEAN_TO_SD = np.sqrt(np.pi / 2)  # of a normal distribution: SD over mean absolute deviation


@dataclass(frozen=True)
class Decision:
    """What is known of the potentials of n molecules in one role.

    Attributes
    ----------
    volts, scale, model : numpy.ndarray
        Shape (n,), V: predicted potential; standard deviation of the laboratory scale alone, and of
        the error of the energy (an electronvolt is a volt).
    low, high : float
        Range in which the potential has to lie, V.
    weight : numpy.ndarray
        Shape (n,): probability that nothing else keeps the molecule from being a candidate.
    """

    volts: np.ndarray
    scale: np.ndarray
    model: np.ndarray
    low: float
    high: float
    weight: np.ndarray

    @property
    def inside(self) -> np.ndarray:
        """Probability that each potential lies in the range, shape (n,)."""
        return chance_inside(self.volts, np.hypot(self.scale, self.model), self.low, self.high)


@dataclass(frozen=True)
class State:
    """What a model and the labels say of the molecules of a pool.

    Attributes
    ----------
    table : pandas.DataFrame
        n rows with the columns that `organode predict` gives for IE and EA; for a molecule with a
        label, the label and the potential from it.
    decisions : mapping of str to Decision
        By role, ``p`` and ``n``.
    listed : mapping of str to numpy.ndarray
        By role, shape (n,), bool: whether the molecule is on the list of candidates.
    """

    table: pd.DataFrame
    decisions: Mapping[str, Decision]
    listed: Mapping[str, np.ndarray]

    @classmethod
    def of(
        cls,
        pool: Pool,
        models: Sequence[TargetModel],
        criteria: Criteria,
        labels: Mapping[str, pd.DataFrame],
    ) -> State:
        """Predict the molecules of a pool, and decide on them.

        Parameters
        ----------
        pool : Pool
            The molecules.
        models : sequence of TargetModel
            The models of IE and EA.
        criteria : Criteria
            What a candidate has to meet.
        labels : mapping of str to pandas.DataFrame
            For ``IE`` and ``EA``: `label` (eV) and `level`, by SMILES as in `pool`.
        """
        settings, window = criteria.settings, criteria.window
        known = {target: labels[target].reindex(pool.smiles) for target in TARGET.values()}
        tables, waves = [], {role: [] for role in criteria.tasks}  # type: ignore[var-annotated]
        start = 0
        for part in pool.parts:
            columns = []
            rows = slice(start, start + part.n)
            for model in models:
                label = known[model.target]["label"].to_numpy(float)[rows]
                answer = with_labels(model.answer(part), part, label)
                columns.append(
                    answer.table(
                        settings.level, window.reference, window.solvent,
                        in_cell=criteria.cell.solid,
                    )
                )  # fmt: skip
                for role in criteria.tasks:
                    if TARGET[role] == model.target:
                        first, _ = answer.measured(
                            window.reference, window.solvent, in_cell=criteria.cell.solid
                        )
                        expected = answer.reliability.expected
                        waves[role].append((first.volts, first.spread, expected))
            tables.append(pd.concat(columns, axis=1))
            start += part.n
        table = pd.concat(tables, ignore_index=True)
        of_target = {model.target: model for model in models}
        decisions = {}
        for role, found in waves.items():
            volts, spread, expected = (np.concatenate(each) for each in zip(*found, strict=True))
            level = known[TARGET[role]]["level"].to_numpy(object)
            decisions[role] = _decision(
                criteria, role, of_target[TARGET[role]], volts, spread, expected, level, pool
            )
        remarks = check_potentials(table, criteria)
        listed = {
            role: (remarks[f"{role}_remark"] == "").to_numpy() & (pool.stable[role] > 0)
            for role in criteria.tasks
        }
        if criteria.cell.together:
            decisions = _together(decisions)
        return cls(table, decisions, listed)


def with_labels(answer: Answer, molecules: Molecules, label: np.ndarray) -> Answer:
    """Return the answer of a model with labels in place of predictions.

    `label`, shape (n,), eV, is NaN for a molecule without a label. A label has a small expected
    error, and the molecule is in the domain; its potentials follow from the label.
    """
    has = np.isfinite(label)
    if not has.any():
        return answer
    energies = np.where(has, label, answer.predictions)
    reliability = answer.reliability
    reasons = ["" if known else why for known, why in zip(has, reliability.reasons, strict=True)]
    expected = np.where(has, OF_LABEL, reliability.expected)
    scale = answer.model.scale
    first = scale.answer(molecules, energies.mean(axis=0), expected)
    return Answer(
        answer.model,
        energies,
        replace(reliability, expected=expected, reasons=reasons),
        first,
        scale.second(molecules, first),
    )


def _decision(
    criteria: Criteria,
    role: str,
    model: TargetModel,
    volts: np.ndarray,
    spread: np.ndarray,
    expected: np.ndarray,
    level: np.ndarray,
    pool: Pool,
) -> Decision:
    """Split the error bars of potentials, `spread`, into those of the scale and of the energies.

    The scale was fitted to predictions whose labels are xTB's, so its spread contains the error of
    these labels.
    """
    fitted = model.scale.process.hyperparameters
    of_labels = ERROR[XTB][model.target]
    rest = np.square(spread) - np.square(fitted.model * expected) - of_labels**2
    scale = np.sqrt(np.maximum(rest, fitted.reversible**2))
    energy = np.hypot(MEAN_TO_SD * expected, of_labels)
    bought = np.array(
        [
            np.nan if pd.isna(each) else 0.0 if each == GIVEN else ERROR[each][model.target]
            for each in level
        ]
    )
    energy = np.where(np.isnan(bought), energy, bought)
    task, (low, high) = criteria.tasks[role], criteria.window_ends
    return Decision(
        volts, scale, energy, max(low, task.low), min(high, task.high), pool.stable[role]
    )


def _together(decisions: Mapping[str, Decision]) -> dict[str, Decision]:
    """Weigh each role by the chance in the other one, where one molecule has to fill both roles."""
    inside = {role: decision.inside for role, decision in decisions.items()}
    return {
        role: replace(decision, weight=decision.weight * inside["n" if role == P else P])
        for role, decision in decisions.items()
    }


def list_of(state: State, pool: Pool) -> pd.DataFrame:
    """Return the list of candidates: role, id, SMILES, potential with error bar, chances."""
    tables = []
    for role, listed in state.listed.items():
        wave = FIRST_WAVE[role]
        rows = np.flatnonzero(listed)
        tables.append(
            pd.DataFrame(
                {
                    "role": role,
                    "id": [pool.ids[row] for row in rows],
                    "smiles": [pool.smiles[row] for row in rows],
                    "volts": state.table[wave].to_numpy()[rows],
                    "lower": state.table[f"{wave}_lower"].to_numpy()[rows],
                    "upper": state.table[f"{wave}_upper"].to_numpy()[rows],
                    "P_inside": state.decisions[role].inside[rows],
                    "P_stable": pool.stable[role][rows],
                }
            )
        )
    return pd.concat(tables, ignore_index=True)
