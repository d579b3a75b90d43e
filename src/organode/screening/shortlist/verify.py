"""Verify the best candidates by quantum chemistry: compare computed with predicted energies."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from organode.artifacts import TARGETS
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


def read_embedded(path: Path) -> pd.DataFrame:
    """Read the embedded set, organode's own training data, with IE and EA by xTB and by B3LYP.

    Raises
    ------
    UsageError
        If the file does not exist.
    OrganodeError
        If the file is damaged or another table.
    """
    if not path.exists():
        raise UsageError(
            f"{path} is missing, the embedded set, by which labels of xTB are corrected: run the "
            "command in the project's folder, or name the file by --set curate.xtb_reference=PATH"
        )
    try:
        table = read_csv(path)
        table[["smiles", *(f"{target}_b3lyp" for target in TARGETS)]]
    except (OSError, ValueError, KeyError) as error:
        raise explained(error, path) or OrganodeError(
            f"{path} is damaged or not the embedded set: restore it with `git checkout -- {path}`"
        ) from error
    return table


def fit_corrections(embedded: pd.DataFrame) -> dict[str, Correction]:
    """Fit the corrections that convert IE and EA computed by xTB to B3LYP values.

    Parameters
    ----------
    embedded : pandas.DataFrame
        The embedded set, as `read_embedded` reads it.

    Returns
    -------
    dict of Correction
        Corrections under the keys ``IE`` (ionization energy) and ``EA`` (electron affinity).

    Raises
    ------
    OrganodeError
        If too few molecules have energies by both methods.
    """
    return {target: fit(embedded, target) for target in TARGETS}


def verify(
    candidates: Mapping[str, pd.DataFrame],
    n: int,
    models: Sequence[Loaded],
    corrections: Mapping[str, Correction],
    folder: Path,
    jobs: int,
) -> pd.DataFrame:
    """Compute IE and EA of the best candidates by xTB, to compare them with the predictions.

    IE (ionization energy) and EA (electron affinity) are computed in the same way as the labels of
    the embedded set (organode's own training table): by xTB in acetonitrile, corrected to B3LYP.

    Parameters
    ----------
    candidates : mapping of str to pandas.DataFrame
        Tables of ranked candidates by role (``p`` or ``n``). Candidates of the diverse subset
        (column `pick`) are computed first, then the others by rank.
    n : int
        Number of candidates to compute in each role.
    models : sequence of Loaded
        The models that predicted IE and EA. A computed value tests a prediction only if the model
        was trained at the same level of theory.
    corrections : mapping of str to Correction
        For ``IE`` and ``EA``, from `fit_corrections`.
    folder : Path
        Folder that keeps finished molecules, so that an interrupted command resumes.
    jobs : int
        Number of processes.

    Returns
    -------
    pandas.DataFrame
        One row for each computed candidate: `electrode`, `role`, `rank`, `id` and `smiles` as in
        `candidates`; `status` of the computation, ``ok`` or why it failed; for IE (and likewise EA,
        both in eV) the prediction `IE` with `IE_lower` and `IE_upper`, the computed `IE_computed`,
        and `IE_inside`, whether `IE_computed` lies between the two bounds. `IE_inside` is missing
        where the computation failed, or the model was trained on labels of another level of theory.
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
