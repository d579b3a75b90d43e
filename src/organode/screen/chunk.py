"""What is done to one piece of a library: predicted, decided, and candidates described."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from organode.library.read import Piece, Read
from organode.model import Model
from organode.screen.decide import ELECTRODES, Rule, decide, potentials
from organode.screen.filters import Filters
from organode.screen.memory import answer
from organode.screen.properties import ENERGIES, energies

TARGETS = {"positive": "IE", "negative": "EA"}
POTENTIALS = {"positive": "E_ox", "negative": "E_red"}
VALUES = (
    *(f"{energy}{end}" for energy in ("IE", "EA") for end in ("", "_lower", "_upper")),
    *(f"{volts}{end}" for volts in ("E_ox", "E_red") for end in ("", "_lower", "_upper")),
    "P_positive", "P_negative", "similarity",
)  # fmt: skip
FLAGS = ("IE_in_domain", "EA_in_domain")
REMARKS = ("IE_remark", "EA_remark", "positive_remark", "negative_remark")


@dataclass(frozen=True)
class Job:
    """What is the same for every piece.

    Attributes
    ----------
    models : tuple of Model
        For IE and for EA.
    identities : tuple of str
        Of each, what is equal only where it gives the same answers.
    rule : Rule
        What a candidate is.
    filters : Filters
        What else it has to be.
    electrons : int
        That a molecule exchanges.
    partner : dict
        Of each electrode, the potential of the other one, V vs Li/Li+.
    """

    models: tuple[Model, Model]
    identities: tuple[str, ...]
    rule: Rule
    filters: Filters
    electrons: int
    partner: dict[str, float]


@dataclass(frozen=True)
class Screened:
    """What became of a piece.

    Attributes
    ----------
    rows : pandas.DataFrame
        One row for each of the piece's.
    candidates : pandas.DataFrame
        One row for each electrode that a molecule is a candidate for, with its energies.
    """

    rows: pd.DataFrame
    candidates: pd.DataFrame


def screen_piece(piece: Piece, job: Job) -> Screened:
    """Screen one piece; the same rows and job give the same result, wherever it runs."""
    read = piece.read()
    rows = _judged(read, job)
    mass = np.zeros(len(rows))
    mass[read.place] = read.molar_mass
    described = [_described(rows, mass, electrode, job) for electrode in ELECTRODES]
    some = [table for table in described if len(table)] or described[:1]
    return Screened(rows, pd.concat(some, ignore_index=True))


def _judged(read: Read, job: Job) -> pd.DataFrame:
    n = len(read.smiles)
    rows = pd.DataFrame({
        "row": np.arange(read.first, read.first + n), "id": list(read.ids),
        "smiles": list(read.smiles), "status": list(read.status),
        **{name: np.full(n, np.nan) for name in VALUES},
        **{name: pd.array([pd.NA] * n, "boolean") for name in FLAGS},
        **{name: [""] * n for name in REMARKS},
        **{electrode: np.zeros(n, bool) for electrode in ELECTRODES},
    })  # fmt: skip
    for name in ("id", "smiles", "status", *REMARKS):
        rows[name] = rows[name].astype("str")
    key = np.zeros(n, np.uint64)
    key[read.place] = read.key
    rows["key"] = key
    for electrode in ELECTRODES:
        for margin in ("interval", "thesis"):
            rows[f"by_{margin}_{electrode}"] = False
    if not len(read.place):
        return rows
    answers = {
        model.target: answer(model, identity, read)
        for model, identity in zip(job.models, job.identities, strict=True)
    }
    found = pd.concat([one.table(job.rule.level) for one in answers.values()], axis=1)
    found = found.join(potentials(found, job.rule))
    for electrode, target in TARGETS.items():
        found[f"P_{electrode}"] = answers[target].within(*job.rule.energies())
    found = found.join(decide(found, job.rule))
    similarity = np.minimum(*(one.judged.similarity for one in answers.values()))
    found["similarity"] = similarity.astype(float)
    for electrode in ELECTRODES:
        found[electrode] = found[f"{electrode}_remark"] == ""
    found.index = pd.Index(read.place)
    for name in found.columns:
        rows.loc[read.place, name] = found[name]
    return rows


def _described(rows: pd.DataFrame, mass: np.ndarray, electrode: str, job: Job) -> pd.DataFrame:
    """Return the candidates for one electrode; those that a filter refuses are so marked."""
    chosen = rows[rows[electrode]]
    against = chosen[POTENTIALS[electrode]] - job.partner[electrode]
    # A cell the wrong way round stores nothing.
    volts = (against if electrode == "positive" else -against).clip(lower=0).to_numpy()
    if chosen.empty:
        return pd.DataFrame(columns=["electrode", *CANDIDATE, *ENERGIES])
    found = energies(mass[chosen.index], volts, job.electrons)
    refused = job.filters.refuse(chosen["smiles"].tolist(), found)
    rows.loc[chosen.index, f"{electrode}_remark"] = refused
    kept = np.array([not why for why in refused])
    rows.loc[chosen.index[~kept], electrode] = False
    found = pd.concat([chosen[list(CANDIDATE)].reset_index(drop=True), found], axis=1)
    found.insert(0, "electrode", electrode)
    return found[kept]


CANDIDATE = ("row", "id", "smiles", *VALUES, *FLAGS, *REMARKS[:2])
