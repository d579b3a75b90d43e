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

SOLVENT = "acetonitrile"  # of the labels in the embedded set, organode's own training table
COLUMNS = (
    *("electrode", "role", "rank", "id", "smiles", "status"),
    *("IE", "IE_lower", "IE_upper", "IE_computed", "IE_inside"),
    *("EA", "EA_lower", "EA_upper", "EA_computed", "EA_inside"),
)


def fit_corrections(xtb_reference: Path) -> dict[str, Correction]:
    """Fit corrections of xTB energies to B3LYP, for IE and EA, to a table that has both.

    Parameters
    ----------
    xtb_reference : Path
        CSV of molecules of the embedded set (organode's own training data), with energies by xTB
        and by B3LYP.

    Returns
    -------
    dict of Correction
        For ``IE`` and ``EA``.

    Raises
    ------
    UsageError
        If the file does not exist.
    OrganodeError
        If it is damaged, or has too few molecules with energies by both methods.
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
    """Compute IE and EA of the best candidates by xTB, to compare them with the predictions.

    They are computed as the labels of the embedded set (organode's own training table) were: by xTB
    in acetonitrile, corrected to B3LYP.

    Parameters
    ----------
    candidates : mapping of str to pandas.DataFrame
        Ranked candidates of each role with its own list. Those of the diverse subset (`pick`) are
        computed first, then the rest by rank.
    n : int
        How many of each role.
    models : sequence of Loaded
        The models that predicted IE and EA. A computed value tests a prediction only at the level
        of theory that the model was trained on.
    corrections : mapping of str to Correction
        For ``IE`` and ``EA``, from `fit_corrections`.
    folder : Path
        Keeps finished molecules, so that an interrupted command resumes.
    jobs : int
        Number of processes.

    Returns
    -------
    pandas.DataFrame
        One row for each computed candidate: `electrode`, `role`, `rank`, `id` and `smiles` as in
        `candidates`; `status` of the computation, ``ok`` or why it failed; for IE (and likewise EA,
        both in eV) the prediction `IE` with `IE_lower` and `IE_upper`, the computed `IE_computed`,
        and `IE_inside`, whether this lies between the bounds. `IE_inside` is missing where the
        computation failed, or the model was trained on labels of another level of theory.
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
