"""HTML report of a curation: counts of rows, evidence for energy references, example rows."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from organode.artifacts import OK_QUALITY, TARGETS
from organode.chem.drawing import draw
from organode.curate.outliers import CERTAIN
from organode.curate.reference.detect import CONVENTIONS
from organode.curate.reference.shift import MIN_ROWS
from organode.curate.table import Curated
from organode.utils.report import html

N_EXAMPLES = 4  # pictures for each repair rule
MAX_LISTED = 40  # rows of a table of the report


def summary(curated: Curated) -> dict[str, Any]:
    """Return the numbers of a curation, ready for JSON.

    Returns
    -------
    dict
        Numbers of rows: `source_rows`, `clean`, `merged`, `rejected`, `with_label` (clean rows, by
        target), `reasons` (rejected rows, by reason), `repairs` (source rows, by repair rule),
        `flagged` and `flags` (clean rows with a quality flag, in total and by flag). `reference`:
        result of the detection of energy references, in eV, None for what was not determined.
        `noise`: by kind of pair and target (such as ``stereo IE``), the number of `pairs` and the
        `floor`, the MAE of a perfect model in eV.
    """
    references = curated.references
    repairs = _counts(curated.rows["repair"])
    flags = _counts(curated.clean["quality"].map(_flag_kinds))
    flags.pop(OK_QUALITY, None)
    return {
        "source_rows": len(curated.rows),
        "clean": len(curated.clean),
        "merged": len(curated.merged),
        "rejected": len(curated.rejected),
        "with_label": {t: int(curated.clean[t].notna().sum()) for t in TARGETS},
        "reasons": _counts(curated.rejected["reason"].map(_reason_kind)),
        "repairs": repairs,
        "flagged": int((curated.clean["quality"] != OK_QUALITY).sum()),
        "flags": flags,
        "reference": {
            "verdict": references.verdict,
            "li_rows": int(references.li.sum()),
            "shift": _number(references.shift),
            "shift_error": _number(references.shift_error),
            "shift_IE": _number(references.by_target[0]),
            "shift_EA": _number(references.by_target[1]),
            "added": _number(references.applied),
            "level": _number(references.level),
            "doubtful_rows": int((references.confidence < CERTAIN).sum()),
            "scale": references.scale,
        },
        "noise": {
            f"{line['kind']} {line['target']}": {
                "pairs": int(line["pairs"]),
                "floor": round(float(line["floor"]), 4),
            }
            for line in curated.noise.to_dict("records")
        },
    }


def render(curated: Curated, numbers: dict[str, Any], figures: list[Path]) -> str:
    """Return the report's HTML; every text from the input is escaped.

    Parameters
    ----------
    curated : Curated
        Tables and energy references of the curation.
    numbers : dict
        The result of `summary`.
    figures : list of Path
        PNG files to embed.
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
    """Round a number to four decimals for JSON; return None for NaN, which JSON does not have."""
    return None if np.isnan(value) else round(float(value), 4)


def _counts(texts: pd.Series) -> dict[str, int]:
    """Count the entries of texts such as ``"a; b"``; return the most frequent entry first."""
    single = texts.str.split("; ").explode()
    count = single[single != ""].value_counts()
    return {str(name): int(n) for name, n in sorted(count.items(), key=lambda x: (-x[1], x[0]))}


def _reason_kind(reason: str) -> str:
    """Return a reason for rejection without the values that differ from row to row."""
    for sign in (":", " by ", " (", " '"):
        reason = reason.partition(sign)[0]
    return reason


def _flag_kinds(quality: str) -> str:
    """Return a row's quality flags without the numbers that differ from row to row."""
    kinds = []
    for flag in quality.split("; "):
        if " eV " in flag:
            quantity = "(IE + EA)/2" if flag.startswith("(") else flag.split()[0]
            against = "xTB" if flag.endswith("xTB") else "the cross-validated model"
            kinds.append(f"{quantity} grossly off {against}")
        else:
            kinds.append(flag.partition(" (")[0])
    return "; ".join(dict.fromkeys(kinds))


def _runs(li: np.ndarray) -> list[tuple[int, int]]:
    """Return start and end (exclusive) of each run of equal consecutive values."""
    edges = np.flatnonzero(np.diff(li.astype(int))) + 1
    starts = [0, *edges.tolist()]
    return list(zip(starts, [*edges.tolist(), len(li)], strict=True))


def _prevailing(li: np.ndarray) -> np.ndarray:
    """Return the energy reference of each row's block; True means Li/Li⁺.

    A run of fewer than `MIN_ROWS` / 3 rows with another reference does not end a block: its rows
    are strays.
    """
    blocks = li.copy()
    for start, end in _runs(li):
        if end - start < MIN_ROWS / 3 and start > 0 and end < len(li):
            blocks[start:end] = blocks[start - 1]
    return blocks


def _blocks(curated: Curated) -> list[dict[str, Any]]:
    """Return blocks of consecutive rows with the same energy reference, in the source's order."""
    li = curated.references.li
    prevailing = _prevailing(li)
    row = curated.rows["row"].to_numpy()
    return [
        {
            "first": int(row[start]),
            "last": int(row[end - 1]),
            "rows": end - start,
            "reference": "Li/Li⁺" if prevailing[start] else "absolute",
            "strays": int((li[start:end] != prevailing[start]).sum()),
        }
        for start, end in _runs(prevailing)
    ][:MAX_LISTED]


def _strays(curated: Curated) -> list[dict[str, Any]]:
    """Return rows whose energy reference differs from that of the block around them."""
    li = curated.references.li
    return _listed(curated.rows[li != _prevailing(li)])


def _doubtful(curated: Curated) -> list[dict[str, Any]]:
    """Return rows whose energy reference is in doubt, those with the least confidence first."""
    doubt = curated.rows[curated.rows["reference_confidence"] < CERTAIN]
    return _listed(doubt.sort_values("reference_confidence"))


def _flagged(curated: Curated) -> list[dict[str, Any]]:
    """Return accepted rows with a quality flag, those with the largest residual first."""
    rows = curated.rows[(curated.rows["reason"] == "") & (curated.rows["quality"] != OK_QUALITY)]
    far = rows[["residual_after_IE", "residual_after_EA"]].abs().max(axis=1).fillna(0)
    return _listed(rows.loc[far.sort_values(ascending=False, kind="stable").index])


def _listed(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the first `MAX_LISTED` rows, a dict for each, for a table of the report."""
    return [
        {
            "row": row["row"],
            "input": row["input"],
            "IE": row["raw_IE"],
            "EA": row["raw_EA"],
            "reference": "Li/Li⁺" if row["reference"] == "li" else "absolute",
            "confidence": row["reference_confidence"],
            "residual_IE": row["residual_IE"],
            "residual_EA": row["residual_EA"],
            "quality": row["reason"] or row["quality"],
        }
        for row in rows.head(MAX_LISTED).to_dict("records")
    ]


def _repairs(curated: Curated) -> list[dict[str, Any]]:
    """Return each repair rule with its number of rows and pictures of examples."""
    rows = curated.rows
    repairs = []
    for rule, count in _counts(rows["repair"]).items():
        chosen = rows[rows["repair"].str.split("; ").map(lambda texts, rule=rule: rule in texts)]
        simple = chosen.loc[chosen["input"].str.len().sort_values(kind="stable").index]
        examples = simple.iloc[:: max(1, len(simple) // (4 * N_EXAMPLES))].head(N_EXAMPLES)
        pictures = [
            {
                "row": row["row"],
                "before": row["input"],
                "after": row["smiles"] or row["reason"],
                "picture_before": draw(row["input"]),
                "picture_after": draw(row["smiles"]),
            }
            for row in examples.to_dict("records")
        ]
        repairs.append({"rule": rule, "count": count, "examples": pictures})
    return repairs


def _rejected(curated: Curated) -> list[dict[str, Any]]:
    """Return each reason for a rejection with its number of rows and three example rows."""
    kinds = curated.rejected["reason"].map(_reason_kind)
    return [
        {
            "reason": kind,
            "count": count,
            "examples": curated.rejected[kinds == kind].head(3).to_dict("records"),
        }
        for kind, count in _counts(kinds).items()
    ]
