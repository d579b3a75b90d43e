"""The stage `screen`: a library in, a report out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from rdkit import Chem
from rdkit.Chem import rdDepictor

from organode.chem import flat_smiles
from organode.electrochemistry import window
from organode.files import replacing_folder, write_json
from organode.model import predict
from organode.progress import bar
from organode.register import Loaded
from organode.screen.decide import Rule, decide
from organode.screen.report import ELECTRODES, render
from organode.settings import Screen
from organode.tables import write_table

FILES = ("report.html", "candidates.csv", "candidates.sdf", "all.parquet", "summary.json")
COLUMNS = [
    "row", "id", "smiles", "status", "IE", "EA", "E_ox", "E_red", "positive", "negative",
]  # fmt: skip


def screen(
    library: pd.DataFrame, name: str, models: Sequence[Loaded], settings: Screen, out: Path
) -> dict[str, Any]:
    """Screen a library and write the report and its tables into the folder `out`.

    Parameters
    ----------
    library : pandas.DataFrame
        Columns `smiles` and `id`; row numbers count from 0.
    name : str
        What the report calls the library.
    models : sequence of Loaded
        One for IE and one for EA.
    settings : Screen
        Cell, reference and thresholds.
    out : Path
        Holds `report.html`, `candidates.csv`, `candidates.sdf`, `all.parquet` (every row with
        its status) and `summary.json` afterwards; replaced as a whole.

    Returns
    -------
    dict
        What `summary.json` holds.

    Raises
    ------
    UsageError
        If solvent or collector is unknown.
    """
    limits = window(settings.solvent, settings.collector)
    margins = {model.registered.target: model.margin for model in models}
    rule = Rule(
        limits,
        settings.absolute_li,
        margins["IE"],
        margins["EA"],
        settings.positive_above,
        settings.negative_below,
    )
    # Opened first, so that a folder that cannot be written is noticed before the work.
    with replacing_folder(out, FILES) as folder:
        with bar("screen", len(library), "molecules") as progress:
            predicted = predict(
                [one.model for one in models], library["smiles"].tolist(), on_chunk=progress.advance
            )
        predicted.insert(0, "row", range(len(library)))
        predicted.insert(1, "id", library["id"].to_numpy())
        predicted["status"] = _mark_repeats(predicted)
        table = decide(predicted, rule)
        summary = _summary(table, name, rule, models, settings)
        html = render(table, rule, models, summary, settings.top)
        (folder / "report.html").write_text(html, encoding="utf-8")
        candidates = _candidates(table, rule)
        candidates.to_csv(folder / "candidates.csv", index=False, float_format="%.4f")
        _write_sdf(candidates, folder / "candidates.sdf")
        write_table(table[COLUMNS], folder / "all.parquet")
        write_json(folder / "summary.json", summary)
    return summary


def _mark_repeats(table: pd.DataFrame) -> list[str]:
    """Let only the first row of each structure be a candidate; the others name it."""
    first: dict[str, int] = {}
    status = []
    for row, smiles, state in table[["row", "smiles", "status"]].itertuples(index=False):
        if state == "ok":
            known = first.setdefault(flat_smiles(Chem.MolFromSmiles(smiles)), row)
            status.append("ok" if known == row else f"repeat of row {known}")
        else:
            status.append(state)
    return status


def _candidates(table: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    parts = []
    for electrode, column, margin in zip(
        ELECTRODES, ("E_ox", "E_red"), (rule.margin_ox, rule.margin_red), strict=True
    ):
        chosen = table[table[electrode]].sort_values(f"rank_{electrode}")
        parts.append(
            pd.DataFrame(
                {
                    "electrode": electrode,
                    "rank": chosen[f"rank_{electrode}"],
                    "row": chosen["row"],
                    "id": chosen["id"],
                    "smiles": chosen["smiles"],
                    "potential_V_vs_Li": chosen[column],
                    "error_bar_V": margin,
                    "IE_eV": chosen["IE"],
                    "EA_eV": chosen["EA"],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _write_sdf(candidates: pd.DataFrame, path: Path) -> None:
    writer = Chem.SDWriter(str(path))
    for record in candidates.to_dict("records"):
        molecule = Chem.MolFromSmiles(record["smiles"])
        rdDepictor.Compute2DCoords(molecule)
        molecule.SetProp("_Name", str(record["id"]).replace("\n", " "))
        for key, value in record.items():
            shown = f"{value:.4f}" if isinstance(value, float) else str(value)
            molecule.SetProp(str(key), shown.replace("\n", " "))
        writer.write(molecule)
    writer.close()


def _summary(
    table: pd.DataFrame, name: str, rule: Rule, models: Sequence[Loaded], settings: Screen
) -> dict[str, Any]:
    kinds = Counter(
        "repeat of an earlier row" if state.startswith("repeat of row") else state
        for state in table["status"]
    )
    return {
        "library": name,
        "rows": len(table),
        "status": dict(kinds.most_common()),
        "candidates": {electrode: int(table[electrode].sum()) for electrode in ELECTRODES},
        "solvent": settings.solvent,
        "collector": settings.collector,
        "absolute_li_V": rule.absolute_li,
        "window_V_vs_Li": [rule.window.low.volts, rule.window.high.volts],
        "usable_V_vs_Li": [round(rule.lowest, 4), round(rule.highest, 4)],
        "error_bar_V": {"E_ox": rule.margin_ox, "E_red": rule.margin_red},
        "positive_above_V": rule.positive_above,
        "negative_below_V": rule.negative_below,
        "models": [
            {"name": m.registered.name, "version": m.registered.version,
             "data_sha256": m.registered.data_sha256}
            for m in models
        ],
    }  # fmt: skip
