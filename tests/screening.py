"""Helpers of tests of screenings: options, criteria, and tables of molecules."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from rdkit import Chem
from rdkit.Chem import Descriptors
from scipy.sparse import csr_matrix

from organode.chem import parse_flat
from organode.chem.count_fingerprint import count_environments, folded
from organode.chem.similarity import packed_bits
from organode.electrochemistry import LI, Limit, Window, against_fc
from organode.electrochemistry.cells import CELLS, NEGATIVE, POSITIVE, CellType, N, P, Task
from organode.library.chunk import Chunk
from organode.library.read import FeaturizedChunk
from organode.screening.columns import (
    BOUNDED,
    CANDIDATE_FLAG,
    DOMAIN_FLAGS,
    ENERGIES,
    FROM_ROWS,
    NUMBERS,
    REMARKS,
    SELECTED_BY,
)
from organode.screening.criteria.criteria import Criteria
from organode.screening.criteria.measured import MeasuredMolecules
from organode.screening.criteria.potentials import check_potentials, computed_potentials
from organode.screening.criteria.properties import details, energies
from organode.screening.engine.estimation import CERTAIN
from organode.screening.engine.scoring import Tables
from organode.screening.engine.surrogate import OF_IONS, Surrogate
from organode.settings import Screen

# A wide window, so that the small models of the tests find candidates too.
WIDE = (
    *("--set", "screen.roles.p.low=0", "--set", "screen.roles.n.high=6"),
    *("--set", "screen.in_domain=false", "--set", "screen.collector=carbon"),
    *("--set", "screen.level=0.5"),
)


def contents(folder: Path) -> dict[str, bytes]:
    """Return the content of each file of a folder."""
    return {file.name: file.read_bytes() for file in folder.iterdir()}


LOW, HIGH = Limit(0.44, "", "", ""), Limit(4.7, "", "", "", 0.14)
WINDOW = Window(LOW, HIGH, (LOW, HIGH), LI, "ACN", against_fc(LI, "ACN"))
TASKS = {P: Task(POSITIVE, low=3.0, partner=0.0), N: Task(NEGATIVE, high=2.5, partner=4.0)}
CRITERIA = Criteria(
    settings=Screen(tiers=("fine", "caution", "fatal")),
    cell=CellType("cell of the tests", TASKS, together=False, solid=False, source=""),
    window=WINDOW,
    tasks=TASKS,
    computed_window=(0.5, 4.6),
    thesis_margins={P: 0.5, N: 0.5},
)


def with_settings(criteria: Criteria = CRITERIA, **changes: object) -> Criteria:
    """Return criteria with other settings of the section `screen`."""
    return replace(criteria, settings=Screen(**{**dict(criteria.settings), **changes}))


def in_cell(cell: CellType) -> Criteria:
    """Return the criteria with the tasks of another type of cell."""
    return replace(CRITERIA, cell=cell, tasks=cell.tasks)


SYMMETRIC = in_cell(CELLS["symmetric"])
THESIS = with_settings(margin="thesis")

QUINONE, DIMETHOXY = "O=C1C=CC(=O)C=C1", "COc1ccc(OC)cc1"
MEASURED = MeasuredMolecules(
    names=["benzoquinone", "dimethoxybenzene"],
    smiles=[QUINONE, DIMETHOXY],
    volts=np.array([2.8, 4.2]),
    second=np.array([2.0, np.nan]),
    reversible=np.array([True, False]),
    bits=packed_bits([*map(Chem.MolFromSmiles, (QUINONE, DIMETHOXY))]),
)


def properties(smiles: list[str], similarity: np.ndarray, electrons: int) -> pd.DataFrame:
    """Return all properties of molecules at 3 V and, for a second electron, 2 V."""
    molecules = [*map(Chem.MolFromSmiles, smiles)]
    mass = np.array([Descriptors.MolWt(molecule) for molecule in molecules])
    volts, inside = np.tile([3.0, 2.0], (len(mass), 1)), np.tile([1.0, 0.5], (len(mass), 1))
    table = energies(mass, volts, inside, np.full(len(mass), electrons))
    return table.join(details(molecules, similarity, MEASURED))


def predicted(**columns: object) -> pd.DataFrame:
    """Return predictions of 0, without second waves, but for some columns."""
    names = [
        f"{name}{end}"
        for name in ("IE", "EA", "E_ox", "E_red", "E_ox2", "E_red2")
        for end in ("", "_lower", "_upper")
    ]
    content = dict.fromkeys(names, 0.0) | CERTAIN
    content |= dict.fromkeys([name for name in names if "2" in name], np.nan)
    return pd.DataFrame({**content, "IE_in_domain": True, "EA_in_domain": True, **columns})


def candidates(n: int = 6) -> pd.DataFrame:
    """Return alcohols as candidates, with random potentials and energies."""
    rng = np.random.default_rng(2)
    smiles = ["C" * (2 + size) + "O" for size in range(n)]
    columns = {
        "row": range(n),
        "id": [f"m{row}" for row in range(n)],
        "smiles": smiles,
        "structure": smiles,
        "E_ox": 3 + rng.random(n),
        "E_ox_lower": 2.9,
        "E_ox_upper": 4.1,
        "E_red": 1 + rng.random(n),
        "E_red_lower": 0.9,
        "E_red_upper": 2.2,
        **dict.fromkeys(("E_ox2", "E_ox2_lower", "E_ox2_upper"), np.nan),
        **dict.fromkeys(("E_red2", "E_red2_lower", "E_red2_upper"), np.nan),
        "electrons": 1,
        "g_per_mol_e": 100.0,
        "P_inside": rng.random(n),
        "tier": "fine",
        "core": "",
        "similarity": 0.5,
        "energy_Wh_kg": 100 * rng.random(n),
        "expected_Wh_kg": 90 * rng.random(n),
        "P_stable": 1.0,
        "capacity_mAh_g": 100 * rng.random(n),
        "molar_mass_g_mol": 100 + 10 * rng.random(n),
    }
    return pd.DataFrame(columns)


GROUPS = ("C", "CC", "N", "O", "OC", "F", "Cl", "C#N", "C(F)(F)F", "N(C)C", "[N+](=O)[O-]", "C=O")
RINGS = ("c1cc({})cc({})c1", "c1c({})cc({})nc1", "O=C1C=C({})C(=O)C=C1{}", "c1cc({})sc1{}")
SMILES = tuple(
    ring.format(first, second)
    for ring in RINGS
    for first in GROUPS
    for second in GROUPS
    if first <= second
)


def model_answers(counts: csr_matrix) -> pd.DataFrame:
    """Return the answers of invented models that count groups."""
    dense = np.log1p(counts.toarray().astype(float))
    weights = np.random.default_rng(2).normal(0, 0.4, (dense.shape[1], 2))
    values = dense @ weights
    IE, EA = 5.6 + values[:, 0] - values[:, 0].mean(), 2.2 + values[:, 1] - values[:, 1].mean()
    E_ox, E_red = 0.8 * IE - 0.3, 0.8 * EA - 0.9
    centres = IE, EA, E_ox, E_red, E_ox + 0.6, E_red - 0.6
    columns = [centre + shift for centre in centres for shift in (0, -0.3, 0.3)]
    table = pd.DataFrame(dict(zip(BOUNDED, columns, strict=True)))
    return table.assign(IE_in_domain=True, EA_in_domain=True)


def fit_surrogate(counts: csr_matrix, scored: pd.DataFrame, criteria: Criteria) -> Surrogate:
    """Fit a surrogate to molecules without cores, all of them stable."""
    n = len(scored)
    stability = pd.DataFrame(np.ones((n, len(OF_IONS))), columns=[*OF_IONS])
    return Surrogate.fit(counts, scored, stability, np.zeros((n, 2), bool), criteria)


@cache
def _answers_by_smiles() -> pd.DataFrame:
    counts = folded(count_environments([parse_flat(smiles) for smiles in SMILES]))
    return model_answers(counts).set_index(pd.Index(SMILES))


def predict_by_table(
    featurized: FeaturizedChunk, _models: object, criteria: Criteria
) -> pd.DataFrame:
    """Return predictions of the same models for a chunk of `SMILES`, in place of `_predict`.

    Without second waves, so that energy is a smooth function of the potential.
    """
    smiles = [featurized.smiles[row] for row in featurized.good]
    table = _answers_by_smiles().loc[smiles].reset_index(drop=True).assign(**CERTAIN)
    table = table.assign(**dict.fromkeys((name for name in BOUNDED if "2" in name), np.nan))
    table = table.join(computed_potentials(table, criteria.settings.absolute_li))
    table = table.join(check_potentials(table, criteria)).assign(similarity=0.5)
    for role, flag in CANDIDATE_FLAG.items():
        table[flag] = table[f"{role}_remark"] == ""
    return table.assign(scored=True, key=featurized.key)


@dataclass(frozen=True)
class ListedLibrary:
    """A library of SMILES in memory."""

    smiles: Sequence[str] = SMILES
    chunk_size: int = 50
    name: str = "listed"
    cap: str = ""

    def chunks(self) -> Iterator[Chunk]:
        """Yield the rows chunk by chunk."""
        for number, start in enumerate(range(0, len(self.smiles), self.chunk_size)):
            yield chunk_of(*self.smiles[start : start + self.chunk_size], number=number, row=start)


def chunk_of(*smiles: str, number: int = 0, row: int = 0) -> Chunk:
    """Return a chunk of SMILES whose ids are their row numbers."""
    rows = range(row, row + len(smiles))
    return Chunk(number, rows, tuple(map(str, rows)), smiles, ("",) * len(smiles))


def finished_chunk(first: int, keys: list[int], energies: list[float]) -> Tables:
    """Return the tables of a chunk whose rows are all candidates for a positive electrode."""
    n = len(keys)
    columns = {
        "row": range(first, first + n),
        "id": [f"m{key}" for key in keys],
        "smiles": "CCO",
        "status": "ok",
        "note": "",
        **dict.fromkeys(NUMBERS, 4.0),
        **dict.fromkeys(DOMAIN_FLAGS, True),
        **dict.fromkeys(REMARKS, ""),
        "p_type": True,
        "n_type": False,
        "scored": True,
        "key": np.array(keys, np.uint64),
        **dict.fromkeys(SELECTED_BY, True),
    }
    rows = pd.DataFrame(columns)
    rows["n_remark"] = "outside the window"
    candidates = rows[list(FROM_ROWS)].assign(**dict.fromkeys(ENERGIES, 100.0))
    candidates = candidates.assign(P_inside=1.0, expected_Wh_kg=energies, tier="fine", P_stable=1.0)
    candidates.insert(0, "electrode", "positive")
    candidates.insert(1, "role", P)
    candidates["structure"] = ["C" * (1 + key % 97) for key in keys]
    return {"rows": rows, "candidates": candidates}


# Three chunks in which rows 2, 4 and 7 repeat earlier rows.
FINISHED = (
    finished_chunk(0, [7, 8, 7], [0.1, 0.9, 1.0]),
    finished_chunk(3, [9, 8, 10, 2**63 + 5], [0.5, 1.0, 0.2, 0.3]),
    finished_chunk(7, [2**63 + 5, 11], [1.0, 0.4]),
)
