"""Compare two versions of a table of labelled molecules."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

TOLERANCE = 1e-6  # eV; anything smaller is rounding
ADDED, GONE, REWRITTEN, CHANGED = "added", "gone", "rewritten", "changed"


@dataclass(frozen=True)
class Difference:
    """Difference between two versions of a table of labelled molecules, molecule by molecule.

    Attributes
    ----------
    changes : pandas.DataFrame
        One row for each molecule that changed: `change` (``added``, ``gone``, ``changed``, or
        ``rewritten``: the same source row and labels under another SMILES), `smiles`,
        `smiles_before` (the old SMILES if `change` is ``rewritten``), `columns` (names of the
        columns whose value changed, separated by ``;``), then each column that at least one version
        has, as `<column>_before` and `<column>_after`.
    moved : int
        Number of molecules that both versions have with different `row`, the source row's number.
    new_columns, lost_columns : list of str
        Columns that only the new version has, and columns that only the old version has.
    """

    changes: pd.DataFrame
    moved: int
    new_columns: list[str]
    lost_columns: list[str]


def compare(old: pd.DataFrame, new: pd.DataFrame) -> Difference:
    """Compare two versions of a table of labelled molecules.

    Molecules are matched by `smiles`. The column `row` does not identify a molecule: it counts the
    rows of the source, so it changes for all molecules below a row that was inserted into the
    source or deleted there. Where a SMILES occurs more than once, the first row with this SMILES in
    `old` is matched with the first in `new`, then the second with the second, and so on.

    Parameters
    ----------
    old, new : pandas.DataFrame
        The versions, with the columns `row`, `smiles`, `IE`, `EA` and any others.
    """
    both = _keyed(old, "before").merge(
        _keyed(new, "after"), on=["smiles", "repeat"], how="outer", indicator="change"
    )
    kinds = {"left_only": GONE, "right_only": ADDED, "both": CHANGED}
    both["change"] = both["change"].astype(str).map(kinds)
    kept = both["change"] == CHANGED
    both["columns"] = ""
    before, after = old.columns.tolist(), new.columns.tolist()
    for name in after:
        if name in before and name not in ("row", "smiles"):
            both["columns"] += (kept & _differs(both, name)).map({True: f";{name}", False: ""})
    both["columns"] = both["columns"].str.removeprefix(";")
    moved = int((both["row_before"] != both["row_after"])[kept].sum())
    changes = _rewritten(both[~kept | (both["columns"] != "")])
    new_columns = [name for name in after if name not in before]
    lost_columns = [name for name in before if name not in after]
    names = [name for name in [*before, *new_columns] if name != "smiles"]
    pairs = [f"{name}_{when}" for name in names for when in ("before", "after")]
    order = ["change", "smiles", "smiles_before", "columns", *pairs]
    changes = changes.reindex(columns=order).reset_index(drop=True)
    return Difference(changes, moved, new_columns, lost_columns)


def _keyed(table: pd.DataFrame, when: str) -> pd.DataFrame:
    """Return one version of the table, ready to be joined by `smiles` and `repeat`.

    `repeat` is a new column: the number of earlier rows with the same SMILES. `when` (``before`` or
    ``after``) is appended to the names of all other columns but `smiles`.
    """
    integers = table.select_dtypes("integer").columns
    # In this type they stay integers where the join leaves cells empty.
    table = table.astype(dict.fromkeys(integers, "Int64"))
    keyed = table.rename(columns=lambda name: name if name == "smiles" else f"{name}_{when}")
    return keyed.assign(repeat=table.groupby("smiles", dropna=False).cumcount())


def _differs(both: pd.DataFrame, name: str) -> pd.Series:
    """Return for each row of the joined table whether the versions differ in the column `name`."""
    before, after = both[f"{name}_before"], both[f"{name}_after"]
    if all(pd.api.types.is_numeric_dtype(column) for column in (before, after)):
        unequal = ((after - before).abs() > TOLERANCE).fillna(False)
    else:
        unequal = (before.astype(str) != after.astype(str)) & before.notna() & after.notna()
    return unequal.astype(bool) | (before.isna() != after.isna())


def _rewritten(changes: pd.DataFrame) -> pd.DataFrame:
    """Join a gone and an added molecule with the same `row` and labels to one row ``rewritten``.

    Such a pair is one molecule whose SMILES was written in another way. Molecules without a label
    are not joined.
    """
    is_gone, is_added = changes["change"] == GONE, changes["change"] == ADDED
    before, after = (
        changes.columns[changes.columns.str.endswith(end)] for end in ("_before", "_after")
    )
    gone = changes.loc[is_gone, ["smiles", *before]].rename(columns={"smiles": "smiles_before"})
    added = changes.loc[is_added, ["smiles", *after]]
    pairs = added.merge(gone, left_on="row_after", right_on="row_before")
    labelled = pairs["IE_after"].notna() | pairs["EA_after"].notna()
    pairs = pairs[labelled & ~_differs(pairs, "IE") & ~_differs(pairs, "EA")]
    rest = changes[
        ~(is_gone & changes["row_before"].isin(pairs["row_before"]))
        & ~(is_added & changes["row_after"].isin(pairs["row_after"]))
    ]
    return pd.concat([rest, pairs.assign(change=REWRITTEN, columns="smiles")])
