"""Assignment of molecules to the test set and to the cross-validation folds."""

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

HELD_OUT = 10  # one in so many scaffolds of further tables


@dataclass(frozen=True)
class Splits:
    """The fold of each row of the curated table, or its membership in the test set.

    The arrays are in the order of the table's n rows.

    Attributes
    ----------
    row : numpy.ndarray
        Shape (n,): number of the row in the source data, from which the table was made.
    fold : numpy.ndarray
        Shape (n,): 0 to n_folds − 1, or −1 for the test set.
    """

    row: np.ndarray
    fold: np.ndarray

    @property
    def n_folds(self) -> int:
        """Number of cross-validation folds."""
        return int(self.fold.max()) + 1

    @property
    def outer(self) -> np.ndarray:
        """Whether each row is in the test set, shape (n,)."""
        return np.asarray(self.fold < 0)

    @classmethod
    def read(cls, path: Path = SPLITS) -> Splits:
        """Read the table that the pipeline stage `split` wrote."""
        table = read_table(path, SPLIT_COLUMNS, "split")
        return cls(table["row"].to_numpy(), table["fold"].fillna(-1).to_numpy(np.int64))


def group(smiles: Sequence[str], method: str) -> list[str]:
    """Return the name of the group of each molecule.

    All molecules of a group go to the same fold, or all to the test set. Molecules with the same
    Morgan environments up to radius 1, however often each environment occurs, are one group: a
    network that reads only which environments occur cannot tell these molecules apart. With the
    method ``scaffold``, molecules with the same Murcko scaffold are one group too, and groups that
    share a molecule are joined.

    Parameters
    ----------
    smiles : sequence of str
        n canonical SMILES without stereo.
    method : {'random', 'scaffold'}
        The setting `split.method` of `params.yaml`.

    Returns
    -------
    list of str
        n names. The name of a group depends only on the structures of its molecules.
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


def held_out(smiles: Sequence[str]) -> np.ndarray:
    """Return which molecules of further tables networks never learn, shape (n,), bool.

    All molecules of a tenth of the scaffolds are left for error bars: an error for a molecule whose
    near relatives were learned says little about those for the library of somebody else. The
    scaffolds are the same in every table.

    Parameters
    ----------
    smiles : sequence of str
        n canonical SMILES without stereo.

    Examples
    --------
    >>> held_out(["CCO", "CCOCO", "CNCCN"]).tolist()
    [False, True, True]
    """
    names = [scaffold(text) for text in smiles]
    digests = {name: hashlib.sha256(name.encode()).digest() for name in set(names)}
    return np.array([int.from_bytes(digests[name][:4]) % HELD_OUT == 0 for name in names], bool)


def assign(groups: Sequence[str], outer_fraction: float, n_folds: int, seed: int) -> np.ndarray:
    """Assign whole groups to the test set and to folds of nearly equal size.

    Groups are assigned in the order of a hash of the seed and the group's name. Thus, when
    molecules are added to the table, nearly all molecules of the test set remain in the test set.

    Parameters
    ----------
    groups : sequence of str
        Name of each row's group, length n; all rows of a group stay together.
    outer_fraction : float
        Share of the rows that go to the test set. A group with more rows than the test set still
        needs goes to a fold.
    n_folds, seed : int
        Number of folds; seed of the assignment.

    Returns
    -------
    numpy.ndarray
        Shape (n,): the fold of each row, 0 to n_folds − 1, or −1 for the test set.

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
    """Return the Murcko scaffold of a molecule as SMILES, or a substitute if it has no ring.

    Bemis and Murcko, J. Med. Chem. 39 (1996) 2887, doi 10.1021/jm9602928. An acyclic molecule has
    no scaffold. The substitute is the word ``acyclic`` followed by the molecule's SMILES with every
    atom a carbon and every bond single, so that not all acyclic molecules have the same substitute.
    """
    molecule = Chem.MolFromSmiles(smiles)
    if molecule.GetRingInfo().NumRings():
        return str(MurckoScaffold.MurckoScaffoldSmiles(mol=molecule))  # type: ignore[no-untyped-call]
    return f"acyclic {_skeleton(molecule)}"


def _skeleton(molecule: Chem.Mol) -> str:
    """Return the SMILES of a molecule with every atom a carbon and every bond single.

    Valences are not checked: an atom such as the sulfur of SF₆ becomes a carbon with six bonds.
    """
    skeleton = Chem.RWMol()
    for _ in range(molecule.GetNumAtoms()):
        skeleton.AddAtom(Chem.Atom(6))
    for bond in molecule.GetBonds():
        skeleton.AddBond(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx(), Chem.BondType.SINGLE)
    skeleton.UpdatePropertyCache(strict=False)
    return str(Chem.MolToSmiles(skeleton))
