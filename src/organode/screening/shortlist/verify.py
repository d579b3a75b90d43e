"""Verify the best candidates by quantum chemistry: computed against predicted energies."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from organode.errors import OrganodeError, UsageError
from organode.fetch.local import EMBEDDED
from organode.label.correction import Correction, fit
from organode.tracking.registry.versions import Loaded
from organode.utils.resources import explained
from organode.utils.tables import read_csv

SOLVENT = "acetonitrile"  # of the embedded labels
COLUMNS = (
    *("electrode", "role", "rank", "id", "smiles", "status"),
    *("IE", "IE_lower", "IE_upper", "IE_computed", "IE_inside"),
    *("EA", "EA_lower", "EA_upper", "EA_computed", "EA_inside"),
)


def fit_corrections(xtb_reference: Path) -> dict[str, Correction]:
    """Fit the correction from xTB to B3LYP of each target to the embedded set's values.

    Raises
    ------
    UsageError
        If the embedded set is not there.
    OrganodeError
        If it holds too few molecules with both levels.
    """
    if not xtb_reference.exists():
        raise UsageError(
            f"{xtb_reference} is missing: --verify needs the embedded set's own values"
        )
    try:
        table = read_csv(xtb_reference)
        return {target: fit(table, target) for target in ("IE", "EA")}
    except (OSError, ValueError, KeyError) as error:
        raise explained(error, xtb_reference) or OrganodeError(
            f"{xtb_reference} is damaged or not the embedded set: restore it with "
            f"`git checkout -- {xtb_reference}`"
        ) from error


def verify(
    candidates: Mapping[str, pd.DataFrame],
    n: int,
    models: Sequence[Loaded],
    corrections: Mapping[str, Correction],
    folder: Path,
    jobs: int,
) -> pd.DataFrame:
    """Compute IE and EA of the n best candidates in each role as the embedded labels were computed.

    That is xTB in acetonitrile, corrected to B3LYP.

    Parameters
    ----------
    candidates : mapping of str to pandas.DataFrame
        Of each listed role, ranked; the diverse picks are computed first, then the rest by rank.
    n : int
        How many of each role.
    models : sequence of Loaded
        That predicted. A computed value tests a prediction only at the level of theory that the
        model was trained on.
    corrections : mapping of str to Correction
        From `fit_corrections`.
    folder : Path
        Keeps finished molecules, so that an interrupted command resumes.
    jobs : int
        Processes.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, energies in eV; `…_inside` says whether the computed value lies inside the
        prediction's interval. It is empty where the computation failed, or the model was trained on
        labels of another level of theory.
    """
    from organode.label.engine import label_table  # needs xTB

    best = pd.concat(
        [
            table.sort_values(["pick", "rank"], na_position="last").head(n)
            for table in candidates.values()
        ],
        ignore_index=True,
    )
    smiles = best["structure"].tolist()
    digest = hashlib.sha256("\n".join(smiles).encode()).hexdigest()[:12]
    file = folder / f"labels-{digest}.csv"
    labels = label_table(smiles, file, level="xtb", solvent=SOLVENT, adiabatic=False, jobs=jobs)
    best["status"] = labels["status"].to_numpy()
    levels = {loaded.registered.target: loaded.registered.level_of_theory for loaded in models}
    for target in ("IE", "EA"):
        solvation = (labels[target] - labels[f"{target}_ipea1"]).to_numpy(float)
        computed = corrections[target].apply(labels) + solvation
        inside = pd.array(
            (computed >= best[f"{target}_lower"]) & (computed <= best[f"{target}_upper"]), "boolean"
        )
        if levels[target] == EMBEDDED.level_of_theory:
            inside[pd.isna(computed)] = pd.NA
        else:
            inside[:] = pd.NA
        best[f"{target}_computed"] = computed
        best[f"{target}_inside"] = inside
    return best[list(COLUMNS)]
