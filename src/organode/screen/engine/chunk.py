"""What is done to one piece of a library: predicted, decided, and candidates described."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from rdkit import Chem, rdBase

from organode.chem import structure
from organode.electrochemistry.cells import NEGATIVE, POSITIVE, ROLES, N, P
from organode.electrochemistry.stability.chance import Stability
from organode.library.read import FeaturizedChunk, ParsedChunk, Piece
from organode.models.predictor import Model
from organode.screen.criteria.decide import (
    POTENTIALS,
    SECOND,
    TARGETS,
    Rule,
    computed,
    decide,
    electrons,
)
from organode.screen.criteria.filters import Filters
from organode.screen.criteria.lasting import COLUMNS, HELD, verdicts
from organode.screen.criteria.properties import energies
from organode.screen.engine.memory import answer

BOUNDED = tuple(
    f"{name}{end}"
    for name in (*TARGETS.values(), *POTENTIALS.values(), *SECOND.values())
    for end in ("", "_lower", "_upper")
)
VALUES = (
    *BOUNDED, "E_ox_computed", "E_red_computed", "P_ox", "P_red", "P_ox2", "P_red2", "similarity",
)  # fmt: skip
FLAGS = ("IE_in_domain", "EA_in_domain")
WHY = (
    "IE_remark", "EA_remark", "E_ox_remark", "E_red_remark", "E_ox2_remark", "E_red2_remark",
)  # fmt: skip
CHANCES = {P: ("P_ox", "P_ox2"), N: ("P_red", "P_red2")}  # of the first wave, and the second
SURE = dict.fromkeys((*CHANCES[P], *CHANCES[N]), 1.0)  # what is estimated has no chances
TYPES = {P: "p_type", N: "n_type"}  # whether a molecule is a candidate in a role
REMARKS = (*WHY, "p_remark", "n_remark")
MARGINS = tuple(f"by_{margin}_{role}" for margin in ("interval", "thesis") for role in ROLES)
Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Aim:
    """What is looked for.

    Attributes
    ----------
    rule : Rule
        What a candidate is.
    filters : Filters
        What else it has to be.
    tiers : tuple of str
        Of `organode.electrochemistry.stability`, those that a candidate may have.
    stability : Stability or None
        How likely ions are to last, if that is known.
    """

    rule: Rule
    filters: Filters
    tiers: tuple[str, ...]
    stability: Stability | None

    def energies(
        self, table: pd.DataFrame, mass: np.ndarray, role: str, held: np.ndarray
    ) -> pd.DataFrame:
        """Return the `ENERGIES` of n molecules in a role that the cell has a use for.

        Parameters
        ----------
        table : pandas.DataFrame
            n rows with both waves' potentials and `CHANCES`.
        mass : numpy.ndarray
            Shape (n,), g/mol.
        role : str
            Of `ROLES`.
        held : numpy.ndarray
            Shape (n,): electrons that each is known to exchange without harm, 1 or 2.
        """
        task, roles = self.rule.tasks[role], ROLES if self.rule.together else (role,)
        waves = {one: table[[POTENTIALS[one], SECOND[one]]].to_numpy() for one in roles}
        if task.electrode == POSITIVE:
            volts = waves[role] - task.partner
        elif task.electrode == NEGATIVE:
            volts = task.partner - waves[role]
        else:
            volts = waves[P] - waves[N]
        inside = np.prod([table[list(CHANCES[one])].to_numpy() for one in roles], axis=0)
        # A cell the wrong way round stores nothing.
        counted = np.minimum(electrons(table, self.rule)[role], held)
        return energies(mass, np.maximum(volts, 0), inside, counted)

    def assess(
        self, structures: Sequence[str], table: pd.DataFrame, mass: np.ndarray, role: str
    ) -> tuple[np.ndarray, pd.DataFrame]:
        """Ask of n molecules what is asked beside their potential.

        Parameters
        ----------
        structures : sequence of str
            Their SMILES.
        table, mass, role
            As of `energies`.

        Returns
        -------
        refused : numpy.ndarray
            Shape (n,), str: why each is refused; empty where it is not.
        found : pandas.DataFrame
            n rows: `ENERGIES`, `organode.screen.criteria.lasting.COLUMNS` and `HELD`.
        """
        scored = verdicts(structures, ROLES if self.rule.together else (role,), self.stability)
        held = scored[HELD].to_numpy()
        found = self.energies(table, mass, role, held).join(scored[[*COLUMNS, HELD]])
        refused = np.array(self.filters.refuse(structures, found), object)
        out = (refused == "") & ~scored["tier"].isin(self.tiers).to_numpy()
        refused[out] = scored.loc[out, "why_not"]
        return refused, found


@dataclass(frozen=True)
class Job:
    """What is the same for every piece that models score.

    Attributes
    ----------
    models : tuple of Model
        For IE and for EA.
    identities : tuple of str
        Of each, what is equal only where it gives the same answers.
    aim : Aim
        What is looked for.
    """

    models: tuple[Model, Model]
    identities: tuple[str, ...]
    aim: Aim


def screen_piece(piece: Piece, job: Job) -> Tables:
    """Let the models score one piece; the same rows and job give the same result anywhere.

    Returns
    -------
    dict of pandas.DataFrame
        `candidates`, a row for each role that a molecule is a candidate in and that is listed,
        with its energies; and `rows`, one for each of the piece's.
    """
    read = piece.read()
    found = _scored(read, job) if len(read.place) else pd.DataFrame({"key": read.key})
    rows = laid_out(read, found)
    mass = np.zeros(len(rows))
    mass[read.place] = read.molar_mass
    described = [_described(rows, mass, role, job.aim, piece.cap) for role in job.aim.rule.listed]
    return {"candidates": pd.concat(described, ignore_index=True), "rows": rows}


def laid_out(parsed: ParsedChunk, found: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each of a piece's n, from what was found of its m good ones.

    Columns of a result that `found` has not got are empty; those that it has beyond them stay.
    """
    n = len(parsed.smiles)

    def whole(name: str, empty: object, dtype: type = object) -> np.ndarray:
        values: np.ndarray = np.full(n, empty, dtype)
        if name in found:
            values[parsed.place] = found[name]
        return values

    columns: dict[str, object] = {"row": np.asarray(parsed.rows, np.int64)}
    for name, texts in (
        ("id", parsed.ids), ("smiles", parsed.smiles), ("status", parsed.status),
        ("note", parsed.notes),
    ):  # fmt: skip
        columns[name] = pd.array(list(texts), "str")
    for name in VALUES:
        columns[name] = whole(name, np.nan, float)
    for name in FLAGS:
        unknown = np.ones(n, bool)
        unknown[parsed.place] = name not in found
        columns[name] = pd.arrays.BooleanArray(whole(name, False, bool), unknown)
    for name in REMARKS:
        columns[name] = pd.array(whole(name, ""), "str")
    for name in (*TYPES.values(), "scored", *MARGINS):
        columns[name] = whole(name, False, bool)
    for name in found.columns:
        if name not in columns:
            columns[name] = whole(name, 0, found[name].dtype.type)
    return pd.DataFrame(columns)


def _scored(read: FeaturizedChunk, job: Job) -> pd.DataFrame:
    """Return what the models say of the m good rows, and what follows."""
    rule = job.aim.rule
    answers = {
        model.target: answer(model, identity, read)
        for model, identity in zip(job.models, job.identities, strict=True)
    }
    zero = rule.window.reference, rule.window.solvent
    tables = [one.table(rule.level, *zero, in_cell=rule.solid) for one in answers.values()]
    found = pd.concat(tables, axis=1)
    found = found.join(computed(found, rule.thesis))
    for role, target in TARGETS.items():
        ends = rule.window.low.volts, rule.window.high.volts
        waves = answers[target].measured(*zero, in_cell=rule.solid)
        for name, wave in zip(CHANCES[role], waves, strict=True):
            found[name] = wave.within(*ends)
    found = found.join(decide(found, rule))
    similarity = np.minimum(*(one.reliability.similarity for one in answers.values()))
    found["similarity"] = similarity.astype(float)
    for role in ROLES:
        found[TYPES[role]] = found[f"{role}_remark"] == ""
    return found.assign(scored=True, key=read.key)


def _described(rows: pd.DataFrame, mass: np.ndarray, role: str, aim: Aim, cap: str) -> pd.DataFrame:
    """Return the candidates in one role; those that a filter refuses are so marked."""
    chosen = rows[rows[TYPES[role]]]
    structures = [
        structure_of(smiles, note, cap)
        for smiles, note in chosen[["smiles", "note"]].itertuples(index=False)
    ]
    refused, found = aim.assess(structures, chosen, mass[chosen.index], role)
    kept = refused == ""
    for one in ROLES if aim.rule.together else (role,):
        rows.loc[chosen.index, f"{one}_remark"] = refused
        rows.loc[chosen.index[~kept], TYPES[one]] = False
    found = pd.concat([chosen[list(CANDIDATE)].reset_index(drop=True), found], axis=1)
    said = aim.rule.tasks[role].electrode, aim.rule.named(role)
    for place, name in enumerate(("electrode", "role")):
        found.insert(place, name, pd.Series(said[place], found.index, dtype="str"))
    found["structure"] = pd.array(structures, "str")
    names = [CHANCES[one][0] for one in (ROLES if aim.rule.together else (role,))]
    found["P_inside"] = found[names].prod(axis=1)
    return pd.DataFrame(found[kept])


def structure_of(smiles: str, note: str, cap: str) -> str:
    """Return the SMILES of the molecule that was scored: as given, unless it had to be changed."""
    with rdBase.BlockLogs():
        if not note and Chem.MolFromSmiles(smiles) is not None:
            return smiles
    return str(Chem.MolToSmiles(structure(smiles, flat=False, cap=cap)[0]))


CANDIDATE = ("row", "id", "smiles", "note", *VALUES, *FLAGS, *WHY)
