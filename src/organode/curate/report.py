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
    """Return the numbers of rows and the other results of a curation, as a dict ready for JSON.

    Returns
    -------
    dict
        Numbers of rows: `source_rows`, `clean`, `merged`, `rejected`, `with_label` (clean rows that
        have a label, for each of IE and EA), `reasons` (rejected rows, by reason), `repairs`
        (source rows, by the rule that repaired their structure), `flagged` and `flags` (clean rows
        with a quality flag, in total and by flag). `reference`: result of the detection of each
        row's energy reference (vacuum or Li/Li⁺), with energies in eV; a number that was not
        determined is None. `noise`: for each kind of pair of rows with the same molecule and each
        target (such as ``stereo IE``), the number of `pairs` and the `floor`, the MAE of a perfect
        model in eV.
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
    """Return the report as HTML, in which texts from the source table are escaped.

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
    """Count the entries, separated by ``; ``, of all texts; return frequent entries first."""
    single = texts.str.split("; ").explode()
    count = single[single != ""].value_counts()
    return {str(name): int(n) for name, n in sorted(count.items(), key=lambda x: (-x[1], x[0]))}


def _reason_kind(reason: str) -> str:
    """Cut a reason for rejection before the first detail, such as an energy, that varies by row."""
    for sign in (":", " by ", " (", " '"):
        reason = reason.partition(sign)[0]
    return reason


def _flag_kinds(quality: str) -> str:
    """Return a row's quality flags without their numbers, such as energies; each flag once."""
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
    """Return start and end (exclusive) of each run of equal consecutive values in `li`."""
    edges = np.flatnonzero(np.diff(li.astype(int))) + 1
    starts = [0, *edges.tolist()]
    return list(zip(starts, [*edges.tolist(), len(li)], strict=True))


def _prevailing(li: np.ndarray) -> np.ndarray:
    """Return the energy reference of each row's block; True means Li/Li⁺, False the vacuum.

    `li` has the energy reference of each row itself. A block is a run of consecutive rows with the
    same reference. A run of fewer than `MIN_ROWS` / 3 rows with another reference does not end a
    block: these rows are strays within the block.
    """
    blocks = li.copy()
    for start, end in _runs(li):
        if end - start < MIN_ROWS / 3 and start > 0 and end < len(li):
            blocks[start:end] = blocks[start - 1]
    return blocks


def _blocks(curated: Curated) -> list[dict[str, Any]]:
    """List the first `MAX_LISTED` blocks of consecutive rows with the same energy reference.

    The energy reference, vacuum or Li/Li⁺, is the zero of a row's energies.
    """
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
    """List rows whose energy reference (vacuum or Li/Li⁺) differs from that of the rows around."""
    li = curated.references.li
    return _listed(curated.rows[li != _prevailing(li)])


def _doubtful(curated: Curated) -> list[dict[str, Any]]:
    """List rows whose energy reference (vacuum or Li/Li⁺) is in doubt, most doubtful rows first."""
    doubt = curated.rows[curated.rows["reference_confidence"] < CERTAIN]
    return _listed(doubt.sort_values("reference_confidence"))


def _flagged(curated: Curated) -> list[dict[str, Any]]:
    """List accepted rows with a quality flag, rows with the largest prediction error first."""
    rows = curated.rows[(curated.rows["reason"] == "") & (curated.rows["quality"] != OK_QUALITY)]
    far = rows[["residual_after_IE", "residual_after_EA"]].abs().max(axis=1).fillna(0)
    return _listed(rows.loc[far.sort_values(ascending=False, kind="stable").index])


def _listed(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the first `MAX_LISTED` rows as dicts, one for each row, for a table of the report."""
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
    """Return each rule that repaired structures, with its number of rows and example pictures."""
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
    """Return each reason for rejecting rows, with the number of rows and up to three examples."""
    kinds = curated.rejected["reason"].map(_reason_kind)
    return [
        {
            "reason": kind,
            "count": count,
            "examples": curated.rejected[kinds == kind].head(3).to_dict("records"),
        }
        for kind, count in _counts(kinds).items()
    ]
