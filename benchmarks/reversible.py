"""Rules and probabilities of stability against reversibility as it was seen.

    python benchmarks/reversible.py [--measured FILE] [--literature FILE] [--ions FILE]
        [--out FILE]

The couples are those of the measured potentials, and those of which the literature says whether
they are reversible (`organode.electrochemistry.stability.couples`). Probabilities are those of
families left out, each in turn. The rules were written with the couples in view, so that their own
figures flatter them: at first sight of the literature's, before any was corrected, the area under
the tiers' curve was 0.853, 20 % of the reversible couples were fatal and 2 % of the irreversible
ones fine.

Shares are also given without couples that returned only within milliseconds or were not seen by
voltammetry, by the remark of their row: no cell works that fast.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from time import perf_counter
from typing import Any

import pandas as pd
from rdkit import Chem

from organode.electrochemistry.stability import FATAL, FINE, OXIDISED, REDUCED, verdict
from organode.electrochemistry.stability.chance import Stability, accuracy_of
from organode.electrochemistry.stability.couples import read_couples
from organode.electrochemistry.stability.relaxed_ions import RelaxedIons
from organode.electrochemistry.stability.signals import Signals
from organode.label.ions.table import read_ions

BARS = {"fatal_of_reversible": 0.03, "fine_of_irreversible": 0.15}
AUC = 0.90
REPEATS = 5


def with_verdicts(found: pd.DataFrame) -> pd.DataFrame:
    """Return couples with what the rules say: `tier` and `reason`."""
    said = [
        verdict(Chem.MolFromSmiles(smiles), side)
        for smiles, side in found[["smiles", "side"]].itertuples(index=False)
    ]
    reasons = [", ".join(one.rules) or one.core or "no stable core" for one in said]
    return found.assign(tier=[one.tier for one in said], reason=reasons)


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
    parser.add_argument("--literature", type=Path, default=Path("data/measured/reversibility.csv"))
    parser.add_argument("--ions", type=Path, default=Path("data/embedded/ions.parquet"))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/reversible.json"))
    options = parser.parse_args()
    signals = Signals.fit(RelaxedIons.of(read_ions(options.ions)))
    fitted = Stability.fit(read_couples(options.measured, options.literature), signals).couples
    found = with_verdicts(fitted)
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
        "by_origin": {origin: shares(part) for origin, part in found.groupby("origin")},
        "chances": accuracy_of(fitted),
        "chances_by_side": {side: accuracy_of(part) for side, part in fitted.groupby("side")},
        "chances_by_origin": {
            origin: accuracy_of(part) for origin, part in fitted.groupby("origin")
        },
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
            **result["by_origin"],
            **by_family,
        },
        orient="index",
    )
    print(table.to_string(na_rep="-"))
    print("\nOffenders")
    print(wrong.to_string(index=False))
    print(f"\n{result['microseconds_a_verdict']} µs a verdict")
    chances = {
        "all": result["chances"],
        **result["chances_by_side"],
        **result["chances_by_origin"],
    }
    print("\nProbabilities, families left out")
    print(pd.DataFrame.from_dict(chances, orient="index").to_string(na_rep="-"))
    met = "met" if result["chances"]["auc"] >= AUC else "not met"
    print(f"area under the curve: {result['chances']['auc']:.3f}, bar {AUC} {met}")
    for name, bar in BARS.items():
        for rows in ("all", "usual_rates"):
            met = "met" if result[rows][name] <= bar else "not met"
            print(f"{name}, {rows}: {result[rows][name]:.3f}, bar {bar} {met}")


if __name__ == "__main__":
    main()
