"""What curation did, for a chemist to read: counts, evidence, examples."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from organode.artifacts import OK_QUALITY, TARGETS
from organode.chem.drawing import draw
from organode.curate.outliers import SURE
from organode.curate.reference import CONVENTIONS, FEWEST_ROWS
from organode.curate.table import Curated
from organode.utils.report import html

EXAMPLES = 4
MOST_LISTED = 40


def summary(curated: Curated) -> dict[str, Any]:
    """Return the numbers of a curation, fit for JSON."""
    references = curated.references
    repairs = _counts(curated.rows["repair"])
    quality = _counts(curated.clean["quality"].map(_kinds))
    quality.pop(OK_QUALITY, None)
    return {
        "source_rows": len(curated.rows),
        "clean": len(curated.clean),
        "merged": len(curated.merged),
        "rejected": len(curated.rejected),
        "with_label": {t: int(curated.clean[t].notna().sum()) for t in TARGETS},
        "reasons": _counts(curated.rejected["reason"].map(_kind)),
        "repairs": repairs,
        "flagged": int((curated.clean["quality"] != OK_QUALITY).sum()),
        "flags": quality,
        "reference": {
            "verdict": references.verdict,
            "li_rows": int(references.li.sum()),
            "shift": _number(references.shift),
            "shift_error": _number(references.shift_error),
            "shift_IE": _number(references.by_target[0]),
            "shift_EA": _number(references.by_target[1]),
            "added": _number(references.applied),
            "level": _number(references.level),
            "doubtful_rows": int((references.confidence < SURE).sum()),
            "scale": references.scale,
        },
        "noise": {
            f"{one['kind']} {one['target']}": {
                "pairs": int(one["pairs"]),
                "floor": round(float(one["floor"]), 4),
            }
            for one in curated.noise.to_dict("records")
        },
    }


def render(curated: Curated, numbers: dict[str, Any], figures: list[Path]) -> str:
    """Return the report's HTML; every text from the input is escaped.

    Parameters
    ----------
    curated : Curated
        The tables.
    numbers : dict
        What `summary` returned.
    figures : list of Path
        PNG files to show.
    """
    return html.render(
        "organode.curate",
        summary=numbers,
        references=curated.references,
        conventions=CONVENTIONS,
        figures=[base64.b64encode(path.read_bytes()).decode() for path in figures],
        blocks=_blocks(curated),
        strays=_strays(curated),
        doubtful=_doubtful(curated),
        repairs=_repairs(curated),
        rejected=_rejected(curated),
        flagged=_flagged(curated),
        noise=curated.noise.to_dict("records"),
    )


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)


def _counts(texts: pd.Series) -> dict[str, int]:
    """Count what stands in texts, several separated by semicolons; the most frequent first."""
    single = texts.str.split("; ").explode()
    count = single[single != ""].value_counts()
    return {str(name): int(n) for name, n in sorted(count.items(), key=lambda x: (-x[1], x[0]))}


def _kind(reason: str) -> str:
    """Return a reason without the numbers that differ from row to row."""
    for sign in (":", " by ", " (", " '"):
        reason = reason.partition(sign)[0]
    return reason


def _kinds(quality: str) -> str:
    """Return a row's flags without their numbers."""
    kinds = []
    for flag in quality.split("; "):
        if " eV " in flag:
            what = "(IE + EA)/2" if flag.startswith("(") else flag.split()[0]
            against = "xTB" if flag.endswith("xTB") else "the cross-validated model"
            kinds.append(f"{what} grossly off {against}")
        else:
            kinds.append(flag.partition(" (")[0])
    return "; ".join(dict.fromkeys(kinds))


def _runs(li: np.ndarray) -> list[tuple[int, int]]:
    """Return first and one past last position of each run of equal values."""
    edges = np.flatnonzero(np.diff(li.astype(int))) + 1
    starts = [0, *edges.tolist()]
    return list(zip(starts, [*edges.tolist(), len(li)], strict=True))


def _prevailing(li: np.ndarray) -> np.ndarray:
    """Return the reference of the block that each row lies in: short runs are strays in it."""
    whole = li.copy()
    for start, end in _runs(li):
        if end - start < FEWEST_ROWS / 3 and start > 0 and end < len(li):
            whole[start:end] = whole[start - 1]
    return whole


def _blocks(curated: Curated) -> list[dict[str, Any]]:
    """Return the long runs of one reference in the source's order."""
    li = curated.references.li
    whole = _prevailing(li)
    row = curated.rows["row"].to_numpy()
    return [
        {
            "first": int(row[start]),
            "last": int(row[end - 1]),
            "rows": end - start,
            "reference": "Li/Li⁺" if whole[start] else "absolute",
            "strays": int((li[start:end] != whole[start]).sum()),
        }
        for start, end in _runs(whole)
    ][:MOST_LISTED]


def _strays(curated: Curated) -> list[dict[str, Any]]:
    """Return rows whose reference is not that of the rows around them."""
    li = curated.references.li
    return _listed(curated.rows[li != _prevailing(li)])


def _doubtful(curated: Curated) -> list[dict[str, Any]]:
    doubt = curated.rows[curated.rows["reference_confidence"] < SURE]
    return _listed(doubt.sort_values("reference_confidence"))


def _flagged(curated: Curated) -> list[dict[str, Any]]:
    rows = curated.rows[(curated.rows["reason"] == "") & (curated.rows["quality"] != OK_QUALITY)]
    far = rows[["left_after_IE", "left_after_EA"]].abs().max(axis=1).fillna(0)
    return _listed(rows.loc[far.sort_values(ascending=False, kind="stable").index])


def _listed(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "row": row["row"],
            "input": row["input"],
            "IE": row["raw_IE"],
            "EA": row["raw_EA"],
            "reference": "Li/Li⁺" if row["reference"] == "li" else "absolute",
            "confidence": row["reference_confidence"],
            "left_IE": row["left_IE"],
            "left_EA": row["left_EA"],
            "quality": row["reason"] or row["quality"],
        }
        for row in rows.head(MOST_LISTED).to_dict("records")
    ]


def _repairs(curated: Curated) -> list[dict[str, Any]]:
    """Return each rule with its count and drawn examples."""
    rows = curated.rows
    found = []
    for rule, count in _counts(rows["repair"]).items():
        chosen = rows[rows["repair"].str.split("; ").map(lambda texts, rule=rule: rule in texts)]
        simple = chosen.loc[chosen["input"].str.len().sort_values(kind="stable").index]
        examples = simple.iloc[:: max(1, len(simple) // (4 * EXAMPLES))].head(EXAMPLES)
        found.append({
            "rule": rule,
            "count": count,
            "examples": [
                {
                    "row": row["row"], "before": row["input"],
                    "after": row["smiles"] or row["reason"],
                    "picture_before": draw(row["input"]),
                    "picture_after": draw(row["smiles"]),
                }
                for row in examples.to_dict("records")
            ],
        })  # fmt: skip
    return found


def _rejected(curated: Curated) -> list[dict[str, Any]]:
    kinds = curated.rejected["reason"].map(_kind)
    return [
        {
            "reason": kind,
            "count": count,
            "examples": curated.rejected[kinds == kind].head(3).to_dict("records"),
        }
        for kind, count in _counts(kinds).items()
    ]
