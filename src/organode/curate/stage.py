"""The stage `curate`: check every row, merge repeats, account for all of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from organode.chem import MoleculeError, check_organic, flat_smiles, parse_smiles
from organode.curate import COLUMNS, CURATED
from organode.errors import OrganodeError
from organode.files import replacing, write_json
from organode.progress import bar
from organode.settings import Curate, Settings
from organode.tables import read_table, write_table

TARGETS = ("IE", "EA")


@dataclass(frozen=True)
class Curated:
    """What became of each source row; the three tables together hold each row once.

    Attributes
    ----------
    clean : pandas.DataFrame
        `row`, `smiles` (flat canonical), `IE`, `EA` (eV, NaN where the source has none).
    rejected : pandas.DataFrame
        `row`, `input`, `reason`.
    merged : pandas.DataFrame
        `row`, `into` (the clean row that stands for it), `smiles`.
    """

    clean: pd.DataFrame
    rejected: pd.DataFrame
    merged: pd.DataFrame


def curate(
    settings: Settings,
    raw: Path = Path("data/raw/molecules.parquet"),
    out: Path = CURATED.parent,
    summary: Path = Path("results/curate/summary.json"),
) -> Curated:
    """Read the raw table, write `molecules.parquet`, `rejected.csv` and `merged.csv`.

    Raises
    ------
    OrganodeError
        If not one row is clean.
    """
    curated = curate_table(read_table(raw, COLUMNS, "fetch"), settings.curate)
    if curated.clean.empty:
        first = curated.rejected.iloc[0] if len(curated.rejected) else None
        example = f", for instance row {first.row}: {first.reason}" if first is not None else ""
        raise OrganodeError(
            f"none of the {len(curated.rejected):,} rows is a neutral organic molecule with a "
            f"label{example}; check the source and its column names in params.yaml (fetch.file)"
        )
    write_table(curated.clean, out / CURATED.name)
    for name, table in (("rejected", curated.rejected), ("merged", curated.merged)):
        with replacing(out / f"{name}.csv") as temporary:
            table.to_csv(temporary, index=False)
    write_json(summary, _summary(curated))
    return curated


def curate_table(raw: pd.DataFrame, limits: Curate) -> Curated:
    """Sort the rows into clean, rejected and merged.

    A clean row is one neutral, closed-shell organic molecule with at least one label, every
    label within its bounds. Rows of the same flat structure become one: the median of each
    label, under the first of their row numbers. Where they disagree by more than
    `limits.largest_spread` nobody knows which is right, so all of them are rejected.

    Parameters
    ----------
    raw : pandas.DataFrame
        Columns `row`, `smiles`, `IE`, `EA`.
    limits : Curate
        Bounds in eV.
    """
    kept: list[tuple[int, str, str, float, float]] = []
    rejected: list[tuple[int, object, str]] = []
    with bar("curate", len(raw), "rows") as progress:
        for row, text, ie, ea in raw[COLUMNS].itertuples(index=False, name=None):
            try:
                molecule = parse_smiles(text)
                check_organic(molecule)
                _check_labels({"IE": ie, "EA": ea}, limits)
                kept.append((row, text, flat_smiles(molecule), ie, ea))
            except MoleculeError as reason:
                rejected.append((row, text, str(reason)))
            progress.advance()
    parsed = pd.DataFrame(kept, columns=["row", "input", "smiles", *TARGETS])
    clean, conflicting, merged = _merge(parsed, limits.largest_spread)
    refused = pd.concat(
        [pd.DataFrame(rejected, columns=["row", "input", "reason"]), conflicting]
    ).sort_values("row", ignore_index=True)
    return Curated(clean, refused, merged)


def _check_labels(labels: dict[str, float], limits: Curate) -> None:
    if all(math.isnan(value) for value in labels.values()):
        raise MoleculeError("no label: neither IE nor EA is a number")
    for target, value in labels.items():
        low, high = getattr(limits, f"{target}_bounds")
        if not (math.isnan(value) or low <= value <= high):
            raise MoleculeError(f"{target} = {value:g} eV is outside {low:g} … {high:g} eV")


def _merge(
    parsed: pd.DataFrame, largest_spread: float
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    groups = parsed.groupby("smiles", sort=False)
    spread = groups[list(TARGETS)].max() - groups[list(TARGETS)].min()
    conflicts = spread[(spread > largest_spread).any(axis=1)]
    in_conflict = parsed["smiles"].isin(conflicts.index)
    reasons = {
        smiles: "repeats of this structure differ by "
        + " and ".join(f"{value:.2f} eV in {target}" for target, value in values.items())
        for smiles, values in conflicts.to_dict(orient="index").items()
    }
    conflicting = parsed.loc[in_conflict, ["row", "input"]].assign(
        reason=parsed.loc[in_conflict, "smiles"].map(reasons)
    )
    agreeing = parsed[~in_conflict]
    groups = agreeing.groupby("smiles", sort=False)
    medians = groups[list(TARGETS)].median()
    clean = groups["row"].first().to_frame().join(medians).reset_index()[COLUMNS]
    into = groups["row"].transform("first")
    merged = agreeing.assign(into=into).loc[agreeing["row"] != into, ["row", "into", "smiles"]]
    return clean, conflicting, merged.reset_index(drop=True)


def _summary(curated: Curated) -> dict[str, object]:
    # Numbers inside a reason differ from row to row; a kind of reason is what comes before.
    kinds = curated.rejected["reason"].str.split(r" =|:| by | \d", n=1, regex=True).str[0]
    return {
        "source_rows": sum(map(len, (curated.clean, curated.rejected, curated.merged))),
        "clean": len(curated.clean),
        "merged": len(curated.merged),
        "rejected": len(curated.rejected),
        "with_label": {target: int(curated.clean[target].notna().sum()) for target in TARGETS},
        "reasons": {str(kind): int(count) for kind, count in kinds.value_counts().items()},
    }
