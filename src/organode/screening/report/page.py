"""Write the report of a screening for chemists: one HTML file that opens offline."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.resources import files
from typing import Any

import pandas as pd
from markupsafe import Markup
from rdkit import Chem

from organode.chem.drawing import draw
from organode.chem.molecule import flat_smiles
from organode.compare.drawing import coloured
from organode.compare.explanation import Explanation
from organode.electrochemistry import solvent
from organode.electrochemistry.cells import P
from organode.electrochemistry.scale.gaussian_process import HOME
from organode.electrochemistry.stability import FINE
from organode.screening.columns import FIRST_WAVE, PROPERTIES, SECOND_WAVE, TARGET
from organode.screening.criteria.criteria import Criteria
from organode.screening.criteria.stability import TIER_ORDER
from organode.screening.report.figures import draw_candidates, draw_histogram, draw_plane
from organode.screening.result import ScreenResult
from organode.utils.report import html

LONGEST_CELL = 60  # characters of a cell of the library's own columns
IN_TABLE = 500  # candidates of each role in the report's table, apart from those that are drawn
DRAWN_REASONS = 40  # reasons for refusal whose examples are drawn


def render(result: ScreenResult, summary: Mapping[str, Any]) -> str:
    """Return the HTML of a screening's report; every text from the input is escaped.

    Parameters
    ----------
    result : ScreenResult
        The finished screening.
    summary : mapping
        The content of `summary.json`, from `organode.screening.report.summary.summarise`.
    """
    criteria, settings = result.criteria, result.criteria.settings
    liquid = solvent(settings)
    reference = superscript(criteria.window.reference)
    unit = f"V vs {reference} in {liquid.title}"
    script = (files("organode.screening.report") / "report.js").read_text(encoding="utf-8")
    return html.render(
        "organode.screening.report",
        sections=[_section(result, role, summary, unit) for role in criteria.listed_roles],
        # Markup: the drawings are organode's own, and their texts are escaped already.
        plane=Markup(draw_plane(result, unit)),
        pairs=None if result.pairs is None else [_pair(row) for row in _records(result.pairs)],
        tiers=[tier for tier in TIER_ORDER if tier in settings.tiers],
        left_out=[tier for tier in TIER_ORDER if tier not in settings.tiers],
        verified=[] if result.verified is None else _verified(result.verified),
        criteria=criteria,
        settings=settings,
        models=result.models,
        stability=result.stability,
        summary=summary,
        columns=_potential_columns(unit, criteria) | PROPERTIES,
        solvent=liquid,
        home=HOME,
        reference=reference,
        unit=unit,
        tested=_tested(summary),
        script=Markup(script),
        # Browsers run only the script of this hash, even if a molecule's name contains a script.
        script_hash=b64encode(sha256(script.encode()).digest()).decode(),
    )


def _section(
    result: ScreenResult, role: str, summary: Mapping[str, Any], unit: str
) -> dict[str, Any]:
    """Return the values for the report's section on the candidates of a role, by name.

    Parameters
    ----------
    result : ScreenResult
        The finished screening.
    role : str
        ``p`` (molecules that give off electrons) or ``n`` (molecules that take up electrons).
    summary : mapping
        The content of `summary.json`.
    unit : str
        Unit of the potentials, such as ``V vs Li/Li⁺ in acetonitrile``.
    """
    criteria = result.criteria
    roles, label = criteria.filled_roles(role), criteria.label(role)
    entries = [_entry(row, roles, result.own_columns) for row in _records(result.candidates[role])]
    picked = sorted((entry for entry in entries if entry["pick"]), key=lambda entry: entry["pick"])
    for entry in picked:
        reasons = {each: result.explanations[each][entry["smiles"]] for each in roles}
        entry["why"] = [_why(entry, each, reason) for each, reason in reasons.items()]
        entry["picture"] = _picture(entry["structure"], reasons[roles[0]])
    listed = [entry for at, entry in enumerate(entries) if at < IN_TABLE or entry["pick"]]
    return {
        "role": role,
        "name": label,
        "title": _title(criteria, role),
        "form": _form(roles),
        "coloured_by": FIRST_WAVE[roles[0]],
        "heads": _heads(roles, unit),
        "task": criteria.tasks[role],
        "maps": [Markup(draw_histogram(result, each, unit)) for each in roles],
        "plot": Markup(draw_candidates(result, role, unit)),
        "picked": picked,
        "listed": listed,
        "n": summary["candidates"][label],
        "motifs": sorted({entry["motif"] for entry in listed}),
        "refused": _refused(result, role),
    }


def _records(table: pd.DataFrame) -> list[dict[Any, Any]]:
    return table.to_dict("records")


def superscript(reference: str) -> str:
    """Return the name of a reference electrode with superscripts: ``Mg/Mg²⁺`` for ``Mg/Mg2+``."""
    return re.sub(r"(2?)\+", lambda charge: "²⁺" if charge[1] else "⁺", reference)


def _tested(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return how many measured potentials tested the models, and how many were in their error bar.

    The keys are `n` (measured potentials), `inside` (those inside the predicted error bar) and
    `percent` (`inside` in % of `n`). `summary` is the content of `summary.json`.
    """
    tests = summary["measured"].values()
    n, inside = (sum(test[key] for test in tests) for key in ("n", "inside"))
    return {"n": n, "inside": inside, "percent": round(100 * inside / n)}


def _potential_columns(unit: str, criteria: Criteria) -> dict[str, str]:
    """Return the meaning of the columns of potentials, energies and stability, by column name.

    `unit` is that of the potentials, such as ``V vs Li/Li⁺ in acetonitrile``.
    """
    settings = criteria.settings
    level, zero = f"{100 * settings.level:g} %", f"{settings.absolute_li:.2f} V"
    low, high = criteria.window_ends
    return {
        "E_ox, E_red": f"first oxidation and reduction potential on the laboratory scale, {unit}",
        "E_ox2, E_red2": "those of a second electron, likewise; radicals have none",
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


def _title(criteria: Criteria, role: str) -> str:
    """Return the heading of the report's section on a role, such as ``Positive electrode, p-type``.

    `role` is ``p`` (molecules that give off electrons) or ``n`` (molecules that take up electrons).
    """
    if criteria.cell.together:
        return "Both electrodes"
    return f"{criteria.tasks[role].electrode.capitalize()} electrode, {role}-type"


def _form(roles: Sequence[str]) -> str:
    """Return which form of a molecule has to be stable in its roles, such as ``its oxidised form``.

    `roles` are ``p`` (the molecule gives off electrons), ``n`` (it takes up electrons), or both.
    """
    if len(roles) > 1:
        return "its oxidised and its reduced form"
    return "its oxidised form" if roles[0] == P else "its reduced form"


def _heads(roles: Sequence[str], unit: str) -> list[tuple[str, bool, str]]:
    """Return the heads of the report's columns of potentials.

    Each head is a tuple: the name of the column, whether the column holds numbers, and the meaning
    of the column.

    Parameters
    ----------
    roles : sequence of str
        The roles of the molecules: ``p`` for oxidation potentials, ``n`` for reduction potentials.
    unit : str
        Unit of the potentials, such as ``V vs Li/Li⁺ in acetonitrile``.
    """
    ends = ("from", True, "lower end of the error bar"), ("to", True, "upper end")
    names = ["E" if len(roles) == 1 else FIRST_WAVE[role] for role in roles]
    return [head for name in names for head in ((f"{name} / V", True, unit), *ends)]


def _entry(row: Mapping[Any, Any], roles: Sequence[str], own: Sequence[str]) -> dict[str, Any]:
    """Return the values that the report shows of a candidate, by name.

    Parameters
    ----------
    row : mapping
        The candidate's row in the table of candidates.
    roles : sequence of str
        The roles of the molecule: ``p`` (it gives off electrons), ``n`` (it takes up electrons), or
        both.
    own : sequence of str
        Names of the columns that come from the library's files.
    """
    outside = [TARGET[role] for role in roles if not row[f"{TARGET[role]}_in_domain"]]
    first, second = ([waves[role] for role in roles] for waves in (FIRST_WAVE, SECOND_WAVE))
    wide = [row[f"{name}_remark"] for name in first]
    if row["electrons"] == 2 and not any(wide):
        wide = [row[f"{name}_remark"] for name in second]
    return {
        **{str(name): value for name, value in row.items()},
        "waves": [_wave(row, name) for name in first],
        "second": [_wave(row, name) for name in second] if row["electrons"] == 2 else [],
        "P": row["P_inside"],
        "own": [(name, cell) for name in own if (cell := _shortened(row[name]))],
        "inside": not outside,
        "against": row["tier_reason"] if row["tier"] != FINE else "",
        "remark": "; ".join(row[f"{target}_remark"] for target in outside),
        "wide": "; ".join(dict.fromkeys(filter(None, wide))),
        "pick": None if pd.isna(row["pick"]) else int(row["pick"]),
    }


def _why(row: Mapping[Any, Any], role: str, reason: Explanation) -> dict[str, Any]:
    """Return what the core and the groups of a candidate add to its potential in a role, by name.

    The keys are `name`, such as ``E_ox``; `core`, the SMILES of the core; `volts`, the potential of
    the core in the units of `row`; and `groups`, pairs of SMILES and volts, the largest share
    first; and `remark`. `groups` is empty if the candidate was not divided; `remark` may say why.
    """
    # Rounded as shown; adding 0.0 turns −0.0 into 0.0.
    groups = [(part.fragment, round(float(part.volts[0]), 2) + 0.0) for part in reason.parts]
    groups.sort(key=lambda group: -abs(group[1]))
    volts = row[FIRST_WAVE[role]] - sum(float(part.volts[0]) for part in reason.parts)
    return {
        "name": FIRST_WAVE[role],
        "core": reason.core,
        "volts": volts,
        "groups": groups,
        "remark": reason.remark,
    }


def _picture(smiles: str, reason: Explanation) -> Markup:
    """Draw a candidate, its groups coloured by their shares.

    `smiles` is the structure as read, `reason` explains the structure without stereo and isotopes;
    where the two differ, the structure as read is drawn without colours.
    """
    molecule = Chem.MolFromSmiles(smiles)
    if not reason.parts or molecule is None or Chem.MolToSmiles(molecule) != flat_smiles(molecule):
        return draw(smiles)
    return Markup(coloured(reason.as_dict(0, 0.0)))


def _wave(row: Mapping[Any, Any], name: str) -> dict[str, Any]:
    """Return a potential of a candidate: its name, such as ``E_ox``, its value and its bounds, V.

    `row` is the candidate's row in the table of candidates.
    """
    ends = {end: row[f"{name}_{end}"] for end in ("lower", "upper")}
    return {"name": name, "volts": row[name], **ends}


def _refused(result: ScreenResult, role: str) -> list[dict[str, Any]]:
    """Return the reasons for refusing molecules in a role, with counts and examples.

    Only the most frequent reasons have examples, which are drawn. `role` is ``p`` (molecules that
    give off electrons) or ``n`` (molecules that take up electrons).
    """
    reasons = []
    for place, (why, count) in enumerate(result.counts.refused(role).items()):
        molecules = result.counts.examples[role][why] if place < DRAWN_REASONS else []
        examples = [
            {"id": name, "volts": volts, "picture": draw(smiles)}
            for name, smiles, volts in molecules
        ]
        reasons.append({"why": why, "count": count, "examples": examples})
    return reasons


def _shortened(cell: object) -> str:
    """Return a cell of a library's file as one line of at most `LONGEST_CELL` (60) characters."""
    text = "" if pd.isna(cell) else " ".join(str(cell).split())  # type: ignore[call-overload]
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"


def _verified(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the comparison of predicted with computed energies, one line for each value.

    There are two lines for each candidate that was computed by quantum chemistry: for IE
    (ionization energy) and for EA (electron affinity). `table` is the result of
    `organode.screening.shortlist.verify.verify`.
    """
    lines = []
    for row in _records(table):
        for target in ("IE", "EA"):
            inside = row[f"{target}_inside"]
            line = {name: row[name] for name in ("electrode", "role", "rank", "id", "status")}
            line |= {"target": target, "value": row[target]}
            line |= {name: row[f"{target}_{name}"] for name in ("lower", "upper", "computed")}
            lines.append(line | {"inside": None if pd.isna(inside) else bool(inside)})
    return lines


def _pair(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return what the report shows of a cell of two candidates, by name.

    This is the cell's row in the table of pairs, with a drawing of each of the two molecules.
    """
    return {
        **{str(name): value for name, value in row.items()},
        "positive_picture": draw(row["positive_smiles"]),
        "negative_picture": draw(row["negative_smiles"]),
    }
