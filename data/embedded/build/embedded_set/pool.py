"""Choose the molecules of the embedded data set and of its screening library."""

from __future__ import annotations

import csv
from collections.abc import Container, Iterator, Mapping, Sequence
from importlib.resources import files
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
from rdkit import Chem

from embedded_set.cores import ACIDS, FAMILIES, SHUTTLES, SPECIES
from embedded_set.experiment import read_experiment
from embedded_set.families import draw_members, small_members
from organode.chem import MoleculeError, check_organic, flat_smiles, parse_smiles, standardise
from organode.chem.reduction import reduced
from organode.errors import OrganodeError, missing_extra
from organode.label import dft
from organode.label.record import LabelError
from organode.utils.progress import bar

SEED = 20
SMALL_PER_FAMILY = 150  # bare cores and one substituent
LARGE_PER_FAMILY = 110  # two or three substituents
LIBRARY_PER_FAMILY = 150
# Members of a family of cations, radicals or shuttles, in addition to its bare cores.
SMALL_PER_SPECIES = 70
LARGE_PER_SPECIES = 40
ACID_MEMBERS = 40
ACID_SIZE = 18  # heavy atoms at most, so that B3LYP can compute all of them
DFT_SIZE = 16  # heavy atoms at most of other molecules for B3LYP
REAL_WITH_MOTIF = 2_500
REAL_ANY = 4_700
HEAVY_ATOMS = range(2, 26)

# Redox-active motifs by which relevant compounds are selected among all real compounds.
MOTIFS = {
    "quinone": "[#6]1(=O)[#6]=,:[#6][#6](=O)[#6]=,:[#6]1",
    "ortho-quinone": "O=[#6]1[#6](=O)[#6]=,:[#6][#6]=,:[#6]1",
    "imide": "O=C[NX3]C=O",
    "phenazine": "c1ccc2nc3ccccc3nc2c1",
    "quinoxaline": "c1ccc2nccnc2c1",
    "phenothiazine": "c1ccc2c(c1)[#7]c1ccccc1[#16,#8]2",
    "thianthrene": "c1ccc2c(c1)[#16,#8]c1ccccc1[#16]2",
    "dialkoxybenzene": "[CX4]Oc1ccc(O[CX4])cc1",
    "carbonate": "[#6]OC(=O)O[#6]",
    "nitrile": "[#6]C#N",
    "nitroarene": "c[N+](=O)[O-]",
    "azo": "[#6]N=N[#6]",
    "carbazole": "c1ccc2c(c1)[nX3]c1ccccc12",
    "bipyridine": "n1ccc(cc1)-c1ccncc1",
    "anhydride": "O=COC=O",
    "triarylamine": "cN(c)c",
    "diaryl ketone": "cC(=O)c",
}


def build_pool() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Choose the molecules to label and other molecules as a library to screen.

    Returns
    -------
    pool : pandas.DataFrame
        Columns `smiles` (flat canonical), `source` (``chemicals`` or ``enumerated``) and
        `family`. The order is random but reproducible, but for the last `ACID_MEMBERS` rows; any
        first part of it is a fair sample.
    library : pandas.DataFrame
        Columns `id`, `smiles` and `family`: enumerated molecules that are not in the pool.

    Raises
    ------
    UsageError
        If the package `chemicals` is not installed.
    """
    random = Random(SEED)
    chosen: dict[str, tuple[str, str]] = {}
    library: dict[str, str] = {}
    with bar("enumerate", len(FAMILIES), "families") as progress:
        for family, cores in FAMILIES.items():
            small = list(small_members(cores))
            bare = len(cores)
            random.shuffle(substituted := small[bare:])
            large = list(islice(draw_members(cores, random), 4 * LARGE_PER_FAMILY))
            members = small[:bare] + substituted[: SMALL_PER_FAMILY - bare]
            members += list(dict.fromkeys(large))[:LARGE_PER_FAMILY]
            for smiles in members:
                if _right_size(smiles):
                    chosen.setdefault(smiles, ("enumerated", family))
            fresh = list(islice(draw_members(cores, random), 4 * LIBRARY_PER_FAMILY))
            for smiles in list(dict.fromkeys(fresh))[:LIBRARY_PER_FAMILY]:
                if _right_size(smiles):
                    library.setdefault(smiles, family)
            progress.advance()
    for smiles, motif in _real_compounds(random):
        chosen.setdefault(smiles, ("chemicals", motif))
    for families in (SPECIES, SHUTTLES):
        for smiles, family in _further(families, Random(SEED)):
            chosen.setdefault(smiles, ("enumerated", family))
    pool = pd.DataFrame(
        [(smiles, source, family) for smiles, (source, family) in chosen.items()],
        columns=["smiles", "source", "family"],
    ).sample(frac=1, random_state=SEED, ignore_index=True)
    pool = pd.concat([pool, _acids(chosen)], ignore_index=True)
    others = [(smiles, family) for smiles, family in library.items() if smiles not in chosen]
    table = pd.DataFrame(others, columns=["smiles", "family"])
    table.insert(0, "id", [f"L{number:05d}" for number in range(1, len(table) + 1)])
    return pool, table


def _further(families: Mapping[str, Sequence[str]], random: Random) -> Iterator[tuple[str, str]]:
    """Yield members of families and the reduced forms of dications, with their families."""
    for family, cores in families.items():
        small = list(small_members(cores))
        bare, substituted = small[: len(cores)], small[len(cores) :]
        random.shuffle(substituted)
        large = dict.fromkeys(islice(draw_members(cores, random), 4 * LARGE_PER_SPECIES))
        for smiles in (*bare, *substituted[:SMALL_PER_SPECIES], *list(large)[:LARGE_PER_SPECIES]):
            if _right_size(smiles):
                yield smiles, family
                if (product := reduced(smiles)) is not None:
                    yield product, family


def _acids(taken: Container[str]) -> pd.DataFrame:
    """Return the bare cores of `ACIDS`, then members with one substituent, in random order."""
    rows = []
    for family, cores in ACIDS.items():
        members = [each for each in small_members(cores) if each not in taken]
        bare, substituted = members[: len(cores)], members[len(cores) :]
        substituted = [smiles for smiles in substituted if heavy_atoms(smiles) <= ACID_SIZE]
        Random(SEED).shuffle(substituted)
        rows += [(smiles, "enumerated", family) for smiles in (*bare, *substituted)[:ACID_MEMBERS]]
    return pd.DataFrame(rows, columns=["smiles", "source", "family"])


def choose_for_dft(pool: pd.DataFrame) -> pd.DataFrame:
    """Select and order the molecules that `organode label --level b3lyp` can compute.

    Molecules with measured energies come first, then those of the pool: its families take turns,
    with smaller members a little earlier, since the cost grows with the third power of the size.
    Any first part is a fair sample of the families, but for the acids (`cores.ACIDS`), which come
    last.

    Parameters
    ----------
    pool : pandas.DataFrame
        `smiles`, `source`, `family`.

    Returns
    -------
    pandas.DataFrame
        `smiles` (flat canonical), `source`, `family`.
    """
    smiles = [flat_smiles(parse_smiles(text)) for text in read_experiment()["smiles"]]
    measured = pd.DataFrame({"smiles": smiles, "source": "experiment", "family": ""})
    measured = measured.drop_duplicates("smiles")
    rest = pool[~pool["smiles"].isin(measured["smiles"])]
    tables = []
    for table in (measured, rest):
        molecules = [Chem.MolFromSmiles(smiles) for smiles in table["smiles"]]
        heavy = np.array([molecule.GetNumHeavyAtoms() for molecule in molecules])
        acid = table["family"].isin(ACIDS).to_numpy()
        small = acid | (heavy <= DFT_SIZE)
        computable = small & [_is_computable(molecule) for molecule in molecules]
        tables.append(table.assign(heavy=heavy, acid=acid)[computable])
    measured, rest = tables
    acids, rest = rest[rest["acid"]], rest[~rest["acid"]]
    random = np.random.default_rng(SEED)
    cost = (0.15 + random.random(len(rest))) * np.exp(0.35 * (rest["heavy"] - 8).clip(lower=0))
    group = rest["source"] + "|" + rest["family"]
    # Compounds drawn at random are the largest group by far: three of them in each turn.
    turn = cost.groupby(group).rank() / group.map(lambda name: 3.0 if name[-1] == "|" else 1.0)
    rest = rest.iloc[np.argsort(turn + 0.5 * random.random(len(rest)))]
    return pd.concat([measured, rest, acids], ignore_index=True)[["smiles", "source", "family"]]


def _is_computable(molecule: Chem.Mol) -> bool:
    try:
        dft.check_molecule(molecule)
    except LabelError:
        return False
    return True


def _right_size(smiles: str) -> bool:
    return heavy_atoms(smiles) in HEAVY_ATOMS


def heavy_atoms(smiles: str) -> int:
    """Return the number of heavy atoms of a molecule."""
    return int(Chem.MolFromSmiles(smiles).GetNumHeavyAtoms())


def _real_compounds(random: Random) -> Iterator[tuple[str, str]]:
    """Yield real compounds and the motif by which they were selected; empty if at random."""
    queries = {name: Chem.MolFromSmarts(smarts) for name, smarts in MOTIFS.items()}
    texts = sorted(set(compound_smiles()))
    random.shuffle(texts)
    wanted = {True: REAL_WITH_MOTIF, False: REAL_ANY}
    per_motif = dict.fromkeys(MOTIFS, REAL_WITH_MOTIF // 5)  # limits frequent motifs, like nitriles
    with bar("choose real compounds", sum(wanted.values()), "molecules") as progress:
        for text in texts:
            if not any(wanted.values()):
                return
            molecule = organic_molecule(text)
            if molecule is None or molecule.GetNumHeavyAtoms() not in HEAVY_ATOMS:
                continue
            motif = next((n for n, q in queries.items() if molecule.HasSubstructMatch(q)), "")
            if not wanted[bool(motif)] or (motif and not per_motif[motif]):
                continue
            wanted[bool(motif)] -= 1
            if motif:
                per_motif[motif] -= 1
            progress.advance()
            yield flat_smiles(molecule), motif


def organic_molecule(smiles: str) -> Chem.Mol | None:
    """Return the standardised molecule, or None if it is not neutral, organic and closed-shell."""
    try:
        molecule = standardise(parse_smiles(smiles)).molecule
        check_organic(molecule)
    except MoleculeError:
        return None
    return molecule


def compound_smiles() -> Iterator[str]:
    """Yield the SMILES of the real compounds in the tables of `chemicals` (PubChem's, MIT)."""
    try:
        folder = Path(str(files("chemicals"))) / "Identifiers"
    except ModuleNotFoundError as error:
        raise missing_extra("chemicals", "dev") from error
    for size in ("large", "small"):
        with open(folder / f"chemical identifiers pubchem {size}.tsv", encoding="utf-8") as table:
            for fields in csv.reader(table, delimiter="\t", quoting=csv.QUOTE_NONE):
                yield fields[4]


def drug_like_smiles() -> list[str]:
    """Return the SMILES of the training set of the package `molsets` (MIT).

    Raises
    ------
    OrganodeError
        If the package is not installed.
    """
    package = find_spec("moses")  # not imported: that would need PyTorch
    if package is None or not package.submodule_search_locations:
        raise OrganodeError(
            "the package molsets is not installed: run `pip install --no-deps molsets==0.3.1`"
        )
    file = Path(next(iter(package.submodule_search_locations))) / "dataset/data/train.csv.gz"
    smiles: list[str] = pd.read_csv(file)["SMILES"].tolist()
    return smiles
