"""The report: one HTML file that opens offline, made to be read by a chemist."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.resources import files
from typing import Any

import pandas as pd
from markupsafe import Markup

from organode.chem.drawing import draw
from organode.electrochemistry import solvent
from organode.electrochemistry.cells import CELLS, ROLES, P
from organode.electrochemistry.scale.gaussian_process import HOME
from organode.electrochemistry.stability import FINE
from organode.electrochemistry.stability.chance import Stability
from organode.screen.criteria.decide import POTENTIALS, SECOND, TARGETS, Rule
from organode.screen.criteria.lasting import ORDER
from organode.screen.criteria.measured import Known
from organode.screen.criteria.properties import COLUMNS
from organode.screen.engine.chunk import Aim
from organode.screen.report.potential_map import draw_list, draw_map, draw_plane
from organode.screen.shortlist.merge import Merged, refused
from organode.settings import Screen
from organode.tracking.registry.versions import Loaded
from organode.utils import html

LONGEST = 60  # characters of a cell of the library's own columns
IN_TABLE = 500  # candidates of each role that the report lists, beside those that are drawn
DRAWN = 40  # reasons whose examples are drawn


def render(
    candidates: Mapping[str, pd.DataFrame],
    measured: Mapping[str, Known],
    pairs: pd.DataFrame | None,
    verified: pd.DataFrame | None,
    merged: Merged,
    aim: Aim,
    models: Sequence[Loaded],
    stability: Loaded[Stability] | None,
    summary: dict[str, Any],
    settings: Screen,
) -> str:
    """Return the report's HTML; every text from the input is escaped.

    Parameters
    ----------
    candidates : mapping of str to pandas.DataFrame
        Of each listed role, as `ranked` returns them.
    measured : mapping of str to Known
        Of each target, the molecules whose potential was measured.
    pairs : pandas.DataFrame or None
        As `best_pairs` returns them, of cells that have them.
    verified : pandas.DataFrame or None
        As `verify` returns them.
    merged : Merged
        Counts of the whole library.
    aim : Aim
        How it was decided.
    models : sequence of Loaded
        The models that predicted.
    stability : Loaded or None
        The one that said which ions last.
    summary : dict
        What `summary.json` holds.
    settings : Screen
        Cell and thresholds.
    """
    rule, liquid = aim.rule, solvent(settings)
    reference = superscript(rule.window.reference)
    unit = f"V vs {reference} in {liquid.title}"
    sections = []
    for role in rule.listed:
        does = ROLES if rule.together else (role,)
        listed = [_entry(row, does, merged.own) for row in candidates[role].to_dict("records")]
        picked = sorted((one for one in listed if one["pick"]), key=lambda one: one["pick"])
        shown = [one for at, one in enumerate(listed) if at < IN_TABLE or one["pick"]]
        for one in picked:
            one["picture"] = draw(one["structure"])
        sections.append({
            "role": role,
            "name": rule.named(role),
            "title": _title(rule, role),
            "form": _form(does),
            "heads": _heads(does, unit),
            "task": rule.tasks[role],
            # Our own drawings; their texts are escaped.
            "maps": [Markup(draw_map(merged, rule, one, unit)) for one in does],
            "plot": Markup(draw_list(candidates[role], measured[TARGETS[role]], aim, role, unit)),
            "picked": picked,
            "listed": shown,
            "n": summary["candidates"][rule.named(role)],
            "motifs": sorted({one["motif"] for one in shown}),
            "refused": _refused(merged, role),
        })  # fmt: skip
    script = (files("organode.screen") / "report.js").read_text(encoding="utf-8")
    return html.render(
        "organode.screen",
        sections=sections,
        plane=Markup(draw_plane(merged, rule, unit)),
        pairs=None if pairs is None else [_pair(row) for row in pairs.to_dict("records")],
        cell=CELLS[settings.cell],
        tiers=[tier for tier in ORDER if tier in settings.tiers],
        left_out=[tier for tier in ORDER if tier not in settings.tiers],
        verified=_verified(verified),
        rule=rule,
        models=models,
        stability=stability,
        summary=summary,
        settings=settings,
        columns=_potential_columns(unit, rule) | COLUMNS,
        solvent=liquid,
        home=HOME,
        reference=reference,
        unit=unit,
        tested=_tested(summary),
        script=Markup(script),
        # Nothing but this script may run, whatever a molecule is called.
        script_hash=b64encode(sha256(script.encode()).digest()).decode(),
    )


def superscript(reference: str) -> str:
    """Return a reference electrode's name as it is printed: Mg/Mg²⁺."""
    return re.sub(r"(2?)\+", lambda found: "²⁺" if found[1] else "⁺", reference)


def _tested(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was found of both potentials together."""
    n, inside = (sum(one[key] for one in summary["measured"].values()) for key in ("n", "inside"))
    return {"n": n, "inside": inside, "percent": round(100 * inside / n)}


def _potential_columns(unit: str, rule: Rule) -> dict[str, str]:
    """Return what the columns mean that are decided by."""
    level, zero = f"{100 * rule.level:g} %", f"{rule.thesis.absolute_li:.2f} V"
    low, high = rule.window.low.volts, rule.window.high.volts
    return {
        "E_ox, E_red": f"first oxidation and reduction potential on the laboratory scale, {unit}",
        "E_ox2, E_red2": "those of a second electron, likewise; none of a radical",
        "…_lower, …_upper": f"ends of the {level} error bar",
        "E_ox_remark, E_red_remark, …": "why that error bar is wide",
        "P_ox, P_red, …": f"probability that E_ox, E_red, … is between {low:.2f} and {high:.2f} V",
        "tier, tier_reason, core": "what rules say of the ion that works in the cell: fine, "
        "caution or fatal, and why; the group that is known to last",
        "P_stable": "probability that this ion lasts as long as a voltammogram takes and longer, "
        "of both ions in a symmetric cell; learned from couples that were seen to be reversible "
        "or not",
        "P_inside": "that of the first wave, or both first waves, at which the molecule works",
        "IE, EA": "ionization energy and electron affinity as the models compute them, eV, with "
        f"{level} error bars against their labels; …_in_domain, …_remark: whether the molecule is "
        "like those that the model learned from, and why not",
        "E_ox_computed, E_red_computed": f"IE − {zero} and EA − {zero}, the computed scale, V vs "
        "Li/Li⁺",
    }


def _title(rule: Rule, role: str) -> str:
    """Return a section's heading: what is looked for."""
    if rule.together:
        return "Both electrodes"
    return f"{rule.tasks[role].electrode.capitalize()} electrode, {role}-type"


def _form(does: Sequence[str]) -> str:
    """Return what rules look at, of a molecule that works in these roles."""
    if len(does) > 1:
        return "its oxidised and its reduced form"
    return "its oxidised form" if does[0] == P else "its reduced form"


def _heads(does: Sequence[str], unit: str) -> list[tuple[str, bool, str]]:
    """Return the heads of a table's potentials: name, that it is a number, and what it means."""
    ends = ("from", True, "lower end of the error bar"), ("to", True, "upper end")
    names = ["E" if len(does) == 1 else POTENTIALS[role] for role in does]
    return [head for name in names for head in ((f"{name} / V", True, unit), *ends)]


def _entry(row: Mapping[Any, Any], does: Sequence[str], own: Sequence[str]) -> dict[str, Any]:
    """Return what the report says of a candidate that works in these roles."""
    outside = [TARGETS[role] for role in does if not row[f"{TARGETS[role]}_in_domain"]]
    first, second = ([waves[role] for role in does] for waves in (POTENTIALS, SECOND))
    wide = [row[f"{name}_remark"] for name in first]
    if row["electrons"] == 2 and not any(wide):
        wide = [row[f"{name}_remark"] for name in second]
    return {
        **{str(name): value for name, value in row.items()},
        "waves": [_wave(row, name) for name in first],
        "second": [_wave(row, name) for name in second] if row["electrons"] == 2 else [],
        "P": row["P_inside"],
        "own": [(name, cell) for name in own if (cell := _shown(row[name]))],
        "inside": not outside,
        "against": row["tier_reason"] if row["tier"] != FINE else "",
        "remark": "; ".join(row[f"{target}_remark"] for target in outside),
        "wide": "; ".join(dict.fromkeys(filter(None, wide))),
        "pick": None if pd.isna(row["pick"]) else int(row["pick"]),
    }


def _wave(row: Mapping[Any, Any], name: str) -> dict[str, Any]:
    ends = {end: row[f"{name}_{end}"] for end in ("lower", "upper")}
    return {"name": name, "volts": row[name], **ends}


def _refused(merged: Merged, role: str) -> list[dict[str, Any]]:
    """Return why molecules are no candidates; of the most frequent reasons with examples."""
    return [
        {
            "why": why,
            "count": count,
            "examples": [
                {"id": name, "volts": volts, "picture": draw(smiles)}
                for name, smiles, volts in (merged.examples[role][why] if place < DRAWN else [])
            ],
        }
        for place, (why, count) in enumerate(refused(merged, role).items())
    ]


def _shown(cell: object) -> str:
    """Return a cell of a person's own column as a card shows it."""
    text = "" if pd.isna(cell) else " ".join(str(cell).split())  # type: ignore[call-overload]
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _verified(table: pd.DataFrame | None) -> list[dict[str, Any]]:
    """Return a line for each molecule and target that was computed."""
    lines = []
    for row in table.to_dict("records") if table is not None else ():
        for target in ("IE", "EA"):
            inside = row[f"{target}_inside"]
            lines.append({
                **{name: row[name] for name in ("electrode", "role", "rank", "id", "status")},
                "target": target, "value": row[target], "lower": row[f"{target}_lower"],
                "upper": row[f"{target}_upper"], "computed": row[f"{target}_computed"],
                "inside": None if pd.isna(inside) else bool(inside),
            })  # fmt: skip
    return lines


def _pair(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        **{str(name): value for name, value in row.items()},
        "positive_picture": draw(row["positive_smiles"]),
        "negative_picture": draw(row["negative_smiles"]),
    }
