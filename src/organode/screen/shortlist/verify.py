"""The best candidates, computed by quantum chemistry and compared with what was predicted."""

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
    "electrode", "role", "rank", "id", "smiles", "status",
    "IE", "IE_lower", "IE_upper", "IE_computed", "IE_inside",
    "EA", "EA_lower", "EA_upper", "EA_computed", "EA_inside",
)  # fmt: skip


def corrections_of(xtb_reference: Path) -> dict[str, Correction]:
    """Return the correction from xTB to B3LYP of each target that the embedded set's values give.

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
        known = read_csv(xtb_reference)
        return {target: fit(known, target) for target in ("IE", "EA")}
    except (OSError, ValueError, KeyError) as error:
        raise explained(error, xtb_reference) or OrganodeError(
            f"{xtb_reference} is damaged or not the embedded set: restore it with "
            f"`git checkout -- {xtb_reference}`"
        ) from error


def verify(
    chosen: Mapping[str, pd.DataFrame],
    n: int,
    models: Sequence[Loaded],
    corrections: Mapping[str, Correction],
    folder: Path,
    jobs: int,
) -> pd.DataFrame:
    """Compute IE and EA of the n best candidates in each role, as the embedded labels were.

    By xTB in acetonitrile, mapped to B3LYP by the map that the embedded set's own values give.

    Parameters
    ----------
    chosen : mapping of str to pandas.DataFrame
        Of each listed role, as `ranked` returns them; picks come first, then the rest by rank.
    n : int
        How many of each.
    models : sequence of Loaded
        That predicted. Only labels of the level that they learned can tell whether they are right.
    corrections : mapping of str to Correction
        As `corrections_of` returns them.
    folder : Path
        Where the engine keeps what is done, so that it can be gone on with.
    jobs : int
        Processes.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, energies in eV; `…_inside` says whether the computed value lies inside the
        prediction's interval, and is empty where nothing was computed or where the model learned
        labels of another level of theory.
    """
    from organode.label.engine import label_table  # xTB, only where it is asked for

    best = pd.concat(
        [table.sort_values(["pick", "rank"], na_position="last").head(n)
         for table in chosen.values()],
        ignore_index=True,
    )  # fmt: skip
    smiles = best["structure"].tolist()
    name = hashlib.sha256("\n".join(smiles).encode()).hexdigest()[:12]
    found = label_table(
        smiles, folder / f"labels-{name}.csv", level="xtb", solvent=SOLVENT, adiabatic=False,
        jobs=jobs,
    )  # fmt: skip
    best["status"] = found["status"].to_numpy()
    levels = {one.registered.target: one.registered.level_of_theory for one in models}
    for target in ("IE", "EA"):
        solvation = (found[target] - found[f"{target}_ipea1"]).to_numpy(float)
        computed = corrections[target].apply(found) + solvation
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
