"""Show what changed between two versions: a table at a terminal, plain columns in a pipe."""

from __future__ import annotations

import sys
from typing import NamedTuple

import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table

from organode.curate.diff.compare import ADDED, CHANGED, GONE, REWRITTEN, Difference
from organode.curate.diff.version import Version

EXAMPLES = 3


class Line(NamedTuple):
    """One kind of change; `mean` and `largest` are absolute differences of numbers, or NaN."""

    change: str
    rows: int
    mean: float
    largest: float
    examples: list[str]


def summary(difference: Difference) -> list[Line]:
    """Return a line for each kind of change that occurred.

    Of changed numbers the examples are the largest changes, otherwise the first ones.
    """
    changes = difference.changes
    parts = {kind: changes[changes["change"] == kind] for kind in (ADDED, GONE, REWRITTEN)}
    rewritten = parts[REWRITTEN]
    lines = [
        _line("added", parts[ADDED]["smiles"]),
        _line("gone", parts[GONE]["smiles"]),
        _line("SMILES rewritten", rewritten["smiles_before"] + " → " + rewritten["smiles"]),
    ]
    changed = changes[changes["change"] == CHANGED]
    for name in dict.fromkeys(";".join(changed["columns"]).split(";")):
        if name:
            lines += _column(changed[[name in names.split(";") for names in changed["columns"]]],
                             name)  # fmt: skip
    return [line for line in lines if line.rows]


def _line(change: str, examples: pd.Series, by: pd.Series | None = None) -> Line:
    """Return a line whose examples are the largest ones `by` a number, where there is one."""
    shown = examples if by is None else examples.loc[by.sort_values(ascending=False).index]
    mean, largest = (float("nan"),) * 2 if by is None else (float(by.mean()), float(by.max()))
    return Line(change, len(examples), mean, largest, shown.head(EXAMPLES).tolist())


def _column(changed: pd.DataFrame, name: str) -> list[Line]:
    """Return the lines of one column: values that came, that went and that changed."""
    smiles, before, after = (changed[key] for key in ("smiles", f"{name}_before", f"{name}_after"))
    came, went = before.isna(), after.isna()
    values = ~(came | went)
    number = all(pd.api.types.is_numeric_dtype(column) for column in (before, after))
    text = [_text(column) for column in (before, after)]
    by = (after - before)[values].abs() if number else None
    unit = ", eV" if name.startswith(("IE", "EA")) else ""
    return [
        _line(f"{name} new", (smiles + " " + text[1])[came]),
        _line(f"{name} lost", (smiles + " " + text[0])[went]),
        _line(f"{name} changed{unit}", (smiles + " " + text[0] + " → " + text[1])[values], by),
    ]


def _text(column: pd.Series) -> pd.Series:
    if pd.api.types.is_float_dtype(column):
        return column.map("{:.4f}".format)
    return column.astype(str).replace("", "''")


def show(path: str, old: Version, new: Version, difference: Difference) -> None:
    """Print both versions and the summary of their difference on standard output."""
    terminal = sys.stdout.isatty()
    # A pipe has no width: nothing is cut off or wrapped there.
    console = Console(markup=False, highlight=False, width=None if terminal else 10_000)
    console.print(path)
    names = max(len(old.name), len(new.name))
    for version in (old, new):
        console.print(f"  {version.name:{names}}  md5 {version.md5}  {len(version.table):,} rows")
    if old.md5 == new.md5:
        console.print("identical: the same bytes")
        return
    lines = summary(difference)
    table = Table(box=box.SIMPLE_HEAD if terminal else None, pad_edge=False)
    for heading in ("change", "rows", "mean |Δ|", "largest |Δ|", "examples"):
        table.add_column(heading, justify="left" if heading in ("change", "examples") else "right")
    for line in lines:
        numbers = ("" if pd.isna(number) else f"{number:.4f}" for number in line[2:4])
        examples = ("\n" if terminal else ", ").join(line.examples)
        table.add_row(line.change, f"{line.rows:,}", *numbers, examples)
    if lines:
        console.print(table)
    else:
        console.print("no molecule, label or other value differs")
    for words, columns in (("new", difference.new_columns), ("lost", difference.lost_columns)):
        if columns:
            console.print(f"{words} columns: {', '.join(columns)}")
    if difference.moved:
        console.print(f"{difference.moved:,} molecules have another row number in the source")
