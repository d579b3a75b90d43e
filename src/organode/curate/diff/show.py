"""Print the difference between two versions of a table of molecules, to a terminal or a pipe."""

from __future__ import annotations

import sys
from typing import NamedTuple

import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table

from organode.curate.diff.compare import ADDED, CHANGED, GONE, REWRITTEN, Difference
from organode.curate.diff.version import Version

N_EXAMPLES = 3


class Line(NamedTuple):
    """A line of the summary of a difference: one kind of change, such as ``IE changed, eV``.

    `rows` is the number of molecules with this change. `mean` and `largest` are the mean and the
    largest absolute difference between old and new numbers; both are NaN if the change is not one
    of numbers. `examples` are texts for a few of the molecules.
    """

    change: str
    rows: int
    mean: float
    largest: float
    examples: list[str]


def summary(difference: Difference) -> list[Line]:
    """Return a line for each kind of change that occurred; an empty list if nothing changed.

    The examples in a line are the molecules with the largest changes if numbers changed, and the
    first molecules otherwise.
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
            has_changed = [name in names.split(";") for names in changed["columns"]]
            lines += _column(changed[has_changed], name)
    return [line for line in lines if line.rows]


def _line(change: str, examples: pd.Series, by: pd.Series | None = None) -> Line:
    """Return a summary line for one kind of change.

    `examples` has a text for each molecule; `by` has the sizes of the changes, if numbers changed.
    The line shows the texts of the largest changes or, without `by`, the first texts.
    """
    shown = examples if by is None else examples.loc[by.sort_values(ascending=False).index]
    mean, largest = (float("nan"),) * 2 if by is None else (float(by.mean()), float(by.max()))
    return Line(change, len(examples), mean, largest, shown.head(N_EXAMPLES).tolist())


def _column(changed: pd.DataFrame, name: str) -> list[Line]:
    """Return three summary lines about a column: new values, lost values and changed values."""
    smiles, before, after = (changed[key] for key in ("smiles", f"{name}_before", f"{name}_after"))
    new, lost = before.isna(), after.isna()
    changed_value = ~(new | lost)
    numeric = all(pd.api.types.is_numeric_dtype(column) for column in (before, after))
    text_before, text_after = _text(before), _text(after)
    by = (after - before)[changed_value].abs() if numeric else None
    unit = ", eV" if name.startswith(("IE", "EA")) else ""
    pairs = smiles + " " + text_before + " → " + text_after
    return [
        _line(f"{name} new", (smiles + " " + text_after)[new]),
        _line(f"{name} lost", (smiles + " " + text_before)[lost]),
        _line(f"{name} changed{unit}", pairs[changed_value], by),
    ]


def _text(column: pd.Series) -> pd.Series:
    if pd.api.types.is_float_dtype(column):
        return column.map("{:.4f}".format)
    return column.astype(str).replace("", "''")


def show(path: str, old: Version, new: Version, difference: Difference) -> None:
    """Print name, checksum and length of both versions, and a summary of their difference."""
    terminal = sys.stdout.isatty()
    # Output to a pipe must not be cut off or wrapped.
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
