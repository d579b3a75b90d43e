"""One target's model: the ensemble that predicts, and what is known of its errors."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from rdkit import Chem

from organode.chem import MoleculeError, check_organic, flatten, parse_smiles
from organode.ensemble import Ensemble
from organode.inputs import Molecules
from organode.uncertainty import LEVEL, Uncertainty

CHUNK = 2_000


@dataclass(frozen=True)
class Model:
    """What answers a structure with a value, its error bar, and whether to trust it.

    Attributes
    ----------
    ensemble : Ensemble
        The networks.
    uncertainty : Uncertainty
        What their errors out of fold teach.
    """

    ensemble: Ensemble
    uncertainty: Uncertainty

    @classmethod
    def load(cls, networks: Path, error_bars: Path) -> Model:
        """Read what `train` and `calibrate` wrote.

        Raises
        ------
        OrganodeError
            If a folder does not hold it whole.
        """
        return cls(Ensemble.load(networks), Uncertainty.load(error_bars))

    @property
    def target(self) -> str:
        """IE or EA."""
        return self.ensemble.target

    def answer(self, molecules: Molecules, level: float) -> pd.DataFrame:
        """Predict checked molecules.

        Parameters
        ----------
        molecules : Molecules
            n of them.
        level : float
            Of the intervals, such as 0.95.

        Returns
        -------
        pandas.DataFrame
            n rows: the target, `TARGET_lower`, `TARGET_upper` (eV), `TARGET_in_domain` and
            `TARGET_remark`, which says why a molecule is outside.
        """
        if not molecules.n:
            return _blank(self.target, 0)
        outputs = self.ensemble.outputs(self.ensemble.inputs.matrix(molecules))
        mean = outputs.mean(axis=0)
        judged = self.uncertainty.judge(molecules, mean)
        lower, upper = self.uncertainty.predictive.interval(outputs, judged.expected, level)
        inside = [not reason for reason in judged.reasons]
        columns = (mean, lower, upper, pd.array(inside, "boolean"), judged.reasons)
        return pd.DataFrame(dict(zip(columns_of(self.target), columns, strict=True)))


def columns_of(target: str) -> list[str]:
    """Return the columns of a target's answer."""
    return [target, *(f"{target}_{name}" for name in ("lower", "upper", "in_domain", "remark"))]


def predict(
    models: Sequence[Model],
    smiles: Sequence[object],
    *,
    level: float = LEVEL,
    on_chunk: Callable[[int], None] = lambda _rows: None,
) -> pd.DataFrame:
    """Predict from structure, one row for each cell.

    Parameters
    ----------
    models : sequence of Model
        One a target; each molecule is parsed once for all of them.
    smiles : sequence of object
        n cells; what is no neutral organic molecule gets a reason, not an exception.
    level : float
        Of the intervals: the share of values that are to lie inside.
    on_chunk : callable
        Called with the number of rows just done.

    Returns
    -------
    pandas.DataFrame
        n rows in the same order: `smiles` as given, `status` (``ok`` or the reason), and for each
        model what `Model.answer` gives, missing where there is no prediction.
    """
    parts = []
    for at in range(0, max(len(smiles), 1), CHUNK):
        cells = smiles[at : at + CHUNK]
        molecules, status = _read_molecules(cells)
        good = Molecules([molecule for molecule in molecules if molecule is not None])
        place = np.flatnonzero([molecule is not None for molecule in molecules])
        texts = [cell if isinstance(cell, str) else "" for cell in cells]
        part = pd.DataFrame({"smiles": texts, "status": status}, dtype="str")
        for model in models:
            answers = model.answer(good, level).set_index(place)
            whole = _blank(model.target, len(cells))
            for name in answers.columns:
                whole.loc[place, name] = answers[name]
            part = pd.concat([part, whole], axis=1)
        parts.append(part)
        on_chunk(len(cells))
    return pd.concat(parts, ignore_index=True)


def _blank(target: str, n: int) -> pd.DataFrame:
    value, lower, upper, inside, remark = columns_of(target)
    return pd.DataFrame({
        **{name: np.full(n, np.nan) for name in (value, lower, upper)},
        inside: pd.array([pd.NA] * n, "boolean"),
        remark: pd.array([""] * n, "str"),
    })  # fmt: skip


def _read_molecules(smiles: Sequence[object]) -> tuple[list[Chem.Mol | None], list[str]]:
    molecules: list[Chem.Mol | None] = []
    status = []
    for cell in smiles:
        try:
            molecule = parse_smiles(cell)
            check_organic(molecule)
            molecules.append(flatten(molecule))
            status.append("ok")
        except MoleculeError as reason:
            molecules.append(None)
            status.append(str(reason))
    return molecules, status


def digest(networks: Path, error_bars: Path) -> str:
    """Return the SHA-256 of a saved model: what it answers with, nothing else."""
    total = hashlib.sha256()
    for path in (*Ensemble.files(networks), *Uncertainty.files(error_bars)):
        total.update(path.name.encode())
        total.update(path.read_bytes())
    return total.hexdigest()
