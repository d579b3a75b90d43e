"""Filters on structure and capacity, off by default, which apply beside potential and stability."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from rdkit import Chem

from organode.chem.molecule import ORGANIC_ELEMENTS, atoms
from organode.chem.motifs import PATTERNS, family
from organode.errors import UsageError
from organode.screening.criteria.properties import alerts, sa_score
from organode.settings import Filter


def check_filter(limits: Filter) -> None:
    """Check that the elements and chemical groups named in the filter settings are known.

    Raises
    ------
    UsageError
        If an element or a group is not known; the message lists all that are known.
    """
    for key, names, known in (
        ("avoid_elements", limits.avoid_elements, sorted(ORGANIC_ELEMENTS)),
        ("motifs", limits.motifs, PATTERNS),
    ):
        for name in names:
            if name not in known:
                raise UsageError(
                    f"screen.filter.{key}: '{name}' is not known: known are {', '.join(known)}"
                )


def refusals(limits: Filter, structures: Sequence[str], energies: pd.DataFrame) -> list[str]:
    """Return why the filters refuse each of n molecules; an empty text for molecules that pass.

    Parameters
    ----------
    limits : Filter
        The settings `screen.filter`.
    structures : sequence of str
        n SMILES; used only if `looks_at_structures` says so.
    energies : pandas.DataFrame
        n rows, with the column `capacity_mAh_g`.
    """
    if looks_at_structures(limits):
        reasons = [_structural_reason(limits, Chem.MolFromSmiles(text)) for text in structures]
    else:
        reasons = [""] * len(structures)
    if limits.min_capacity is None:
        return reasons
    too_low = f"capacity below {limits.min_capacity:g} mAh/g"
    is_too_low = (energies["capacity_mAh_g"] < limits.min_capacity).tolist()
    return [
        reason or (too_low if low else "") for reason, low in zip(reasons, is_too_low, strict=True)
    ]


def looks_at_structures(limits: Filter) -> bool:
    """Return whether the filter settings have a condition that needs the parsed structure."""
    return bool(
        limits.avoid_elements
        or limits.motifs
        or limits.no_alerts
        or limits.max_sa_score is not None
    )


def _structural_reason(limits: Filter, molecule: Chem.Mol) -> str:
    """Return why the filters refuse a molecule for its structure; an empty text if they do not.

    If several conditions fail, only one is given.
    """
    avoided = {atom.GetSymbol() for atom in atoms(molecule)} & set(limits.avoid_elements)
    if avoided:
        return f"contains {', '.join(sorted(avoided))}"
    if limits.motifs and family(molecule) not in limits.motifs:
        return "group of no interest"
    if limits.max_sa_score is not None and sa_score(molecule) > limits.max_sa_score:
        return f"SA score above {limits.max_sa_score:g}"
    if limits.no_alerts and alerts(molecule):
        return "structural alert"
    return ""
