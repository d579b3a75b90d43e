"""HTML report of a campaign: what was bought, what it changed, and what to measure next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from organode.chem.drawing import draw
from organode.improve.pool import Pool
from organode.improve.state import Decision, State
from organode.utils.report import html

MOST_SHOWN = 24  # molecules of each kind with a picture
IN_DOUBT = (0.1, 0.9)  # probabilities between which a decision hangs on uncertainty
LIKELY = 0.3  # least probability that the ion is stable, of molecules to measure


def to_measure(state: State, pool: Pool) -> pd.DataFrame:
    """Return the molecules whose decision hangs on the laboratory scale, not on the energy.

    A decision is in doubt if the probability to be inside the window is neither low nor high; it
    hangs on the scale if the scale's share of the variance is larger than the energy's. A
    voltammogram of such a molecule decides more than any further label.

    Returns
    -------
    pandas.DataFrame
        Columns `role`, `id`, `smiles`, `volts`, `P_inside`, `of_scale` (share of the variance, 0 to
        1) and `gain`, by how much a measurement raises the chance to decide right; sorted by gain.
    """
    tables = []
    for role, decision in state.decisions.items():
        inside, share = decision.inside, of_scale(decision)
        chosen = np.flatnonzero(
            (inside > IN_DOUBT[0]) & (inside < IN_DOUBT[1]) & (share > 0.5)
            & (decision.weight > LIKELY)
        )  # fmt: skip
        tables.append(
            pd.DataFrame(
                {
                    "role": role,
                    "id": [pool.ids[row] for row in chosen],
                    "smiles": [pool.smiles[row] for row in chosen],
                    "volts": decision.volts[chosen],
                    "P_inside": inside[chosen],
                    "of_scale": share[chosen],
                    "gain": (decision.weight * np.minimum(inside, 1 - inside))[chosen],
                }
            )
        )
    table = pd.concat(tables, ignore_index=True)
    return table.sort_values("gain", ascending=False, ignore_index=True, kind="stable")


def of_scale(decision: Decision) -> np.ndarray:
    """Return the share of the variance of each potential that comes from the laboratory scale."""
    scale, model = np.square(decision.scale), np.square(decision.model)
    return np.asarray(scale / (scale + model))


def render(
    rounds: Sequence[Mapping[str, Any]],
    labels: pd.DataFrame,
    state: State,
    pool: Pool,
    rule: str,
    proposed: bool,
) -> str:
    """Return the report as HTML.

    Parameters
    ----------
    rounds : sequence of mapping
        Summaries of the rounds, from round 0.
    labels : pandas.DataFrame
        All labels.
    state : State
        What is known after the last round.
    pool : Pool
        The molecules on which was decided.
    rule : str
        The rule by which labels were chosen.
    proposed : bool
        Whether a model is proposed.
    """
    measure = to_measure(state, pool)
    surprises = _surprises(labels)
    return html.render(
        "organode.improve",
        rounds=rounds,
        last=rounds[-1],
        rule=rule,
        proposed=proposed,
        molecules=pool.n,
        bought=sum(sum(each["bought"].values()) for each in rounds[1:]),
        cpu_hours=sum(each["cpu_seconds"] for each in rounds) / 3600,
        hours=rounds[-1]["spent_seconds"] / 3600,
        measure=[_card(row) for row in measure.head(MOST_SHOWN).to_dict("records")],
        n_measure=len(measure),
        surprises=[_card(row) for row in surprises.to_dict("records")],
        joined=_changed(rounds, "joined"),
        left=_changed(rounds, "left"),
    )


def _card(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {**row, "picture": draw(row["smiles"])}


def _surprises(labels: pd.DataFrame) -> pd.DataFrame:
    """Return the labels that were furthest from their predictions."""
    found = []
    for target in ("IE", "EA"):
        rows = labels[labels[target].notna() & labels[f"{target}_predicted"].notna()]
        found.append(
            pd.DataFrame(
                {
                    "smiles": rows["smiles"],
                    "target": target,
                    "label": rows[target],
                    "predicted": rows[f"{target}_predicted"],
                    "level": rows["level"],
                    "off": (rows[target] - rows[f"{target}_predicted"]).abs(),
                }
            )
        )
    table = pd.concat(found, ignore_index=True)
    return table.sort_values("off", ascending=False, kind="stable").head(MOST_SHOWN // 2)


def _changed(rounds: Sequence[Mapping[str, Any]], what: str) -> list[dict[str, Any]]:
    """Return the molecules that joined or left the lists, `what`, with role and round."""
    rows = [
        {"smiles": smiles, "role": role, "round": each["round"]}
        for each in rounds
        for role, of_role in each["list"].items()
        for smiles in of_role[what]
    ]
    return [_card(row) for row in rows[-MOST_SHOWN:]]
