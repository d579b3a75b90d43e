"""Show a comparison of molecules with a reference molecule as text or JSON, or write a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from organode.cli.text.prediction import aligned, as_json, clipped, ranges
from organode.compare.contributions import CORE, REFERENCE
from organode.compare.potentials import NOT_MEASURED
from organode.electrochemistry import axis
from organode.settings import Screen
from organode.utils.growing import DECIMALS
from organode.utils.tables import write_csv, write_table

PARTS = "_contributions"  # end of the names of columns with contributions of fragments


def as_text(table: pd.DataFrame, names: Sequence[str], level: float, cell: Screen) -> str:
    """Return a comparison of molecules with a reference molecule as text for a terminal.

    Parameters
    ----------
    table : pandas.DataFrame
        One row for each molecule, as `organode.compare.compare` returns it.
    names : sequence of str
        Potentials in the table: ``E_ox``, ``E_red`` or both.
    level : float
        Level of the error bars, such as 0.95.
    cell : Screen
        Settings with the reference electrode and the solvent of the potentials.
    """
    readable = table[table["status"] == "ok"]
    first = table.iloc[0]
    lines = [
        " ".join(dict.fromkeys(["reference:", first["reference"], first["reference_structure"]]))
    ]
    lines += [_of_reference(readable.iloc[0], name) for name in names if len(readable)]
    unreadable = table[table["status"] != "ok"]
    lines += [
        f"{clipped(text)}: {reason}"
        for text, reason in zip(unreadable["smiles"], unreadable["status"], strict=True)
    ]
    for name in names if len(readable) else ():
        lines += ["", *_differences(readable, name, level), *_shares(readable, name)]
    return "\n".join([*lines, "", f"E, predicted for a voltammogram: {axis(cell)}"])


def _of_reference(row: pd.Series, name: str) -> str:
    """Return a line with the predicted and, if known, measured potential of the reference molecule.

    `row` is any row of the table; `name` is ``E_ox`` or ``E_red``.
    """
    predicted = f"{name} predicted {row[f'{name}_reference']:.2f} V"
    if not row[f"{name}_anchor"]:
        return f"  {predicted}, not measured: only differences of predictions"
    return f"  {predicted}, measured {row[f'{name}_measured']:.2f} V ({row[f'{name}_anchor']})"


def _differences(readable: pd.DataFrame, name: str, level: float) -> list[str]:
    """Return a text table on one potential, followed by the remarks on this potential, as lines.

    For each molecule the table shows the difference from the reference molecule and the predicted
    potential; also the anchored potential, which is the measured potential of the reference
    molecule plus the difference, if it was measured. `name` is ``E_ox`` or ``E_red``.
    """
    share = f"{level:.0%}"
    lines = pd.DataFrame({"molecule": readable["smiles"].map(clipped)})
    lines["similarity"] = readable["similarity"].map("{:.2f}".format)
    kinds = {"_difference": f"{name} − reference / V", "_anchored": f"{name}, anchored / V"}
    if readable[f"{name}_measured"].isna().all():
        kinds.pop("_anchored")
    for kind, head in {**kinds, "": f"{name}, predicted / V"}.items():
        form = _signed if kind == "_difference" else "{:.2f}".format
        lines[head] = readable[f"{name}{kind}"].map(form)
        lines[f"{share}{' ' * len(lines.columns)}"] = ranges(
            readable[f"{name}{kind}_lower"], readable[f"{name}{kind}_upper"]
        )
    lines.columns = pd.Index([str(head).rstrip() for head in lines.columns])
    remarks = [
        f"  {clipped(text)}: {shortened}"
        for text, remark in zip(readable["smiles"], readable[f"{name}_remark"], strict=True)
        if (shortened := _without_not_measured(remark))
    ]
    return [*aligned(lines), *remarks]


def _without_not_measured(remark: str) -> str:
    """Return a remark without the part that says that the reference molecule was not measured."""
    return "; ".join(part for part in remark.split("; ") if part != NOT_MEASURED)


def _shares(readable: pd.DataFrame, name: str) -> list[str]:
    """Return a title, and for each molecule a line with the contributions of its fragments.

    The contributions add up to the difference in the potential `name` from the reference molecule.
    The list is empty if no molecule has a fragment besides its core.
    """
    lines = [
        f"  {clipped(row['smiles'])}: {_signed(row[f'{name}_difference'])} = "
        + " ".join(map(_share, _merged(row[f"{name}{PARTS}"])))
        for row in readable.to_dict("records")
        if any(part["of"] != CORE for part in row[f"{name}{PARTS}"])
    ]
    return ["contributions of fragments (Shapley values)", *lines] if lines else []


def _merged(parts: Sequence[dict[str, Any]]) -> list[tuple[str, str, int, float]]:
    """Merge equal fragments; return kind, SMILES, count and total contribution (V) of each.

    The kind is ``molecule``, ``reference`` or ``core``: what the fragment belongs to, or is.
    """
    volts_of: dict[tuple[str, str], list[float]] = {}
    for part in parts:
        volts_of.setdefault((part["of"], part["fragment"]), []).append(part["volts"])
    return [(of, fragment, len(volts), sum(volts)) for (of, fragment), volts in volts_of.items()]


def _share(part: tuple[str, str, int, float]) -> str:
    """Return the contribution of a fragment as text, such as ``+0.12 (2 *OC)``."""
    of, fragment, count, volts = part
    many = f"{count} " if count > 1 else ""
    what = CORE if of == CORE else f"{many}{fragment}{' of the reference' * (of == REFERENCE)}"
    return f"{_signed(volts)} ({what})"


def _signed(volts: float) -> str:
    """Return a number with its sign and two decimals, such as ``+0.12``."""
    return f"{round(volts, 2) + 0.0:+.2f}"  # never -0.00


def comparison_json(table: pd.DataFrame) -> str:
    """Return a comparison as a JSON list of its rows, with contributions as nested lists."""
    nested = [name for name in table if str(name).endswith(PARTS)]
    rows = json.loads(as_json(table.drop(columns=nested)))
    for row, parts in zip(rows, table[nested].to_dict("records"), strict=True):
        row.update({str(name): _rounded(cell) for name, cell in parts.items()})
    return json.dumps(rows, indent=2, ensure_ascii=False)


def write_comparison(table: pd.DataFrame, out: Path) -> None:
    """Write a comparison as CSV or Parquet; contributions of fragments become JSON texts."""
    flat = table.copy(deep=False)
    for name in [name for name in table if str(name).endswith(PARTS)]:
        flat[name] = pd.array(
            ["" if cell is None else json.dumps(cell) for cell in map(_rounded, table[name])], "str"
        )
    if out.suffix == ".csv":
        write_csv(flat, out, decimals=DECIMALS)
    else:
        write_table(flat, out)


def _rounded(cell: Any) -> list[dict[str, Any]] | None:
    """Return the contributions in a cell with rounded volts; None if the cell holds no list."""
    if not isinstance(cell, list):  # NaN or None: the molecule could not be read
        return None
    return [{**part, "volts": round(part["volts"], DECIMALS)} for part in cell]
