"""Test set and cross-validation folds: decided once, and read by all other stages."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from rdkit import Chem
from rdkit.Chem.Scaffolds import MurckoScaffold
from scipy.sparse import coo_matrix, hstack
from scipy.sparse.csgraph import connected_components

from organode.artifacts import SPLIT_COLUMNS, SPLITS
from organode.chem.fingerprint import keys
from organode.errors import OrganodeError
from organode.utils.tables import read_table


@dataclass(frozen=True)
class Splits:
    """Test set or fold of each clean row, in the order of the curated table.

    Attributes
    ----------
    row : numpy.ndarray
        Shape (n,), row numbers of the source.
    fold : numpy.ndarray
        Shape (n,), 0 to n_folds − 1; −1 for the test set.
    """

    row: np.ndarray
    fold: np.ndarray

    @property
    def n_folds(self) -> int:
        """Number of folds."""
        return int(self.fold.max()) + 1

    @property
    def outer(self) -> np.ndarray:
        """Shape (n,), True for the test set."""
        return np.asarray(self.fold < 0)

    @classmethod
    def read(cls, path: Path = SPLITS) -> Splits:
        """Read what the stage `split` wrote."""
        table = read_table(path, SPLIT_COLUMNS, "split")
        return cls(table["row"].to_numpy(), table["fold"].fillna(-1).to_numpy(np.int64))


def group(smiles: Sequence[str], method: str) -> list[str]:
    """Name the group of each molecule; a group never lies on both sides of a split.

    Molecules with the same Morgan environments up to radius 1, however often these occur, are one
    group: a network that reads bits cannot tell them apart. With ``scaffold``, molecules with the
    same scaffold are a group too, and groups that share a molecule are joined.

    Parameters
    ----------
    smiles : sequence of str
        Flat canonical, length n.
    method : {'random', 'scaffold'}
        As `split.method` in `params.yaml`.

    Returns
    -------
    list of str
        Length n. A name depends on the structures of the group alone.
    """
    molecules = [Chem.MolFromSmiles(text) for text in smiles]
    names = [hashlib.sha256(key).hexdigest() for key in keys(molecules, 1, counts=False)]
    if method == "random":
        return names
    scaffolds = [scaffold(text) for text in smiles]
    rows = np.arange(len(smiles))
    shared = [pd.factorize(pd.Series(texts))[0] for texts in (names, scaffolds)]
    links = [coo_matrix((np.ones(len(rows)), (rows, codes))) for codes in shared]
    bipartite = hstack(links).tocsr()
    _, part = connected_components(bipartite @ bipartite.T, directed=False)
    return [str(name) for name in pd.Series(scaffolds).groupby(part).transform("min")]


def assign(groups: Sequence[str], outer_fraction: float, n_folds: int, seed: int) -> np.ndarray:
    """Assign whole groups to the test set and to folds of equal size.

    Groups are assigned in the order of a hash of their name and the seed, so that a growing table
    keeps nearly all of its test set.

    Parameters
    ----------
    groups : sequence of str
        Length n, the group of each row: rows of a group stay together.
    outer_fraction : float
        Share of the rows in the test set. A group too large for the remaining places goes to a
        fold.
    n_folds, seed : int
        Number of folds; seed of the assignment.

    Returns
    -------
    numpy.ndarray
        Shape (n,), the fold, −1 for the test set.

    Raises
    ------
    OrganodeError
        If a fold or the test set would be empty.
    """
    sizes = pd.Series(list(groups)).value_counts()
    order = sorted(sizes.index, key=lambda name: hashlib.sha256(f"{seed} {name}".encode()).digest())
    places_left = round(outer_fraction * len(groups))
    fold_of: dict[str, int] = {}
    filled = np.zeros(n_folds, int)
    for name in order:
        if sizes[name] <= places_left:
            fold_of[name] = -1
            places_left -= sizes[name]
        else:
            fold_of[name] = int(filled.argmin())
            filled[fold_of[name]] += sizes[name]
    if not filled.all() or -1 not in fold_of.values():
        raise OrganodeError(
            f"{len(sizes):,} different groups of {len(groups):,} molecules are too few for "
            f"{n_folds} folds and a test set of {outer_fraction:.0%}: lower split.n_folds, raise "
            "split.outer_fraction, or bring more molecules"
        )
    return np.array([fold_of[name] for name in groups])


def scaffold(smiles: str) -> str:
    """Return the Murcko scaffold; of an acyclic molecule its graph without elements and orders.

    Bemis and Murcko, J. Med. Chem. 39 (1996) 2887, doi 10.1021/jm9602928. Acyclic molecules
    have no scaffold; they are grouped by their graph with every atom a carbon and every bond
    single, so that they do not all fall into one group.
    """
    molecule = Chem.MolFromSmiles(smiles)
    if molecule.GetRingInfo().NumRings():
        return str(MurckoScaffold.MurckoScaffoldSmiles(mol=molecule))  # type: ignore[no-untyped-call]
    skeleton = MurckoScaffold.MakeScaffoldGeneric(molecule)  # type: ignore[no-untyped-call]
    return f"acyclic {Chem.MolToSmiles(skeleton)}"
