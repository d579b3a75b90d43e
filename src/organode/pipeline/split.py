"""The stage `split`: assign rows to the test set or to folds, by structure or by scaffold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from organode.artifacts import CURATED, SPLIT_COLUMNS, SPLITS
from organode.models.splits import Splits, assign, group
from organode.pipeline.tables.checks import check, check_splits_cover
from organode.settings import Settings
from organode.utils.tables import read_table, write_table


def split(settings: Settings, curated: Path = CURATED, out: Path = SPLITS) -> Splits:
    """Assign every row of the curated table to the test set or to a fold, and write the assignment.

    Molecules with the same bits in a Morgan fingerprint of radius 1 are always assigned together.
    If the setting `split.method` is ``scaffold``, molecules with the same scaffold also stay
    together. The written table has the columns `row`, `split` (``outer`` for the test set, or
    ``fold``) and `fold` (number of the fold, from 0; empty for the test set).

    Raises
    ------
    OrganodeError
        If there are too few structures or scaffolds for the test set and every fold.
    """
    table = read_table(curated, ["row", "smiles"], "curate")
    groups = group(table["smiles"].tolist(), settings.split.method)
    fold = assign(groups, settings.split.outer_fraction, settings.split.n_folds, settings.seed)
    splits = Splits(table["row"].to_numpy(), fold)
    membership = pd.DataFrame({"row": splits.row})
    membership["split"] = np.where(splits.outer, "outer", "fold")
    membership["fold"] = pd.array(np.where(splits.outer, 0, fold), dtype="Int64")
    membership.loc[splits.outer, "fold"] = pd.NA
    check(membership, "splits")
    check_splits_cover(membership, table["row"])
    write_table(membership[SPLIT_COLUMNS], out)
    return splits
