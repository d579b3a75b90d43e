"""Rules on stability against measured reversibility.

    python benchmarks/reversible.py [--measured FILE] [--out FILE]

A first wave is one couple of one molecule: of a species of charge q its oxidation is q + 1/q and
its reduction q/q − 1. Rows of cells and rows that were not re-read stay out. A couple that several
rows measured counts once, as reversible if any of them saw it return. Shares are also given without
couples that returned only within milliseconds or were not seen by voltammetry, by the remark of
their row: no cell works that fast.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from time import perf_counter
from typing import Any

import pandas as pd
from rdkit import Chem

from organode.chem import MoleculeError, structure
from organode.electrochemistry.measured import CELL, UNSEEN, read_measured
from organode.electrochemistry.stability import FATAL, FINE, OXIDISED, REDUCED, verdict

BARS = {"fatal_of_reversible": 0.03, "fine_of_irreversible": 0.15}
RETURNS = {"yes": True, "quasi": True, "no": False}
FAST = "reversible only at|not voltammetry"  # remarks
REPEATS = 5


def couples(table: pd.DataFrame) -> pd.DataFrame:
    """Return first waves whose reversibility was stated, with what the rules say.

    Returns
    -------
    pandas.DataFrame
        Columns `name`, `smiles`, `family`, `side`, `reversible`, `fast`, `tier`, `reason`.
    """
    chosen = (table["kind"] != CELL) & (table["evidence"] != UNSEEN)
    chosen &= table["reversible"].isin(RETURNS)
    rows = []
    for row in table[chosen].to_dict("records"):
        molecule = _molecule(row["smiles"])
        charge = Chem.GetFormalCharge(molecule)
        oxidised, reduced = (int(text) for text in row["couple"].split("/"))
        if charge not in (oxidised, reduced) or oxidised - reduced != 1:
            continue  # a second wave, or the average of two electrons
        side = OXIDISED if charge == reduced else REDUCED
        said = verdict(molecule, side)
        rows.append({
            "name": row["name"], "smiles": Chem.MolToSmiles(molecule), "family": row["family"],
            "side": side, "reversible": RETURNS[row["reversible"]],
            "fast": bool(re.search(FAST, row["remark"])), "tier": said.tier,
            "reason": ", ".join(said.rules) or said.core or "no stable core",
        })  # fmt: skip
    found = pd.DataFrame(rows).sort_values("reversible", ascending=False, kind="stable")
    return found.drop_duplicates(["smiles", "side"]).sort_index().reset_index(drop=True)


def _molecule(smiles: str) -> Chem.Mol:
    try:
        return structure(smiles)[0]
    except MoleculeError:
        return Chem.MolFromSmiles(smiles)  # iodine, which models do not cover: rules do


def shares(found: pd.DataFrame) -> dict[str, Any]:
    """Return how many couples there are, and the shares that the bars are about."""
    yes, no = found[found["reversible"]], found[~found["reversible"]]

    def share(of: pd.DataFrame, tier: str) -> float | None:
        return round(float((of["tier"] == tier).mean()), 4) if len(of) else None

    return {
        "reversible": len(yes),
        "fatal_of_reversible": share(yes, FATAL),
        "fine_of_reversible": share(yes, FINE),
        "irreversible": len(no),
        "fine_of_irreversible": share(no, FINE),
        "fatal_of_irreversible": share(no, FATAL),
    }


def offenders(found: pd.DataFrame) -> pd.DataFrame:
    """Return reversible couples called fatal and irreversible ones called fine."""
    wrong = found["reversible"] & (found["tier"] == FATAL)
    wrong |= ~found["reversible"] & (found["tier"] == FINE)
    return found[wrong]


def microseconds(smiles: list[str]) -> float:
    """Return how long a verdict takes, the fastest of some repeats."""
    molecules = [Chem.MolFromSmiles(text) for text in smiles]
    times = []
    for _ in range(REPEATS):
        start = perf_counter()
        for molecule in molecules:
            verdict(molecule, OXIDISED)
            verdict(molecule, REDUCED)
        times.append(perf_counter() - start)
    return round(min(times) / (2 * len(molecules)) * 1e6, 1)


def main() -> None:
    """Compare, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--measured", type=Path, default=Path("data/measured/potentials.csv"))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/reversible.json"))
    options = parser.parse_args()
    found = couples(read_measured(options.measured))
    wrong = offenders(found)
    by_family = {
        f"{side}, {family}": shares(part)
        for (side, family), part in found.groupby(["side", "family"])
    }
    result = {
        "bars": BARS,
        "all": shares(found),
        "usual_rates": shares(found[~found["fast"]]),
        "by_side": {side: shares(part) for side, part in found.groupby("side")},
        "by_family": by_family,
        "offenders": wrong.to_dict("records"),
        "microseconds_a_verdict": microseconds(found["smiles"].unique().tolist()),
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    table = pd.DataFrame.from_dict(
        {
            "all": result["all"],
            "usual rates": result["usual_rates"],
            **result["by_side"],
            **by_family,
        },
        orient="index",
    )
    print(table.to_string(na_rep="-"))
    print("\nOffenders")
    print(wrong.to_string(index=False))
    print(f"\n{result['microseconds_a_verdict']} µs a verdict")
    for name, bar in BARS.items():
        for rows in ("all", "usual_rates"):
            met = "met" if result[rows][name] <= bar else "not met"
            print(f"{name}, {rows}: {result[rows][name]:.3f}, bar {bar} {met}")


if __name__ == "__main__":
    main()
